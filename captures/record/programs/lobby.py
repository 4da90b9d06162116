"""A server that does not accept connections, or only after a while, and clients that connect to it at the same time and
have one question each, answered with OK.
lobby.py server [--backlog N] [--accept-after S] [--defer S] | lobby.py client HOST --from-port N [--count N] [--wait S]"""
import argparse
import errno
import select
import socket
import threading
import time

from say import name, say

PORT = 9120
LONG = 3600


def serve(sock, peer):
    line = sock.recv(4096)
    sock.sendall(b"OK, %d bytes\n" % len(line))
    say("%s: question answered" % name(peer))
    sock.recv(1)
    sock.close()


def server(options):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if options.defer:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, options.defer)
    listener.bind(("", PORT))
    listener.listen(options.backlog)
    say("listening on port %d, with a backlog of %d" % (PORT, options.backlog))
    if options.accept_after:
        select.select([listener], [], [])
        time.sleep(options.accept_after)
        say("now it accepts")
    while True:
        sock, peer = listener.accept()
        say("accepted %s" % name(peer))
        threading.Thread(target=serve, args=(sock, peer), daemon=True).start()


def ask(options, number):
    port = options.from_port + number
    what, begun = "connect", time.monotonic()
    try:
        sock = socket.create_connection((options.host, PORT), source_address=("", port))
        say("port %d: connected after %.1f ms" % (port, (time.monotonic() - begun) * 1000))
        what = "the question"
        time.sleep(options.wait)
        begun = time.monotonic()
        sock.sendall(b"QUESTION %d %s\n" % (port, b"q" * (20 + 7 * number)))
        if sock.recv(4096):
            say("port %d: answered after %.3f s" % (port, time.monotonic() - begun))
        time.sleep(options.stay)
        sock.close()
        say("port %d: closed" % port)
    except OSError as error:
        say("port %d: %s: %s, after %.3f s" % (port, what, errno.errorcode[error.errno], time.monotonic() - begun))


def client(options):
    threads = [threading.Thread(target=ask, args=(options, number)) for number in range(options.count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    roles = parser.add_subparsers(required=True)
    one = roles.add_parser("server")
    one.set_defaults(run=server)
    one.add_argument("--backlog", type=int, default=16)
    one.add_argument("--accept-after", type=float, default=0, metavar="SECONDS", help="from the first connection on")
    one.add_argument("--defer", type=int, default=0, metavar="SECONDS", help="TCP_DEFER_ACCEPT")
    two = roles.add_parser("client")
    two.set_defaults(run=client)
    two.add_argument("host")
    two.add_argument("--from-port", type=int, required=True)
    two.add_argument("--count", type=int, default=1, help="so many connections at the same time")
    two.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="from the connection to the question")
    two.add_argument("--stay", type=float, default=0, metavar="SECONDS", help="from the answer to the close")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
