"""Connections one after another, each for one short question: churn.py server [--close-first], churn.py client HOST
[--count N]. Who closes first keeps the port for a minute. The client says when it finds no port, and tries again."""
import argparse
import errno
import socket
import time

from say import name, say

QUESTION, ANSWER = b"how much? ", b"12.50\n"


def server(options):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", options.port))
    listener.listen(64)
    say("listening on port %d" % options.port)
    while True:
        sock, _ = listener.accept()
        if sock.recv(100):
            sock.sendall(ANSWER)
        if options.close_first:
            sock.shutdown(socket.SHUT_WR)
        while sock.recv(100):
            pass
        sock.close()


def ask(options):
    with socket.create_connection((options.host, options.port), 10) as sock:
        sock.sendall(QUESTION)
        if not sock.recv(100):
            raise RuntimeError("no answer")
        if options.wait_for_close:
            while sock.recv(100):
                pass
        return sock.getsockname()


def client(options):
    started, without_port = time.monotonic(), None
    for count in range(options.count):
        while True:
            try:
                last = ask(options)
                break
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
                if without_port is None:
                    without_port = time.monotonic()
                    say("connection %d: connect: EADDRNOTAVAIL, no port is left" % (count + 1))
                time.sleep(0.5)
        if without_port is not None:
            say("connection %d from %s, %.1f s later" % (count + 1, name(last), time.monotonic() - without_port))
            without_port = None
        time.sleep(options.every)
    say("%d connections in %.1f s, the last from %s" % (options.count, time.monotonic() - started, name(last)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=("server", "client"))
    parser.add_argument("host", nargs="?")
    parser.add_argument("--port", type=int, default=9300)
    parser.add_argument("--close-first", action="store_true", help="the server does not wait for the client's FIN")
    parser.add_argument("--wait-for-close", action="store_true", help="the client waits for the server's FIN")
    parser.add_argument("--count", type=int, default=310)
    parser.add_argument("--every", type=float, default=0.005)
    options = parser.parse_args()
    if options.role == "server":
        server(options)
    else:
        client(options)


if __name__ == "__main__":
    main()
