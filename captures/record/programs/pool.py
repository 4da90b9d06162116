"""A pooled connection: one query, one answer, then nothing but the kernel's keepalive every 5 s.
pool.py server | pool.py client HOST"""
import socket
import sys
import time

from say import name, read_exactly, say

PORT = 9040


def server():
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    read_exactly(sock, 48)
    sock.sendall(b"r" * 180)
    say("query of %s answered" % name(peer))
    sock.recv(1)


def client(host):
    sock = socket.create_connection((host, PORT), source_address=("", 40340))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3)):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)
    sock.sendall(b"q" * 48)
    read_exactly(sock, 180)
    say("query answered; the connection goes back into the pool")
    time.sleep(3600)


if __name__ == "__main__":
    server() if sys.argv[1] == "server" else client(sys.argv[2])
