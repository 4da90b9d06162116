"""A client of the desk that does not wait: it asks at irregular times, in questions of all lengths, and reads answers as
they come; or it asks so many questions and then says PING every two seconds, which the desk never answers.
chatty.py HOST --from-port N [--pings-after N]"""
import argparse
import random
import socket
import threading
import time

from say import say

PORT = 9060


def listen(sock):
    for number, _ in enumerate(sock.makefile("rb"), 1):
        if number < 3 or number % 10 == 0:
            say("read answer %d" % number)
    say("end of file")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("--from-port", type=int, required=True)
    parser.add_argument("--pings-after", type=int, default=0)
    options = parser.parse_args()
    dice = random.Random(29)
    sock = socket.create_connection((options.host, PORT), source_address=("", options.from_port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    say("connected")
    threading.Thread(target=listen, args=(sock,), daemon=True).start()
    number = 0
    while True:
        number += 1
        if options.pings_after and number > options.pings_after:
            sock.sendall(b"PING %013d\n" % number)
            time.sleep(2)
            continue
        sock.sendall(b"ASK %d %s\n" % (number, b"w" * dice.randint(30, 400)))
        if number < 4 or number % 10 == 0:
            say("asked question %d" % number)
        time.sleep(1 if options.pings_after else dice.uniform(0.3, 1.5))


if __name__ == "__main__":
    main()
