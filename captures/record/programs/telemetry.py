"""A meter that says hello and then sends lines, and a collector that only reads: nothing is ever answered, by design.
telemetry.py collector | telemetry.py meter HOST --gaps regular|irregular"""
import argparse
import random
import socket
import time

from say import name, say

PORT = 9005


def collector(_):
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    say("accepted %s" % name(peer))
    lines = 0
    for line in sock.makefile("rb"):
        lines += 1
        if lines == 1 or lines % 10 == 0:
            say("read line %d, %d bytes" % (lines, len(line)))
    say("%s closed after %d lines" % (name(peer), lines))


def reading(dice):
    """One to eight channels, so that no two lines need have the same length."""
    values = ["ch%d=%.*f" % (channel, dice.randint(0, 6), dice.uniform(0, 10 ** dice.randint(1, 5)))
              for channel in range(dice.randint(1, 8))]
    return ("t=%.3f %s\n" % (time.monotonic(), " ".join(values))).encode()


def meter(options):
    dice = random.Random(options.seed)
    sock = socket.create_connection((options.host, PORT), source_address=("", options.from_port))
    say("connected from port %d" % sock.getsockname()[1])
    sock.sendall(b"HELLO meter-17 firmware=4.2.0 channels=8\n")
    say("said hello")
    due, lines = time.monotonic(), 0
    while True:
        due += options.period if options.gaps == "regular" else min(9, 0.2 + dice.expovariate(1 / options.period))
        time.sleep(max(0, due - time.monotonic()))
        sock.sendall(reading(dice))
        lines += 1
        if lines % 20 == 0:
            say("sent line %d" % lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    roles = parser.add_subparsers(required=True)
    roles.add_parser("collector").set_defaults(run=collector)
    sender = roles.add_parser("meter")
    sender.set_defaults(run=meter)
    sender.add_argument("host")
    sender.add_argument("--gaps", choices=("regular", "irregular"), required=True)
    sender.add_argument("--period", type=float, default=2.5)
    sender.add_argument("--from-port", type=int, default=0)
    sender.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
