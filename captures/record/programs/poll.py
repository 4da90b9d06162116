"""A long poll: the client asks whether there is news, the server answers when there is some, 20 to 30 s later, or after
so many SECONDS. poll.py server [SECONDS] | poll.py client HOST [PORT POLLS]"""
import random
import socket
import sys
import threading
import time

from say import name, say

PORT = 9030


def serve(sock, seconds):
    dice = random.Random(5)
    for line in sock.makefile("rb"):
        time.sleep(float(seconds[0]) if seconds else dice.uniform(20, 30))
        sock.sendall(b"NEWS since=%s %s\n" % (line.split(b"=")[1].strip(), b"n" * dice.randint(20, 300)))
    sock.close()


def server(seconds):
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    while True:
        sock, peer = listener.accept()
        say("accepted %s" % name(peer))
        threading.Thread(target=serve, args=(sock, seconds), daemon=True).start()


def client(host, port=40320, polls=-1):
    """Asks again and again, or so many times, and then closes."""
    sock = socket.create_connection((host, PORT), source_address=("", int(port)))
    say("connected")
    news = sock.makefile("rb")
    number = 0
    while number != int(polls):
        number += 1
        sock.sendall(b"POLL since=%d\n" % number)
        begun = time.monotonic()
        say("poll %d sent" % number)
        news.readline()
        say("poll %d answered after %.1f s" % (number, time.monotonic() - begun))
    news.close()
    sock.close()
    say("closed")


if __name__ == "__main__":
    server(sys.argv[2:]) if sys.argv[1] == "server" else client(*sys.argv[2:])
