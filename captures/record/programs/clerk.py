"""A clerk that does one errand after another, each of its own size and in its own time, and can be told of one thing that
it does otherwise; and its client, which has errands done and can be told so, too. An errand is a line, and so is the
answer to it; QUIT has no answer, PING is not owed one, and NEWS come unasked.
clerk.py server [--close-after N] ... | clerk.py client HOST --from-port N [--errands N] ..."""
import argparse
import errno
import random
import select
import socket
import struct
import threading
import time

from say import family, name, say

PORT = 9070
LONG = 3600


def abort(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def keep_alive(sock, times):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in zip((socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT), times):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)


class Clerk:
    def __init__(self, sock, peer, options):
        self.sock, self.peer, self.options, self.done = sock, name(peer), options, 0

    def say(self, what):
        say("%s: %s" % (self.peer, what))

    def errand(self, number):
        """Whether the clerk goes on after it."""
        its = random.Random(number)
        if number == self.options.stuck_on:
            self.say("works on errand %d" % number)
            time.sleep(LONG)
        late = number == self.options.late
        time.sleep(self.options.late_by if late else its.uniform(0.02, 0.3))
        line = b"DONE %d %s\n" % (number, b"d" * its.randint(20, 700))
        if number == self.options.half:
            self.sock.sendall(line[:-1] + b"d" * 1000)
            time.sleep(0.3)
            abort(self.sock)
            self.say("in the middle of answer %d: closed with SO_LINGER 0" % number)
            return False
        self.sock.sendall(line)
        self.done += 1
        if number == self.options.abort_after:
            time.sleep(0.3)
            abort(self.sock)
            self.say("%d errands done: closed with SO_LINGER 0" % number)
            return False
        return number != self.options.close_after

    def serve(self):
        rest, news = b"", self.options.news
        due = time.monotonic() + (news or self.options.idle or LONG)
        while True:
            if not select.select([self.sock], [], [], max(0, due - time.monotonic()))[0]:
                if not news:
                    break
                self.sock.sendall(b"NEWS of the clerk\n")
                due += news
                continue
            more = self.sock.recv(65536)
            if not more and self.options.leak:
                self.say("end of file; the clerk forgets to close")
                time.sleep(LONG)
            if not more:
                break
            due = due if news else time.monotonic() + (self.options.idle or LONG)
            *lines, rest = (rest + more).split(b"\n")
            for line in lines:
                if line.startswith(b"QUIT"):
                    return
                if not line.startswith(b"PING") and not self.errand(int(line.split()[1])):
                    return

    def work(self):
        try:
            self.serve()
            if self.sock.fileno() >= 0:
                self.sock.close()
                self.say("closed, %d errands done" % self.done)
        except OSError as error:
            self.say("%s, %d errands done" % (errno.errorcode[error.errno], self.done))


def server(options):
    kind = socket.AF_INET6 if options.ipv6 else socket.AF_INET
    listener = socket.create_server(("", options.port), family=kind, backlog=64)
    say("listening on port %d" % options.port)
    while True:
        sock, peer = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        say("accepted %s" % name(peer))
        threading.Thread(target=Clerk(sock, peer, options).work, daemon=True).start()


class Client:
    def __init__(self, options, port):
        self.options, self.rest, self.what = options, b"", "connect"
        self.dice = random.Random(port)
        self.begun = time.monotonic()
        self.sock = socket.socket(family(options.host))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(("", port))
        say("connecting from port %d" % port)

    def run(self):
        self.sock.connect((self.options.host, self.options.port))
        say("connected after %.1f ms" % ((time.monotonic() - self.begun) * 1000))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.options.keepalive:
            keep_alive(self.sock, self.options.keepalive)
        if self.options.user_timeout:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, self.options.user_timeout)
        self.sock.settimeout(self.options.patience)
        time.sleep(self.options.wait)
        number = 0
        while number != self.options.errands:
            number += 1
            self.errand(number)
            time.sleep(self.dice.uniform(0.1, 0.9) if number != self.options.errands else 0)
        self.end(number)

    def end(self, number):
        if self.options.idle:
            say("%d errands done; now idle" % number)
            time.sleep(self.options.idle)
            for number in range(number + 1, number + 1 + self.options.then):
                self.errand(number)
                time.sleep(0.4)
        if self.options.quit:
            self.sock.sendall(b"QUIT\n")
            say("said QUIT")
            self.what = "the end"
            self.read()
        if self.options.shut:
            self.sock.shutdown(socket.SHUT_WR)
            say("shut down the writing side")
            self.what = "the end"
            self.read()
        self.sock.close()
        say("closed, %d errands done" % number)

    def send(self, line):
        self.sock.sendall(line + b"\n")

    def errand(self, number):
        self.what, self.begun = "errand %d" % number, time.monotonic()
        large = number == self.options.large
        self.send(b"DO %d %s" % (number, b"e" * (4000 if large else self.dice.randint(10, 400))))
        if large:
            say("sent errand %d, of 4000 bytes and more" % number)
            for _ in range(2):
                time.sleep(0.02)
                self.send(b"PING")
        if number == self.options.ahead:
            time.sleep(0.5)
            self.send(b"DO %d %s" % (number + 1, b"e" * self.dice.randint(10, 400)))
            say("sent errands %d and %d" % (number, number + 1))
        self.answer()
        took = time.monotonic() - self.begun
        if number == 1 or number % 5 == 0 or took > 1:
            say("errand %d done after %.3f s" % (number, took))

    def answer(self):
        while True:
            while b"\n" not in self.rest:
                self.read()
            line, _, self.rest = self.rest.partition(b"\n")
            if line.startswith(b"DONE"):
                return

    def read(self):
        more = self.sock.recv(65536)
        if not more and self.what != "the end":
            raise EOFError
        self.rest += more

    def failed(self, error):
        if isinstance(error, EOFError):
            word = "end of file, and no answer; closes"
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
    say("ends")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    roles = parser.add_subparsers(required=True)
    one = roles.add_parser("server")
    one.set_defaults(run=server)
    for option, words in (("stuck-on", "works for an hour on errand N"), ("close-after", "closes after errand N"),
                          ("abort-after", "aborts after errand N"), ("half", "aborts in the middle of answer N"),
                          ("late", "errand N takes --late-by seconds")):
        one.add_argument("--" + option, type=int, default=0, metavar="N", help=words)
    one.add_argument("--late-by", type=float, default=0, metavar="SECONDS")
    one.add_argument("--news", type=float, default=0, metavar="SECONDS", help="news every so many seconds")
    one.add_argument("--idle", type=float, default=0, metavar="SECONDS", help="closes after so long a silence")
    one.add_argument("--ipv6", action="store_true", help="listens there")
    one.add_argument("--leak", action="store_true", help="never closes")
    two = roles.add_parser("client")
    two.set_defaults(run=client)
    two.add_argument("host")
    two.add_argument("--from-port", type=int, required=True)
    two.add_argument("--errands", type=int, default=-1, help="then it closes; else it goes on until ended")
    two.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="before the first errand")
    two.add_argument("--idle", type=float, default=0, metavar="SECONDS", help="after the errands, before it closes")
    two.add_argument("--then", type=int, default=0, help="so many errands after that")
    two.add_argument("--ahead", type=int, default=0, metavar="N", help="errand N + 1 is sent before N is done")
    two.add_argument("--large", type=int, default=0, metavar="N", help="errand N has 4000 bytes; two PINGs follow")
    two.add_argument("--quit", action="store_true", help="says QUIT, and reads to the end of file")
    two.add_argument("--shut", action="store_true", help="shuts down its side, and reads to the end of file")
    two.add_argument("--keepalive", type=int, nargs=3, metavar="SECONDS", help="idle, between probes, and how many")
    two.add_argument("--user-timeout", type=int, default=0, metavar="MS", help="TCP_USER_TIMEOUT")
    two.add_argument("--patience", type=float, metavar="SECONDS", help="then it closes; else it waits for the kernel")
    two.add_argument("--again", type=int, default=0, help="so many new connections after failures, each 10 ports on")
    two.add_argument("--pause", type=float, default=0, metavar="SECONDS", help="before it connects again")
    for role in (one, two):
        role.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
