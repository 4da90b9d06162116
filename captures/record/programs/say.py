"""What all programs share: a log of one line per event, stamped with the time, which becomes the STORY."""
import socket
import time


def say(text):
    """In one write: of two threads each has its line."""
    print("%.6f %s\n" % (time.time(), text), end="", flush=True)


def name(address):
    return ("[%s]:%d" if ":" in address[0] else "%s:%d") % address[:2]


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def read_exactly(sock, count):
    """That many bytes, or nothing when the other side closed."""
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            return None
        data += more
    return data
