"""A subscription: the client subscribes and is told so, then the server sends news as it comes; the client beats on its
own timer (unless it is told to be mute), and nobody answers a beat. feed.py server | feed.py client HOST [mute]"""
import random
import select
import socket
import sys
import time

from say import name, say

PORT = 9050


def server():
    dice = random.Random(9)
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    sock.recv(100)
    sock.sendall(b"SUBSCRIBED topic=prices\n")
    say("%s has subscribed" % name(peer))
    count, due = 0, time.monotonic() + 1
    while True:
        if select.select([sock], [], [], max(0, due - time.monotonic()))[0]:
            if not sock.recv(4096):
                return
            continue
        sock.sendall(b"NEWS %d %s\n" % (count, b"p" * dice.randint(10, 250)))
        count += 1
        if count % 20 == 0:
            say("sent news %d" % count)
        due += min(7, dice.expovariate(1 / 1.5))


def client(host, mute):
    sock = socket.create_connection((host, PORT), source_address=("", 40350))
    sock.sendall(b"SUBSCRIBE topic=prices\n")
    say("connected, asked to subscribe")
    due, told = time.monotonic() + 5, False
    while True:
        if select.select([sock], [], [], None if mute else max(0, due - time.monotonic()))[0]:
            if not sock.recv(4096):
                return
            if not told:
                say("subscribed")
            told = True
            continue
        sock.sendall(b"ALIVE\n")
        due += 5


if __name__ == "__main__":
    server() if sys.argv[1] == "server" else client(sys.argv[2], sys.argv[3:])
