"""A server that greets whoever connects, and then sends a line now and then, or, told a period, lines of one size at that
period; the client only reads, and never writes a byte. ticker.py server [PERIOD] | ticker.py client HOST"""
import random
import socket
import sys
import time

from say import name, say

PORT = 9070


def server(period=None):
    dice = random.Random(11)
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    sock.sendall(b"TICKER 4.1 ready, times are UTC\n")
    say("greeted %s" % name(peer))
    for count in range(1, 1000000):
        time.sleep(period or min(6, dice.expovariate(1 / 1.8)))
        sock.sendall(b"TICK %06d %s\n" % (count, b"t" * 40) if period
                     else b"TICK %d %s\n" % (count, b"t" * dice.randint(5, 160)))
        if count % (10 if period else 20) == 0:
            say("sent tick %d" % count)


def client(host):
    sock = socket.create_connection((host, PORT), source_address=("", 40360))
    say("connected")
    for count, _ in enumerate(sock.makefile("rb")):
        if count % 20 == 0:
            say("greeted" if count == 0 else "read tick %d" % count)


if __name__ == "__main__":
    server(*map(float, sys.argv[2:])) if sys.argv[1] == "server" else client(sys.argv[2])
