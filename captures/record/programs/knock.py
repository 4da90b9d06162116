"""Connects to many ports of a host, one after another, and says how many took it: knock.py HOST [--ports A-B]"""
import argparse
import errno
import socket

from say import say


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("--ports", default="9040-9079")
    options = parser.parse_args()
    first, last = (int(port) for port in options.ports.split("-"))
    counts = {}
    for port in range(first, last + 1):
        with socket.socket() as sock:
            sock.settimeout(1)
            result = sock.connect_ex((options.host, port))
            counts[result] = counts.get(result, 0) + 1
    for result, count in sorted(counts.items()):
        say("%d ports: %s" % (count, errno.errorcode[result] if result else "open"))


if __name__ == "__main__":
    main()
