"""A desk that answers each question with a quote, may send news unasked, and does not answer a PING; and its client,
which asks, waits for the answer, and asks again.
quotes.py server [--push S] | quotes.py client HOST [--user-timeout MS] [--again N] ..."""
import argparse
import errno
import os
import random
import select
import socket
import struct
import threading
import time

from say import family, name, say

PORT = 9060


def answer(line, options):
    number = int(line.split()[1])
    size = 4000 if number == options.large else options.size or random.Random(number).randint(40, 200)
    if number == options.exit_over:
        say("works on question %d" % number)
        time.sleep(3)
        say("ends, without an answer to it")
        os._exit(1)
    return b"QUOTE %d %s\n" % (number, b"q" * size)


def serve(sock, peer, options):
    count, rest, due = 0, b"", time.monotonic() + options.push if options.push else None
    while True:
        pause = max(0, due - time.monotonic()) if due else None
        if not select.select([sock], [], [], pause)[0]:
            sock.sendall(b"NEWS of the desk\n")
            due += options.push
            continue
        more = sock.recv(4096)
        if not more:
            break
        *lines, rest = (rest + more).split(b"\n")
        for line in lines:
            if line.startswith(b"PING"):
                continue
            count += 1
            sock.sendall(answer(line, options))
    say("%s closed after %d requests" % (name(peer), count))
    sock.close()


def guarded(sock, peer, options):
    try:
        serve(sock, peer, options)
    except OSError as error:
        say("%s: %s" % (name(peer), errno.errorcode[error.errno]))


def server(options):
    listener = socket.create_server(("", options.port), backlog=64)
    say("listening on port %d" % options.port)
    while True:
        sock, peer = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        say("accepted %s" % name(peer))
        threading.Thread(target=guarded, args=(sock, peer, options), daemon=True).start()


class Client:
    """One connection. What goes wrong is an OSError; errno is None where this program's own patience ended. Where the
    desk closed, it is an EOFError."""

    def __init__(self, options, port):
        self.begun = time.monotonic()
        self.sock = socket.socket(family(options.host))
        self.sock.bind(("", port))
        if options.user_timeout:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, options.user_timeout)
        self.sock.settimeout(options.connect_timeout)
        say("connecting from port %d" % port)
        self.what, self.rest, self.options = "connect", b"", options

    def run(self):
        self.sock.connect((self.options.host, self.options.port))
        say("connected after %.1f ms" % ((time.monotonic() - self.begun) * 1000))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(self.options.patience)
        number = 0
        while number != self.options.requests:
            time.sleep(self.options.every if number else 0)
            number += 1
            self.ask(number)
        if self.options.stay:
            say("%d requests answered; now idle" % number)
            time.sleep(self.options.stay)
        self.close()
        say("closed, %d requests answered" % number)

    def ask(self, number):
        self.what, self.begun = "request %d" % number, time.monotonic()
        self.sock.sendall(b"ASK %d\n" % number)
        while True:
            while b"\n" not in self.rest:
                more = self.sock.recv(65536)
                if not more:
                    raise EOFError
                self.rest += more
            line, _, self.rest = self.rest.partition(b"\n")
            if line.startswith(b"QUOTE"):
                break
        took = time.monotonic() - self.begun
        if number == 1 or number % 10 == 0 or took > 1:
            say("request %d answered after %.3f s" % (number, took))

    def close(self):
        if self.options.abort:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def failed(self, error):
        if isinstance(error, EOFError):
            word = "the desk closed"
        else:
            word = errno.errorcode[error.errno] if error.errno else "out of patience, closes"
        say("%s: %s, after %.3f s" % (self.what, word, time.monotonic() - self.begun))
        self.sock.close()


def client(options):
    for attempt in range(options.again + 1):
        if attempt:
            time.sleep(options.pause)
        one = Client(options, options.from_port + 10 * attempt)
        try:
            one.run()
            return
        except (OSError, EOFError) as error:
            one.failed(error)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    roles = parser.add_subparsers(required=True)
    one = roles.add_parser("server")
    one.set_defaults(run=server)
    one.add_argument("--push", type=float, default=0, metavar="SECONDS", help="news every so many seconds")
    one.add_argument("--size", type=int, default=0, metavar="BYTES", help="all answers as long; else they vary")
    one.add_argument("--large", type=int, default=0, metavar="N", help="the answer to question N has 4000 bytes")
    one.add_argument("--exit-over", type=int, default=0, metavar="N", help="ends 3 s into question N")
    two = roles.add_parser("client")
    two.set_defaults(run=client)
    two.add_argument("host")
    two.add_argument("--from-port", type=int, required=True)
    two.add_argument("--every", type=float, default=0.6, help="seconds from an answer to the next question")
    two.add_argument("--requests", type=int, default=-1, help="then it closes; else it asks until ended")
    two.add_argument("--stay", type=float, default=0, metavar="SECONDS", help="idle, before it closes")
    two.add_argument("--user-timeout", type=int, default=0, metavar="MS", help="TCP_USER_TIMEOUT")
    two.add_argument("--connect-timeout", type=float, metavar="SECONDS")
    two.add_argument("--patience", type=float, metavar="SECONDS", help="then it closes; else it waits for the kernel")
    two.add_argument("--again", type=int, default=0, help="so many new connections after failures, each 10 ports on")
    two.add_argument("--pause", type=float, default=0, metavar="SECONDS", help="before it connects again")
    two.add_argument("--abort", action="store_true", help="closes with SO_LINGER 0")
    for role in (one, two):
        role.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
