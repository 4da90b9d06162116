#!/usr/bin/env python3
"""Writes one small capture for each clause of tshark's rule for numbering TCP conversations (tcp.stream), beside this
script; with --answers also answers.tsv, the numbers that tshark gives (they are those of 4.0: later versions differ after
a RST or FIN with the same initial sequence number). Only the standard library is used.

The clauses are those of src/flow/wireshark_id.c; a file is named after what it shows."""
import ipaddress
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FIN, SYN, RST, PSH, ACK, ECE, CWR = 1, 2, 4, 8, 16, 64, 128
A, B, R = "10.1.0.1", "10.1.0.2", "10.1.0.254"
A6, B6, R6 = "2001:db8::1", "2001:db8::2", "2001:db8::fe"
CLIENT, SERVER = (A, 40001), (B, 9001)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pseudo(source, target, protocol, length):
    raw = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
    return raw + struct.pack(">IxxxB", length, protocol)


def tcp(source, target, flags, seq, ack=0, size=0):
    """TCP segment without its IP header."""
    body = bytes(0x61 + i % 26 for i in range(size))
    head = struct.pack(">HHIIBBHHH", source[1], target[1], seq % 2**32, ack % 2**32, 5 << 4, flags, 64240, 0, 0)
    total = checksum(pseudo(source[0], target[0], 6, len(head) + size) + head + body)
    return head[:16] + struct.pack(">H", total) + head[18:] + body


def ip(source, target, protocol, body, offset=0, more=False, ident=1):
    if ":" in source:
        return struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + ipaddress.ip_address(source).packed + \
            ipaddress.ip_address(target).packed + body
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), ident, (0x2000 if more else 0) | offset // 8, 64, protocol,
                       0, ipaddress.ip_address(source).packed, ipaddress.ip_address(target).packed)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def ether(packet, vlans=()):
    tags = b"".join(struct.pack(">HH", 0x8100, vlan) for vlan in vlans)
    kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
    return bytes.fromhex("0200000000020200000000 01".replace(" ", "")) + tags + struct.pack(">H", kind) + packet


def segment(source, target, flags, seq, ack=0, size=0):
    return ip(source[0], target[0], 6, tcp(source, target, flags, seq, ack, size))


def frame(*args, **named):
    return ether(segment(*args, **named))


def unreachable(router, source, target, flags, seq, ack=0, quoted=20):
    """Host unreachable from `router`, quoting `quoted` bytes of the TCP header that `source` sent."""
    packet = segment(source, target, flags, seq, ack)
    if ":" in source[0]:
        body = struct.pack(">BBHI", 1, 3, 0, 0) + packet[:40 + quoted]
        total = checksum(pseudo(router, source[0], 58, len(body)) + body)
        return ether(ip(router, source[0], 58, body[:2] + struct.pack(">H", total) + body[4:]))
    body = struct.pack(">BBHI", 3, 1, 0, 0) + packet[:20 + quoted]
    return ether(ip(router, source[0], 1, body[:2] + struct.pack(">H", checksum(body)) + body[4:]))


def handshake(client=CLIENT, server=SERVER, isn=1000, other=5000):
    return [frame(client, server, SYN, isn), frame(server, client, SYN | ACK, other, isn + 1),
            frame(client, server, ACK, isn + 1, other + 1)]


def vxlan(packet):
    inner = struct.pack(">II", 0x08000000, 42 << 8) + ether(packet)
    return ether(ip("192.0.2.1", "192.0.2.2", 17, struct.pack(">HHHH", 50000, 4789, 8 + len(inner), 0) + inner))


THIRD = (A, 40002)  # another tuple: shows whether a number was taken before it
LAST = frame(THIRD, SERVER, SYN, 1)


def clauses():
    """Name and frames of each capture."""
    yield "unknown-tuple", [frame(CLIENT, SERVER, SYN, 1), frame((A, 40003), SERVER, SYN, 1), frame(CLIENT, (B, 9002), SYN, 1),
                            frame(("10.1.0.3", 40001), SERVER, SYN, 1), frame(SERVER, CLIENT, SYN | ACK, 9, 2),
                            frame(CLIENT, SERVER, ACK, 2, 10)]
    yield "syn-repeated-is-the-same", handshake() + [frame(CLIENT, SERVER, SYN, 1000), LAST]
    yield "syn-with-other-seq-is-new", handshake() + [frame(CLIENT, SERVER, SYN, 1001), frame(CLIENT, SERVER, SYN, 1001),
                                                      frame(CLIENT, SERVER, SYN, 1000), LAST]
    yield "syn-from-the-other-side", handshake() + [frame(SERVER, CLIENT, SYN, 5000), frame(SERVER, CLIENT, SYN, 5001), LAST]
    yield "syn-ack-first-sets-both-bases", [frame(SERVER, CLIENT, SYN | ACK, 5000, 1001), frame(CLIENT, SERVER, SYN, 1000),
                                            frame(SERVER, CLIENT, SYN, 5000), frame(CLIENT, SERVER, SYN, 1001), LAST]
    yield "mid-flow-base-is-seq-less-one", [frame(CLIENT, SERVER, PSH | ACK, 1000, 5000, 10), frame(CLIENT, SERVER, SYN, 999),
                                            frame(CLIENT, SERVER, SYN, 1000), LAST]
    yield "ack-sets-the-other-base", [frame(CLIENT, SERVER, ACK, 1000, 5000), frame(SERVER, CLIENT, SYN, 4999),
                                      frame(SERVER, CLIENT, SYN, 5000), LAST]
    yield "ack-keeps-a-base-that-is-set", handshake() + [frame(CLIENT, SERVER, ACK, 1001, 7000),
                                                         frame(SERVER, CLIENT, SYN, 5000), frame(SERVER, CLIENT, SYN, 6999),
                                                         LAST]
    yield "no-ack-flag-sets-no-base", [frame(CLIENT, SERVER, SYN, 1000, 5000), frame(SERVER, CLIENT, SYN, 7777), LAST]
    yield "syn-ack-overwrites-its-base", [frame(CLIENT, SERVER, SYN, 1000), frame(SERVER, CLIENT, SYN | ACK, 5000, 1001),
                                          frame(SERVER, CLIENT, SYN | ACK, 6000, 1001), frame(SERVER, CLIENT, SYN, 6000),
                                          frame(SERVER, CLIENT, SYN, 5000), LAST]
    yield "syn-ack-leaves-the-other-base", [frame(CLIENT, SERVER, SYN, 1000), frame(SERVER, CLIENT, SYN | ACK, 5000, 3001),
                                            frame(CLIENT, SERVER, SYN, 1000), frame(CLIENT, SERVER, SYN, 3000), LAST]
    yield "new-number-forgets-both-bases", handshake() + [frame(CLIENT, SERVER, SYN, 2000), frame(SERVER, CLIENT, SYN, 7777),
                                                          frame(SERVER, CLIENT, SYN, 7778), LAST]
    yield "simultaneous-open-is-one", [frame(CLIENT, SERVER, SYN, 1000), frame(SERVER, CLIENT, SYN, 5000),
                                       frame(CLIENT, SERVER, SYN | ACK, 1000, 5001), frame(SERVER, CLIENT, SYN | ACK, 5000, 1001),
                                       frame(CLIENT, SERVER, ACK, 1001, 5001), LAST]
    yield "syn-after-rst-same-seq", [frame(CLIENT, SERVER, SYN, 1000), frame(SERVER, CLIENT, RST | ACK, 0, 1001),
                                     frame(CLIENT, SERVER, SYN, 1000), frame(SERVER, CLIENT, SYN | ACK, 5000, 1001), LAST]
    yield "syn-after-fin-same-seq", handshake() + [frame(CLIENT, SERVER, FIN | ACK, 1001, 5001),
                                                   frame(SERVER, CLIENT, FIN | ACK, 5001, 1002),
                                                   frame(CLIENT, SERVER, ACK, 1002, 5002), frame(CLIENT, SERVER, SYN, 1000),
                                                   LAST]
    yield "rst-first-sets-a-base", [frame(SERVER, CLIENT, RST, 5000), frame(SERVER, CLIENT, SYN, 4999),
                                    frame(SERVER, CLIENT, SYN, 5000), LAST]
    yield "syn-with-fin-rst-or-ecn", [frame(CLIENT, SERVER, SYN | ECE | CWR, 1000), frame(CLIENT, SERVER, SYN, 1000),
                                      frame(CLIENT, SERVER, SYN | FIN, 2000), frame(CLIENT, SERVER, SYN | RST, 3000), LAST]
    yield "seq-zero-is-a-base", [frame(CLIENT, SERVER, SYN, 0), frame(CLIENT, SERVER, SYN, 1), frame(CLIENT, SERVER, SYN, 0),
                                 frame(THIRD, SERVER, ACK, 1, 1), frame(THIRD, SERVER, SYN, 0),
                                 frame(SERVER, THIRD, SYN, 0), frame(SERVER, THIRD, SYN, 5), LAST]
    yield "mid-flow-base-wraps", [frame(CLIENT, SERVER, ACK, 0, 0), frame(CLIENT, SERVER, SYN, 2**32 - 1),
                                  frame(SERVER, CLIENT, SYN, 2**32 - 1), frame(CLIENT, SERVER, SYN, 0), LAST]
    yield "silence-splits-nothing", [(0, f) for f in handshake()] + [(90000, frame(CLIENT, SERVER, PSH | ACK, 77777, 88888, 5)),
                                                                     (90001, LAST)]
    yield "self-connect", [frame((A, 5000), (A, 5000), SYN, 1000), frame((A, 5000), (A, 5000), SYN | ACK, 1000, 1001),
                           frame((A, 5000), (A, 5000), ACK, 1001, 1001), frame((A, 5000), (A, 5000), SYN, 2000), LAST]
    yield "same-address-two-ports", [frame((A, 5000), (A, 4000), SYN, 1000), frame((A, 4000), (A, 5000), SYN | ACK, 9, 1001),
                                     frame((A, 4000), (A, 5000), SYN, 9), frame((A, 5000), (A, 4000), SYN, 9), LAST]
    yield "two-vlans-are-one", [ether(segment(CLIENT, SERVER, SYN, 1000), [10]), ether(segment(CLIENT, SERVER, SYN, 1000), [20]),
                                ether(segment(SERVER, CLIENT, SYN | ACK, 5000, 1001), [20]),
                                ether(segment(CLIENT, SERVER, ACK, 1001, 5001), [10, 30]), LAST]
    yield "vlan-with-other-seq-is-new", [ether(segment(CLIENT, SERVER, SYN, 1000), [10]),
                                         ether(segment(CLIENT, SERVER, SYN, 2000), [20]),
                                         ether(segment(CLIENT, SERVER, SYN, 1000), [10]), LAST]
    yield "tunnel-is-one", [frame(CLIENT, SERVER, SYN, 1000),
                            ether(ip("192.0.2.1", "192.0.2.2", 4, segment(CLIENT, SERVER, SYN, 1000))),
                            ether(ip("192.0.2.1", "192.0.2.2", 47, struct.pack(">HH", 0, 0x0800) +
                                     segment(SERVER, CLIENT, SYN | ACK, 5000, 1001))),
                            vxlan(segment(CLIENT, SERVER, ACK, 1001, 5001)), LAST]
    yield from icmp_clauses()
    yield from fragment_clauses()
    yield "ipv6", [frame((A6, 40001), (B6, 9001), SYN, 1000), frame((B6, 9001), (A6, 40001), SYN | ACK, 5000, 1001),
                   frame((A6, 40001), (B6, 9001), SYN, 1001), LAST]
    yield "family-is-part-of-the-tuple", [frame(("0.0.0.1", 40001), ("0.0.0.2", 9001), SYN, 1000),
                                          frame(("::1:0", 40001), ("::2:0", 9001), SYN, 1000),
                                          frame(("1:0::", 40001), ("2:0::", 9001), SYN, 1000), LAST]


def icmp_clauses():
    for quoted in (0, 4, 8, 12, 15, 16, 19, 20):
        yield "icmp-quotes-%02d-bytes" % quoted, [unreachable(R, CLIENT, SERVER, SYN, 1000, quoted=quoted), LAST,
                                                  frame(CLIENT, SERVER, SYN, 1000)]
    yield "icmp-quote-sets-bases", [unreachable(R, CLIENT, SERVER, PSH | ACK, 1000, 5000), frame(CLIENT, SERVER, SYN, 999),
                                    frame(SERVER, CLIENT, SYN, 4999), frame(CLIENT, SERVER, SYN, 1000), LAST]
    yield "icmp-quote-of-16-sets-bases", [unreachable(R, CLIENT, SERVER, PSH | ACK, 1000, 5000, quoted=16),
                                          frame(CLIENT, SERVER, SYN, 999), frame(SERVER, CLIENT, SYN, 4999),
                                          frame(CLIENT, SERVER, SYN, 1000), LAST]
    yield "icmp-quote-finds-a-number", handshake() + [unreachable(R, CLIENT, SERVER, PSH | ACK, 1001, 5001), LAST,
                                                      frame(CLIENT, SERVER, PSH | ACK, 1001, 5001, 3)]
    yield "icmp-quoted-syn-is-new", handshake() + [unreachable(R, CLIENT, SERVER, SYN, 2000), LAST,
                                                   frame(CLIENT, SERVER, SYN, 2000), frame(CLIENT, SERVER, SYN, 1000)]
    yield "icmp-quoted-short-syn-is-nothing", handshake() + [unreachable(R, CLIENT, SERVER, SYN, 2000, quoted=8), LAST,
                                                             frame(CLIENT, SERVER, SYN, 1000)]
    for quoted in (8, 16, 20):
        yield "icmp6-quotes-%02d-bytes" % quoted, [unreachable(R6, (A6, 40001), (B6, 9001), SYN, 1000, quoted=quoted), LAST,
                                                   frame((A6, 40001), (B6, 9001), SYN, 1000)]


def fragment_clauses():
    whole = tcp(CLIENT, SERVER, PSH | ACK, 1001, 5001, 60)
    first = ether(ip(A, B, 6, whole[:40], 0, True, 7))
    second = ether(ip(A, B, 6, whole[40:], 40, False, 7))
    yield "fragments-count-when-complete", [first, LAST, second, frame(CLIENT, SERVER, ACK, 1061, 5001)]
    yield "fragments-out-of-order", [second, LAST, first, frame(CLIENT, SERVER, ACK, 1061, 5001)]
    yield "fragments-never-complete", [first, LAST, frame(CLIENT, SERVER, ACK, 1061, 5001)]


def write(name, frames):
    with open(os.path.join(HERE, name + ".pcap"), "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for index, item in enumerate(frames):
            at, data = item if isinstance(item, tuple) else (0, item)
            out.write(struct.pack("<IIII", 1768381200 + at, 1000 * (index + 1), len(data), len(data)) + data)


def ask_tshark(name):
    """Frame and numbers (several with commas, when a frame holds several TCP headers), as tshark gives them."""
    out = subprocess.run(["tshark", "-n", "-r", os.path.join(HERE, name + ".pcap"), "-T", "fields", "-e", "frame.number",
                          "-e", "tcp.stream"], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in out.splitlines()]


def main():
    names = []
    for name, frames in clauses():
        write(name, frames)
        names.append(name)
    if sys.argv[1:] == ["--answers"]:
        version = subprocess.run(["tshark", "--version"], check=True, capture_output=True, text=True).stdout.split("\n")[0]
        if not re.search(r"\b4\.0\.", version):
            sys.exit("the answers are to be those of tshark 4.0, and this is: " + version)
        with open(os.path.join(HERE, "answers.tsv"), "w") as out:
            out.write("# file\tframe\ttcp.stream (tshark 4.0; - for none)\n")
            for name in names:
                for number, stream in ask_tshark(name):
                    out.write("%s\t%s\t%s\n" % (name, number, stream or "-"))


if __name__ == "__main__":
    main()
