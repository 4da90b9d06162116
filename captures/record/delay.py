"""A path with delay, jitter and loss, for kernels without netem: packets that enter one tun device leave the other one
later, in order (jitter never reorders), some never. The first six packets of each direction always pass, so that a
lossy case still begins with a clean handshake. The sequence of losses depends on the seed and the packet's number
only."""
import argparse
import fcntl
import heapq
import os
import random
import select
import struct
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SPARED = 6


def tun(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


class Direction:
    def __init__(self, source, target, toward, options):
        self.source, self.target, self.toward, self.options = source, target, toward, options
        self.dice = random.Random("%d %s" % (options.seed, toward))
        self.packets, self.last = 0, 0.0

    def take(self, waiting):
        while True:
            try:
                packet = os.read(self.source, 65536)
            except BlockingIOError:
                return
            now = time.monotonic()
            self.packets += 1
            # Both dice are thrown for each packet: a change of one option does not shift the other's sequence.
            lost = self.dice.random() * 100 < self.options.loss_percent
            jitter = self.dice.uniform(-1, 1) * self.options.jitter_ms
            if lost and self.packets > SPARED:
                print("%.6f lost packet %d toward the %s, %d bytes" % (time.time(), self.packets, self.toward,
                                                                      len(packet)), flush=True)
                continue
            self.last = max(self.last, now + (self.options.one_way_ms + jitter) / 1000)
            heapq.heappush(waiting, (self.last, self.toward, self.packets, self.target, packet))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one-way-ms", type=float, required=True)
    parser.add_argument("--jitter-ms", type=float, default=0)
    parser.add_argument("--loss-percent", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    near, far = tun("near"), tun("far")
    ways = {near: Direction(near, far, "server", options), far: Direction(far, near, "client", options)}
    print("%.6f ready" % time.time(), flush=True)
    waiting = []
    while True:
        pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for device in select.select([near, far], [], [], pause)[0]:
            ways[device].take(waiting)
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, _, target, packet = heapq.heappop(waiting)
            os.write(target, packet)


if __name__ == "__main__":
    main()
