"""Three pooled connections to a database: each is used, then all are idle for 30 s, then used again.
dbpool.py server | dbpool.py client HOST"""
import random
import socket
import sys
import threading
import time

from say import name, read_exactly, say

PORT, QUERY = 9090, 40


def serve(sock, peer):
    while read_exactly(sock, QUERY):
        sock.sendall(b"r" * 200)
    say("%s closed" % name(peer))


def server():
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    while True:
        sock, peer = listener.accept()
        threading.Thread(target=serve, args=(sock, peer), daemon=True).start()


def use(pool, dice):
    for _ in range(15):
        sock = dice.choice(pool)
        sock.sendall(b"q" * QUERY)
        read_exactly(sock, 200)
        time.sleep(dice.uniform(0.02, 0.3))


def client(host):
    dice = random.Random(19)
    pool = [socket.create_connection((host, PORT), source_address=("", 40380 + number)) for number in range(3)]
    say("three connections")
    use(pool, dice)
    say("15 queries answered; the pool is idle")
    time.sleep(30)
    say("in use again")
    use(pool, dice)
    say("15 more queries answered")
    time.sleep(3600)


if __name__ == "__main__":
    server() if sys.argv[1] == "server" else client(sys.argv[2])
