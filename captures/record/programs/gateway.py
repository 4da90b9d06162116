"""A gateway for orders: a process for each connection; a login of 64 bytes, heartbeats of 24, each answered. Messages
are a length, a kind and a number of two, two and four bytes, padded. The recorder stops it (SIGSTOP) from outside."""
import argparse
import os
import signal
import socket
import struct
import time

from say import name, read_exactly, say

LOGIN, LOGIN_OK, BEAT, BEAT_OK = 1, 2, 3, 4
LENGTH = {LOGIN: 64, LOGIN_OK: 32, BEAT: 24, BEAT_OK: 24}


def message(kind, number):
    return struct.pack(">HHI", LENGTH[kind], kind, number).ljust(LENGTH[kind], b".")


def read_message(sock):
    head = read_exactly(sock, 8)
    if not head:
        return None
    length, kind, number = struct.unpack(">HHI", head)
    return (kind, number) if read_exactly(sock, length - 8) else None


def serve(sock, peer, options):
    say("worker %d accepted %s" % (os.getpid(), name(peer)))
    time.sleep(options.warm_up)
    beats = 0
    while True:
        got = read_message(sock)
        if not got:
            break
        kind, number = got
        if kind == LOGIN:
            time.sleep(options.login_takes)
            sock.sendall(message(LOGIN_OK, number))
            say("login of %s answered" % name(peer))
        else:
            beats += 1
            sock.sendall(message(BEAT_OK, number))
    say("%s closed, after %d heartbeats" % (name(peer), beats))
    sock.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--ipv6", action="store_true")
    parser.add_argument("--start-up", type=float, default=0, help="seconds from listen() to the first accept()")
    parser.add_argument("--warm-up", type=float, default=0, help="seconds from accept() to the first read()")
    parser.add_argument("--login-takes", type=float, default=0, help="seconds to check a login")
    options = parser.parse_args()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_INET6 if options.ipv6 else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", options.port))
    listener.listen(16)
    say("listening on port %d" % options.port)
    time.sleep(options.start_up)
    while True:
        sock, peer = listener.accept()
        if os.fork() == 0:
            listener.close()
            try:
                serve(sock, peer, options)
            except OSError as error:
                say("%s: %s" % (name(peer), error.strerror))
            os._exit(0)
        sock.close()


if __name__ == "__main__":
    main()
