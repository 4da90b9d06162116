"""A query that is ended by closing one's own direction, as rsh, netcat and HTTP/1.0 uploads do: the client sends it and
shuts down, the server sends rows for 20 s and closes, or for so long and one each so many seconds.
rows.py server [SECONDS EVERY] | rows.py client HOST"""
import random
import socket
import sys
import time

from say import name, say

PORT = 9080


def server(seconds=20, every=0):
    dice = random.Random(13)
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    query = sock.makefile("rb").read()
    say("query of %s: %d bytes, and its end of file" % (name(peer), len(query)))
    end, rows = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        sock.sendall(b"ROW %d %s\n" % (rows, b"r" * dice.randint(20, 300)))
        rows += 1
        time.sleep(float(every) or dice.uniform(0.2, 1.5))
    sock.close()
    say("closed after %d rows" % rows)


def client(host):
    sock = socket.create_connection((host, PORT), source_address=("", 40370))
    sock.sendall(b"SELECT * FROM orders WHERE day = 20\n")
    sock.shutdown(socket.SHUT_WR)
    say("sent the query and shut down the writing side")
    rows = sum(1 for _ in sock.makefile("rb"))
    sock.close()
    say("read %d rows to the end of file, and closed" % rows)


if __name__ == "__main__":
    server(*sys.argv[2:]) if sys.argv[1] == "server" else client(sys.argv[2])
