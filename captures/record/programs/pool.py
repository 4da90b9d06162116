"""A pooled connection: one query, one answer, then nothing but the kernel's keepalive every 5 s, of the client or, if
told so, of the server. pool.py server [keepalive] | pool.py client HOST [nothing]"""
import socket
import sys
import time

from say import name, read_exactly, say

PORT = 9040


def keep_alive(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3)):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)


def server(words):
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    if words:
        keep_alive(sock)
    read_exactly(sock, 48)
    sock.sendall(b"r" * 180)
    say("query of %s answered" % name(peer))
    sock.recv(1)


def client(host, words):
    sock = socket.create_connection((host, PORT), source_address=("", 40340))
    if not words:
        keep_alive(sock)
    sock.sendall(b"q" * 48)
    read_exactly(sock, 180)
    say("query answered; the connection goes back into the pool")
    time.sleep(3600)


if __name__ == "__main__":
    server(sys.argv[2:]) if sys.argv[1] == "server" else client(sys.argv[2], sys.argv[3:])
