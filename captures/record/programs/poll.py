"""A long poll: the client asks whether there is news, the server answers when there is some, 20 to 30 s later, or after
so many SECONDS. poll.py server [SECONDS] | poll.py client HOST"""
import random
import socket
import sys
import time

from say import name, say

PORT = 9030


def server(seconds):
    dice = random.Random(5)
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    say("accepted %s" % name(peer))
    for line in sock.makefile("rb"):
        time.sleep(float(seconds[0]) if seconds else dice.uniform(20, 30))
        sock.sendall(b"NEWS since=%s %s\n" % (line.split(b"=")[1].strip(), b"n" * dice.randint(20, 300)))


def client(host):
    sock = socket.create_connection((host, PORT), source_address=("", 40320))
    say("connected")
    news = sock.makefile("rb")
    number = 0
    while True:
        number += 1
        sock.sendall(b"POLL since=%d\n" % number)
        begun = time.monotonic()
        say("poll %d sent" % number)
        news.readline()
        say("poll %d answered after %.1f s" % (number, time.monotonic() - begun))


if __name__ == "__main__":
    server(sys.argv[2:]) if sys.argv[1] == "server" else client(sys.argv[2])
