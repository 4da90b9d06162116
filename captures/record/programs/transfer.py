"""So many bytes in one direction, and then both close: up, to a server that only reads, or down, when the client asks.
transfer.py server up|down BYTES [--sleep S] [--receive-buffer N] | transfer.py client HOST up|down BYTES [--slow S]"""
import argparse
import errno
import socket
import time

from say import name, say

PORT = 9110


def read_all(sock, slow=0):
    """To the end of file; tells how long the longest wait for more was. Each read may be followed by a pause."""
    count, longest = 0, 0
    while True:
        begun = time.monotonic()
        more = sock.recv(4096 if slow else 65536)
        longest = max(longest, time.monotonic() - begun)
        if not more:
            break
        count += len(more)
        time.sleep(slow)
    say("read %d bytes to the end of file; the longest wait for more took %.3f s" % (count, longest))


def serve(sock, options):
    if options.way == "down":
        sock.recv(64)
        say("asked; writes %d bytes" % options.bytes)
        sock.sendall(b"d" * options.bytes)
        say("wrote all of it")
    else:
        if options.sleep:
            time.sleep(options.sleep)
            say("slept for %g s; now it reads" % options.sleep)
        read_all(sock)
    sock.close()
    say("closed")


def server(options):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if options.receive_buffer:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options.receive_buffer)
    listener.bind(("", PORT))
    listener.listen(16)
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    say("accepted %s" % name(peer))
    try:
        serve(sock, options)
    except OSError as error:
        say("%s: %s" % (name(peer), errno.errorcode[error.errno]))


def client(options):
    sock = socket.create_connection((options.host, PORT), source_address=("", options.from_port))
    say("connected")
    try:
        move(sock, options)
    except OSError as error:
        say(errno.errorcode[error.errno])


def move(sock, options):
    if options.way == "down":
        sock.sendall(b"GET\n")
    else:
        sock.sendall(b"u" * options.bytes)
        sock.shutdown(socket.SHUT_WR)
        say("wrote %d bytes, and shut down the writing side" % options.bytes)
    read_all(sock, options.slow)
    sock.close()
    say("closed")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    roles = parser.add_subparsers(required=True)
    one = roles.add_parser("server")
    one.set_defaults(run=server)
    two = roles.add_parser("client")
    two.set_defaults(run=client)
    two.add_argument("host")
    for role in (one, two):
        role.add_argument("way", choices=("up", "down"))
        role.add_argument("bytes", type=int)
    one.add_argument("--sleep", type=float, default=0, metavar="SECONDS", help="before it reads")
    one.add_argument("--receive-buffer", type=int, default=0, metavar="BYTES", help="SO_RCVBUF")
    two.add_argument("--from-port", type=int, required=True)
    two.add_argument("--slow", type=float, default=0, metavar="SECONDS", help="after each read")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
