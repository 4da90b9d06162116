"""SoupBinTCP as exchanges speak it: a login and its acceptance, then each side beats on its own timer, and no beat is
an answer to another. soup.py server [--beat S] | soup.py client HOST [--beat S]"""
import argparse
import select
import socket
import struct
import time

from say import name, read_exactly, say

PORT = 9010
LOGIN_REQUEST, LOGIN_ACCEPTED, SERVER_BEAT, CLIENT_BEAT = b"L", b"A", b"H", b"R"


def packet(kind, body=b""):
    return struct.pack(">H", 1 + len(body)) + kind + body


def read_packet(sock):
    head = read_exactly(sock, 2)
    return read_exactly(sock, struct.unpack(">H", head)[0]) if head else None


def beat(sock, kind, period, on_packet):
    """Sends a beat each period (never, if it is 0) and tells what comes, until the other side closes."""
    due = time.monotonic() + period
    sent = 0
    while True:
        left = max(0, due - time.monotonic()) if period else None
        if select.select([sock], [], [], left)[0]:
            got = read_packet(sock)
            if not got:
                return
            on_packet(got)
        elif period:
            sock.sendall(packet(kind))
            due += period
            sent += 1
            if sent == 1 or sent % 20 == 0:
                say("sent heartbeat %d" % sent)


def server(options):
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    got = read_packet(sock)
    say("login request of %s, %d bytes" % (name(peer), len(got)))
    sock.sendall(packet(LOGIN_ACCEPTED, b"SESSION-01" + b"%20d" % 1))
    say("login accepted")
    beat(sock, SERVER_BEAT, options.beat, lambda _: None)


def client(options):
    sock = socket.create_connection((options.host, PORT), source_address=("", options.from_port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    say("connected from port %d" % sock.getsockname()[1])
    sock.sendall(packet(LOGIN_REQUEST, b"USER01" + b"PASSWORD01" + b" " * 10 + b"%20d" % 1))
    say("sent the login")
    beat(sock, CLIENT_BEAT, options.beat, lambda got: say("login accepted") if got[:1] == LOGIN_ACCEPTED else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    roles = parser.add_subparsers(required=True)
    one = roles.add_parser("server")
    one.set_defaults(run=server)
    one.add_argument("--beat", type=float, default=0)
    two = roles.add_parser("client")
    two.set_defaults(run=client)
    two.add_argument("host")
    two.add_argument("--beat", type=float, default=1)
    two.add_argument("--from-port", type=int, default=0)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
