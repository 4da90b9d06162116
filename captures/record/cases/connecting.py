"""Connections that are not answered, or only after a while; paths that fail later and come back; and silence."""
import time

from cases import case
from cases.expect import calm, ensure, flows, port, unanswered_syn, well
from cases.quotes import asker, desk, other_desk
from lab import SERVER
from trace import SYN

OTHER = " At the end the client's host asks another desk, on the router: that one answers, and the capture ends."
BLACKHOLE = """The client connects to a host from which nothing comes, not even a refusal: the router drops its SYNs.
Its kernel repeats the SYN """


def syns(flow, count):
    ensure(not flow.of("server"), "something came back")
    ensure([segment.flags for segment in flow.segments] == [SYN] * count, "other than %d SYNs" % count)
    ensure(all(b.at - a.at > 0.9 for a, b in zip(flow.segments, flow.segments[1:])), "SYNs that came too soon")


def blackhole(count):
    def expect(trace):
        ensure(len(trace.flows) == 2, "%d connections" % len(trace.flows))
        syns(trace.flow(), count)
        return flows(unanswered_syn(trace.flow()), well(trace.flow(1), "closed", "fin"))
    return expect


@case("connect-unanswered/syn-blackhole-linear4", seconds=145, title="eleven SYNs, then ETIMEDOUT after 134 s",
      expect=blackhole(11), knobs=((40540, "tcp_syn_retries", 6), (40540, "tcp_syn_linear_timeouts", 4)),
      story=BLACKHOLE + """as is its default since Linux 6.5: four times after one second, then after longer and longer
      waits, and gives up after more than two minutes. The client learns of it (ETIMEDOUT) and ends.""" + OTHER)
def blackhole_linear4(lab):
    lab.drop()
    asker(lab, 40540).wait_for("ETIMEDOUT", 150)
    time.sleep(3)
    other_desk(lab)


@case("connect-unanswered/syn-blackhole-linear0", seconds=45, title="1 s, 2 s, 4 s, 8 s, then ETIMEDOUT",
      expect=blackhole(5), sysctls="default sysctls but tcp_syn_linear_timeouts=0 and tcp_syn_retries=4 at the client",
      knobs=((40541, "tcp_syn_retries", 4), (40541, "tcp_syn_linear_timeouts", 0)), story=BLACKHOLE + """as older
      kernels do, each time after twice as long, and gives up after the fourth repeat (tcp_syn_retries). The client
      learns of it (ETIMEDOUT) and ends.""" + OTHER)
def blackhole_linear0(lab):
    lab.sysctl("client", tcp_syn_linear_timeouts=0, tcp_syn_retries=4)
    lab.drop()
    asker(lab, 40541).wait_for("ETIMEDOUT", 60)
    time.sleep(3)
    other_desk(lab)


def tried_three_times(trace):
    calm(trace, 3, 6, 10)
    first, second, third = trace.flows
    for flow in (first, second):
        syns(flow, 5)
    ensure(third.acked("client") and third.bytes("server"), "the third one was not answered")
    return flows(unanswered_syn(first, [second]), unanswered_syn(second, [third]), well(third, "alive"))


@case("connect-unanswered/syn-blackhole-then-new-port", seconds=24, title="the client's own timeout of 5 s, twice",
      expect=tried_three_times, story=BLACKHOLE + """each second. The client has a timeout of its own: after 5 s it
      gives up and tries anew, from another port, in vain. Meanwhile the path becomes whole: its third attempt is
      answered.""")
def blackhole_new_port(lab):
    desk(lab)
    lab.drop()
    client = asker(lab, 40542, "--connect-timeout", 5, "--again", 2, "--pause", 0.2)
    client.wait_for("patience(?s:.*)patience", 20)
    lab.undrop()
    client.wait_for("request 10 answered", 20)


def slow(side, least):
    """The handshake lost packets and nothing after it did."""
    def expect(trace):
        ensure(len(trace.flows) == 1, "%d connections" % len(trace.flows))
        flow = trace.flow()
        repeated = [segment for segment in flow.segments if segment.repeat]
        ensure(len([segment for segment in repeated if segment.source == getattr(flow, side)]) >= least, "repeats")
        ensure(all(segment.flags & SYN for segment in repeated), "data was repeated, too")
        ensure(flow.acked("client") and len(flow.data("server")) >= 10, "answers")
        match = {"verdict.id": "connect-slow", "verdict.severity": "warning",
                 "verdict.onset_frame": flow.segments[0].frame, "end": "none"}
        match.update(port(flow))
        return flows((match, 1))
    return expect


@case("connect-slow/syn-lost-twice", seconds=12, title="connected with the third SYN, then all is well",
      expect=slow("client", 2), story="""The path loses the client's SYN, and the first repeat of it a second later: the
      router drops them. The next one passes, the connection stands after two seconds, and the desk answers each
      question. The capture is ended while the connection is up.""")
def syn_lost_twice(lab):
    desk(lab)
    lab.drop("ip daddr %s" % SERVER)
    client = asker(lab, 40550)
    client.wait_for("connecting")
    time.sleep(1.5)
    lab.undrop()
    client.wait_for("request 10 answered", 20)


@case("connect-slow/synack-lost-once", seconds=12, title="the first SYN-ACK is lost, over 40 ms",
      network={"rtt_ms": 40}, expect=slow("client", 1), story="""The path loses the server's first SYN-ACK: the router
      drops it. A second later the client's kernel repeats its SYN, and the server's answers it again; that answer
      arrives, and the desk answers each question. The capture is ended while the connection is up.""")
def synack_lost(lab):
    desk(lab)
    lab.drop("ip saddr %s" % SERVER)
    client = asker(lab, 40551)
    client.wait_for("connecting")
    time.sleep(0.5)
    lab.undrop()
    client.wait_for("request 10 answered", 20)


def outage(trace):
    """One question waited for 3 s and more; it was ACKed at last, and those after it at once."""
    calm(trace, 1, 3, 8)
    flow = trace.flow()
    repeated = next(segment for segment in flow.data("client") if flow.again(segment))
    waited = flow.acked_at(repeated) - repeated.at
    ensure(2.5 < waited < 8, "the question waited %.3f s" % waited)
    ensure(flow.acked("client") and flow.acked("server"), "bytes that were never ACKed")
    ensure(len(flow.data("client")) - flow.data("client").index(repeated) > 5, "no questions after the outage")
    match = {"verdict.id": "degraded", "verdict.severity": "warning", "end": "none"}
    match.update(port(flow))
    return flows((match, 1))


OUTAGE = """The client asks and the desk answers, ten times. Then the path loses everything for three seconds, in both
directions. The client's next question is repeated by its kernel until one gets through; then all is well again. The
capture is ended while the connection is up."""


def out(lab, from_port):
    desk(lab)
    client = asker(lab, from_port)
    client.wait_for("request 10 answered", 30)
    time.sleep(0.3)
    lab.drop()
    time.sleep(3.3)
    lab.undrop()
    client.wait_for("request 20 answered", 40)


@case("degraded/outage-3s", seconds=22, title="nothing passes for 3 s, then all is well", expect=outage, story=OUTAGE)
def outage_near(lab):
    out(lab, 40560)


@case("degraded/outage-3s-40ms", seconds=24, title="the same over 40 ms", network={"rtt_ms": 40}, expect=outage,
      story=OUTAGE)
def outage_far(lab):
    out(lab, 40561)


@case("degraded/outage-3s-150ms", seconds=30, title="the same over 150 ms", network={"rtt_ms": 150}, expect=outage,
      story=OUTAGE)
def outage_farther(lab):
    out(lab, 40562)


def idle(trace):
    """Nothing is owed by anybody, and nothing says whether the desk is still there."""
    calm(trace, 2)
    flow, other = trace.flows
    ensure(flow.acked("client") and flow.acked("server") and len(flow.data("server")) == 3, "the exchange")
    ensure(trace.end - flow.segments[-1].at > 85 and other.segments[0].at - flow.segments[-1].at > 85, "the silence")
    match = {"verdict.id": "idle-unknown", "verdict.severity": "notice", "verdict.side": "unknown",
             "verdict.layer": "unknown", "end": "none"}
    match.update(port(flow))
    return flows((match, 1), well(other, "closed", "fin"))


@case("idle-unknown/idle-without-keepalive", seconds=98, title="three answers, then 90 s of silence", expect=idle,
      story="""The client asks three times, and each question is answered. Then it keeps the connection, without
      keepalive, and neither side has anything to say for 90 s. All are alive; nobody could tell by this connection."""
      + OTHER)
def idle_without_keepalive(lab):
    desk(lab)
    client = asker(lab, 40570, "--requests", 3, "--stay", 3600)
    client.wait_for("now idle")
    time.sleep(90)
    other_desk(lab)
