"""The same healthy gateway, seen differently: over IPv6, twice, before and after a NAT, from the middle on, in part,
in one direction only, by a clock that jumps."""
import struct
import time

from cases import case
from cases.expect import calm, ensure, flows, healthy
from cases.gateway import PORT, client, gateway
from lab import SERVER6

WELL = "The gateway answers the login and each heartbeat. The capture is ended while the connection is up. "


def beats(lab, seconds=41):
    gateway(lab)
    client(lab, "--from-port", 40122)
    time.sleep(seconds)


@case("healthy/ipv6", seconds=44, title="over IPv6", filter=PORT, network={"ipv6": True}, expect=healthy("alive"),
      story=WELL)
def ipv6(lab):
    gateway(lab, "--ipv6")
    lab.run("client", "client", "gateway_client.py", SERVER6, "--from-port", 40122).wait_for("sent the login")
    time.sleep(41)


def seen_twice(trace):
    ensure(trace.twice * 2 == trace.frames >= 80, "%d of %d frames seen twice" % (trace.twice, trace.frames))
    return healthy("alive")(trace)


@case("healthy/any-interface-sll2", seconds=44, title="at the router, on any interface: all of it twice", filter=PORT,
      at="router", interface="any", expect=seen_twice, story=WELL + """Captured at the router on all its interfaces:
      each packet is there twice, as it comes in and as it goes out, with a TTL one less.""")
def any_interface(lab):
    beats(lab)


@case("healthy/bridge", seconds=44, title="at a bridge, on any interface: all of it twice", filter=PORT, at="router",
      interface="any", network={"bridge": True}, expect=seen_twice, story=WELL + """Between the two hosts there is a
      bridge. Captured there on all its interfaces: each packet is there twice, as it comes in through one port and as
      it goes out through the other, with not a bit changed.""")
def bridge(lab):
    beats(lab)


def both_sides_of_nat(trace):
    names = sorted(flow.client[0] for flow in trace.flows)
    ensure(names == ["10.1.0.10", "10.1.0.2"] and not trace.twice, "%s, %d twice" % (names, trace.twice))
    return healthy("alive", count=2)(trace)


NAT = "The router masquerades: the gateway sees its address, not the client's. "


@case("healthy/nat-box", seconds=44, title="at a NAT, on any interface: one connection is two flows", filter=PORT,
      at="router", interface="any", network={"nat": True}, expect=both_sides_of_nat, story=WELL + NAT + """Captured at
      the router on all its interfaces: the connection is there before and after the translation, as two flows.""")
def nat_box(lab):
    beats(lab)


@case("healthy/nat-box-at-server", seconds=44, title="behind a NAT, captured at the server", filter=PORT, at="server",
      network={"nat": True}, expect=healthy("alive"), story=WELL + NAT)
def nat_at_server(lab):
    beats(lab)


def began_before(lab):
    gateway(lab)
    client(lab, "--from-port", 40122).wait_for("heartbeat 1 answered")
    time.sleep(1)


@case("healthy/mid-flow-start", seconds=46, title="the capture begins after the login", filter=PORT,
      before=began_before, midflow=True, expect=healthy("alive", start="mid-flow"), story=WELL + """When the capture
      begins, the connection has been up for three seconds: neither its handshake nor its login are there.""")
def mid_flow(lab):
    time.sleep(41)


@case("healthy/snaplen-96", seconds=44, title="96 bytes of each frame", filter=PORT, snaplen=96,
      expect=healthy("alive"), story=WELL + "Of each frame only the first 96 bytes were kept.")
def snaplen(lab):
    beats(lab)


def step(seconds, after=20.5):
    """Moves the times of all frames from the first one on that was captured so long after the first."""
    def edit(path):
        with open(path, "rb") as file:
            data = bytearray(file.read())
        at, begun = 24, None
        while at < len(data):
            stamp, micros, length = struct.unpack_from("<III", data, at)
            begun = stamp + micros / 1e6 if begun is None else begun
            if stamp + micros / 1e6 >= begun + after:
                struct.pack_into("<I", data, at, stamp + seconds)
            at += 16 + length
        with open(path, "wb") as file:
            file.write(data)
    return edit


def stepped(seconds):
    def expect(trace):
        segments = trace.flow().segments
        jumps = [b.at - a.at for a, b in zip(segments, segments[1:])]
        found = min(jumps) if seconds < 0 else max(jumps)
        ensure(abs(found - seconds) < 3, "the clock jumped by %.3f s" % found)
        return healthy("alive")(trace)
    return expect


EDITED = """EDITED: this is not as tcpdump wrote it. The times of all frames from 20.5 s on were moved by %+d s
afterwards, by the recorder. Nothing else was changed; the kernels' own clocks (TCP timestamps) did not jump."""
JUMPS = WELL + """While it is made, somebody sets the capturing host's clock %s; the hosts' TCP timestamps go on evenly.
(The recorder has written the trace so, afterwards.)"""


@case("healthy/clock-step-forward", seconds=44, title="the capture's clock jumps an hour ahead", filter=PORT,
      edit=step(3600), edited=EDITED % 3600, expect=stepped(3600), story=JUMPS % "an hour ahead")
def clock_forward(lab):
    beats(lab)


@case("healthy/clock-step-backward", seconds=44, title="the capture's clock jumps 5 s back", filter=PORT, edit=step(-5),
      edited=EDITED % -5, expect=stepped(-5), story=JUMPS % "5 s back")
def clock_backward(lab):
    beats(lab)


def one_direction(side):
    """All was answered, and half of it is not in the file: nothing can be told of either end."""
    def expect(trace):
        calm(trace, 1)
        flow = trace.flow()
        ensure(len(flow.data(side)) >= 20 and len(flow.of(side)) == len(flow.segments), "both directions")
        match = {"verdict.id": "inconclusive", "verdict.severity": {"one_of": ["ok", "notice"]}, "server.port": 9001,
                 "client.port": 40122, "end": "none"}
        return flows((match, 1))
    return expect


@case("inconclusive/q-in", seconds=44, title="only what the client received", filter=PORT, direction="in", midflow=True,
      expect=one_direction("server"), story=WELL + "Captured at the client, and only what it received.")
def q_in(lab):
    beats(lab)


@case("inconclusive/q-out", seconds=44, title="only what the client sent", filter=PORT, direction="out",
      expect=one_direction("client"), story=WELL + "Captured at the client, and only what it sent.")
def q_out(lab):
    beats(lab)
