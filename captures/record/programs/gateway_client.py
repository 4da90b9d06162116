"""The gateway's client with the fault that this tool was made for: it logs in and beats on a timer, and never looks
whether the login was answered. It only notes what came back. With --reply-within it is the fixed one: it sends no
heartbeat before the login was answered, and closes and connects anew when that takes too long."""
import argparse
import errno
import select
import signal
import socket
import time

from gateway import BEAT, LOGIN, LOGIN_OK, message, read_message
from say import say


class Stopped(Exception):
    pass


class Unanswered(Exception):
    pass


def stop(*_):
    raise Stopped


class Client:
    def __init__(self, options):
        begun = time.monotonic()
        self.sock = socket.create_connection((options.host, options.port), source_address=("", options.from_port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        say("connected from port %d after %.1f ms" % (self.sock.getsockname()[1], (time.monotonic() - begun) * 1000))
        self.period, self.sent, self.answered, self.missing = options.beat, 0, 0, False
        self.reply_within = options.reply_within

    def listen(self, until):
        """Reads whatever comes until then; False when the gateway has closed."""
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return True
            got = read_message(self.sock)
            if not got:
                say("the gateway closed the connection")
                return False
            if got[0] == LOGIN_OK:
                say("login answered after %.3f s" % (time.monotonic() - self.begun))
                continue
            self.answered += 1
            if self.answered == 1:
                say("heartbeat 1 answered")

    def wait_for_login(self):
        if not select.select([self.sock], [], [], self.reply_within)[0]:
            raise Unanswered
        got = read_message(self.sock)
        if not got or got[0] != LOGIN_OK:
            raise Unanswered
        self.begun = time.monotonic()
        say("login answered")

    def run(self, seconds):
        self.sock.sendall(message(LOGIN, 1))
        self.begun = time.monotonic()
        say("sent the login")
        if self.reply_within:
            self.wait_for_login()
        while self.listen(self.begun + min(seconds, (self.sent + 1) * self.period)):
            if (self.sent + 1) * self.period > seconds:
                return
            if self.sent > self.answered + 1 and not self.missing:
                self.missing = True
                say("heartbeat %d is still unanswered, which this program never notices" % (self.answered + 1))
            self.sent += 1
            self.sock.sendall(message(BEAT, self.sent))
            if self.sent == 1 or self.sent % 10 == 0:
                say("sent heartbeat %d; %d answered so far" % (self.sent, self.answered))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--from-port", type=int, default=0)
    parser.add_argument("--beat", type=float, default=2.0, metavar="SECONDS")
    parser.add_argument("--reply-within", type=float, default=0, metavar="SECONDS",
                        help="of the login; else it never looks whether it was answered")
    parser.add_argument("--seconds", type=float, default=1e9, help="then it closes; else it runs until ended")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    client = Client(options)
    try:
        while True:
            try:
                client.run(options.seconds)
                break
            except Unanswered:
                say("no answer to the login within %g s: closes, and connects anew" % options.reply_within)
                client.sock.close()
                options.from_port = 0
                client = Client(options)
    except Stopped:
        say("told to end (SIGTERM)")
    except OSError as error:
        say("lost the connection: %s" % errno.errorcode[error.errno])
    client.sock.close()
    say("closed the connection: %d heartbeats sent, %d answered" % (client.sent, client.answered))


if __name__ == "__main__":
    main()
