"""A path with delay, jitter, loss and a rate, for kernels without netem: packets that enter one tun device leave the
other one later, in order (jitter never reorders), some never. The first six packets of each direction always pass, so
that a lossy case still begins with a clean handshake. The sequence of losses depends on the seed and the packet's
number only. Where the path has a rate, packets queue for it, each direction for itself, and none is dropped for the
queue. On SIGUSR1 the line holds everything back for so long (--hold-seconds), and then lets it go."""
import argparse
import fcntl
import heapq
import os
import random
import select
import signal
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
        self.packets, self.last, self.busy = 0, 0.0, 0.0

    def seconds(self, packet):
        """How long the path is busy with it."""
        return len(packet) * 8 / (self.options.rate_mbit * 1e6) if self.options.rate_mbit else 0

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
            self.busy = max(self.busy, now) + self.seconds(packet)
            self.last = max(self.last, self.busy + (self.options.one_way_ms + jitter) / 1000)
            heapq.heappush(waiting, (self.last, self.toward, self.packets, self.target, packet))


class Hold:
    """Until when nothing leaves."""

    def __init__(self, seconds):
        self.seconds, self.until = seconds, 0.0
        signal.signal(signal.SIGUSR1, self.begin)

    def begin(self, *_):
        self.until = time.monotonic() + self.seconds
        print("%.6f holds everything back for %g s" % (time.time(), self.seconds), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one-way-ms", type=float, required=True)
    parser.add_argument("--jitter-ms", type=float, default=0)
    parser.add_argument("--loss-percent", type=float, default=0)
    parser.add_argument("--rate-mbit", type=float, default=0, help="none: as fast as it comes")
    parser.add_argument("--hold-seconds", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    near, far = tun("near"), tun("far")
    ways = {near: Direction(near, far, "server", options), far: Direction(far, near, "client", options)}
    print("%.6f ready" % time.time(), flush=True)
    waiting, hold = [], Hold(options.hold_seconds)
    while True:
        pause = max(0.0, max(waiting[0][0], hold.until) - time.monotonic()) if waiting else None
        for device in select.select([near, far], [], [], pause)[0]:
            ways[device].take(waiting)
        while waiting and max(waiting[0][0], hold.until) <= time.monotonic():
            _, _, _, target, packet = heapq.heappop(waiting)
            os.write(target, packet)


if __name__ == "__main__":
    main()
