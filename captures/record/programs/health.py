"""The health check of a load balancer: a SYN by a raw socket, as from a program of its own; its host's kernel knows of
no such connection and answers the SYN-ACK with RST. health.py HOST [--port N] [--every S] [--count N]"""
import argparse
import random
import socket
import struct
import time

from say import say

SYN = 2


def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def syn(here, there, ports, number):
    options = struct.pack(">BBH", 2, 4, 1460)
    head = struct.pack(">HHIIBBHHH", *ports, number, 0, (20 + len(options)) << 2, SYN, 64240, 0, 0)
    pseudo = socket.inet_aton(here) + socket.inet_aton(there) + struct.pack(">HH", socket.IPPROTO_TCP, 24)
    return head[:16] + struct.pack(">H", checksum(pseudo + head + options)) + head[18:] + options


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("--port", type=int, default=9060)
    parser.add_argument("--every", type=float, default=2)
    parser.add_argument("--count", type=int, default=15)
    options = parser.parse_args()
    dice = random.Random(23)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.connect((options.host, 0))
    raw.settimeout(1)
    here = raw.getsockname()[0]
    for count in range(options.count):
        from_port = 40600 + count
        raw.send(syn(here, options.host, (from_port, options.port), dice.getrandbits(32)))
        while True:
            answer = raw.recv(200)
            head = answer[(answer[0] & 15) * 4:]
            if struct.unpack_from(">H", head, 2)[0] == from_port:
                break
        if count % 5 == 0:
            say("check %d: flags %#x, the service is up" % (count + 1, head[13]))
        time.sleep(options.every)


if __name__ == "__main__":
    main()
