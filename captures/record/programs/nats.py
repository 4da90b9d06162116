"""A client of NATS with the project's own C library: it subscribes, publishes a message now and then, and says what the
library tells it. nats.py HOST [--password P] [--beat SECONDS] [--messages N] [--wait SECONDS]"""
import argparse
import ctypes
import sys
import time

from say import say

LIBRARY = "libnats.so.3.4"
DISCONNECTED, CLOSED = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p), 3


class Client:
    def __init__(self):
        self.nats = ctypes.CDLL(LIBRARY)
        self.nats.natsStatus_GetText.restype = ctypes.c_char_p
        self.connection, self.subscription = ctypes.c_void_p(), ctypes.c_void_p()
        # The library calls it: it must live for as long as the connection.
        self.lost = DISCONNECTED(lambda *_: say("the library says: disconnected"))

    def call(self, name, *arguments):
        status = getattr(self.nats, name)(*arguments)
        if status:
            say("%s: %s" % (name, self.nats.natsStatus_GetText(status).decode()))
            say("ended")
            sys.exit()

    def connect(self, host, password, beat):
        options = ctypes.c_void_p()
        self.call("natsOptions_Create", ctypes.byref(options))
        self.call("natsOptions_SetURL", options, ("nats://%s:4222" % host).encode())
        self.call("natsOptions_SetUserInfo", options, b"lamp", password.encode())
        self.call("natsOptions_SetPingInterval", options, ctypes.c_int64(int(beat * 1000)))
        self.call("natsOptions_SetAllowReconnect", options, False)
        self.call("natsOptions_SetDisconnectedCB", options, self.lost, None)
        self.call("natsConnection_Connect", ctypes.byref(self.connection), options)
        say("connected")

    def use(self, messages, wait):
        self.call("natsConnection_SubscribeSync", ctypes.byref(self.subscription), self.connection, b"street.>")
        for number in range(messages):
            time.sleep((0.4, 1.7, 0.2, 2.9, 0.8)[number % 5])
            self.call("natsConnection_PublishString", self.connection, b"street.lamp", b"lit %d" % number)
            say("published message %d" % (number + 1))
        end = time.monotonic() + wait
        while time.monotonic() < end and self.nats.natsConnection_Status(self.connection) != CLOSED:
            time.sleep(0.05)
        self.nats.natsConnection_Close(self.connection)
        say("ended")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("--password", default="right")
    parser.add_argument("--beat", type=float, default=120)
    parser.add_argument("--messages", type=int, default=0)
    parser.add_argument("--wait", type=float, default=0)
    options = parser.parse_args()
    client = Client()
    client.connect(options.host, options.password, options.beat)
    client.use(options.messages, options.wait)


if __name__ == "__main__":
    main()
