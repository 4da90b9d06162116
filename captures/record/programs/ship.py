"""Lines for a collector that reads to the end of file, works on what it read, and only then closes; it may answer
before. ship.py server [--work S] [--answer BYTES] | ship.py client HOST --lines N,N,... [--every S] [--then close] ..."""
import argparse
import socket
import threading
import time

from say import name, say

PORT = 9100


def serve(sock, peer, options):
    count = 0
    while True:
        more = sock.recv(65536)
        if not more:
            break
        count += len(more)
    say("%s: read %d bytes to the end of file" % (name(peer), count))
    time.sleep(options.work)
    if options.answer:
        sock.sendall(b"a" * options.answer)
        say("%s: answered with %d bytes" % (name(peer), options.answer))
    sock.close()
    say("%s: closed" % name(peer))


def server(options):
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    while True:
        sock, peer = listener.accept()
        say("accepted %s" % name(peer))
        threading.Thread(target=serve, args=(sock, peer, options), daemon=True).start()


def client(options):
    sock = socket.create_connection((options.host, PORT), source_address=("", options.from_port))
    say("connected")
    for number, length in enumerate(options.lines):
        time.sleep(options.every if number else 0)
        sock.sendall(b"l" * (length - 1) + b"\n")
        say("sent line %d, %d bytes" % (number + 1, length))
    time.sleep(options.stay)
    if options.then == "close":
        sock.close()
        say("closed")
        return
    sock.shutdown(socket.SHUT_WR)
    say("shut down the writing side")
    count = sum(len(more) for more in iter(lambda: sock.recv(65536), b""))
    sock.close()
    say("read %d bytes to the end of file, and closed" % count)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    roles = parser.add_subparsers(required=True)
    one = roles.add_parser("server")
    one.set_defaults(run=server)
    one.add_argument("--work", type=float, default=0, metavar="SECONDS", help="from the end of file to the close")
    one.add_argument("--answer", type=int, default=0, metavar="BYTES")
    two = roles.add_parser("client")
    two.set_defaults(run=client)
    two.add_argument("host")
    two.add_argument("--from-port", type=int, required=True)
    two.add_argument("--lines", type=lambda text: [int(part) for part in text.split(",")], required=True,
                     metavar="BYTES,...", help="the lengths of the lines")
    two.add_argument("--every", type=float, default=1, metavar="SECONDS")
    two.add_argument("--stay", type=float, default=0, metavar="SECONDS", help="after the last line")
    two.add_argument("--then", choices=("close", "read"), default="close", help="read: closes its direction, and reads")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
