"""Two megabytes up, then two megabytes down, and an orderly close. bulk.py server | bulk.py client HOST"""
import socket
import sys

from say import name, read_exactly, say

PORT, SIZE = 9020, 2 * 1024 * 1024


def server():
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    read_exactly(sock, SIZE)
    say("read %d bytes of %s" % (SIZE, name(peer)))
    sock.sendall(b"d" * SIZE)
    sock.recv(1)
    sock.close()
    say("closed")


def client(host):
    sock = socket.create_connection((host, PORT), source_address=("", 40310))
    sock.sendall(b"u" * SIZE)
    say("wrote %d bytes" % SIZE)
    read_exactly(sock, SIZE)
    sock.close()
    say("read %d bytes and closed" % SIZE)


if __name__ == "__main__":
    server() if sys.argv[1] == "server" else client(sys.argv[2])
