"""Idle connections whose other end is asked by the kernel, now and then, whether it is still there: keepalive."""
import time

from cases import case
from cases.errands import clerk, errands, is_called, is_well
from cases.expect import calm, ensure, flows, well
from cases.quotes import other_desk
from trace import FIN, RST, below

IDLE = """The client has three errands done, and is idle. It has set keepalive on its socket: its kernel asks after three
seconds without a packet whether the clerk's is still there, then each second, three times. """


def probes(flow):
    """Of the client: no payload, and a number that has been ACKed already."""
    last = flow.data("client")[-1]
    end = (last.seq + last.length) & 0xFFFFFFFF
    return [segment for segment in flow.of("client") if segment.frame > last.frame and not segment.length and
            not segment.flags & (FIN | RST) and below(segment.seq, end)]


def unanswered(least, reset):
    def expect(trace):
        flow = trace.flow()
        asked = probes(flow)
        lost = [probe for probe in asked if not [s for s in flow.of("server") if 0 < s.at - probe.at < 0.5]]
        ensure(len(lost) == 3 and asked[-3:] == lost and len(asked) >= 3 + least, "%d of %d probes" % (len(lost), len(asked)))
        entries = [is_called(flow, "keepalive-unanswered", "critical", "server", "path", end="rst", onset=lost[0])]
        ensure(flow.segments[-1].flags & RST and flow.segments[-1].source == flow.client, "the client's RST")
        ensure(0.9 < flow.segments[-1].at - lost[-1].at < 1.2, "its time")
        if reset == "elsewhere":
            entries.append(well(trace.flow(1), "closed", "fin"))
        return flows(*entries)
    return expect


def idle(lab, from_port):
    clerk(lab)
    client = errands(lab, from_port, "--errands", 3, "--idle", 3600, "--then", 1, "--keepalive", 3, 1, 3)
    client.wait_for("now idle")
    return client


@case("keepalive-unanswered/host-dies-while-idle", seconds=14, title="3 s, 1 s, 1 s, and the client's RST",
      expect=unanswered(0, "elsewhere"), story=IDLE + """Then the clerk's host dies, as far as anybody can see: the
      router drops everything in both directions. Three probes stay without an answer, and the client's kernel gives up:
      it sends RST, which does not arrive either, and would tell its process (ETIMEDOUT) if that asked. At the end the
      client's host asks another desk, on the router: that one answers, and the capture ends.""",
      knobs=((41030, "tcp_keepalive_time", 3), (41030, "tcp_keepalive_intvl", 1), (41030, "tcp_keepalive_probes", 3)))
def dies_idle(lab):
    idle(lab, 41030)
    time.sleep(0.5)
    lab.drop()
    time.sleep(8)
    other_desk(lab)


@case("keepalive-unanswered/answered-four-times-before", seconds=22, title="the same, after 12 s in which it answered",
      network={"rtt_ms": 40}, expect=unanswered(4, ""), story=IDLE + """The probes are answered, four times. Then the
      clerk's host dies, as far as anybody can see: the router drops everything in both directions. Three probes stay
      without an answer, and the client's kernel gives up and sends RST.""",
      knobs=((41031, "tcp_keepalive_time", 3), (41031, "tcp_keepalive_intvl", 1), (41031, "tcp_keepalive_probes", 3)))
def dies_later(lab):
    idle(lab, 41031)
    time.sleep(13)
    lab.drop()
    time.sleep(8)


def answered(trace):
    calm(trace, 1)
    flow = trace.flow()
    asked = probes(flow)
    ensure(len(asked) >= 5, "%d probes" % len(asked))
    for probe in asked:
        ensure([segment for segment in flow.of("server") if 0 < segment.at - probe.at < 0.1], "an answer")
    return flows(is_well(flow, "alive"))


@case("healthy/keepalive-answered-every-3-s", seconds=20, title="idle, probed and answered", expect=answered,
      story=IDLE + """Each time the first one is answered at once by the clerk's kernel, and three seconds later it asks
      again. The capture is ended while the connection is up.""",
      knobs=((41032, "tcp_keepalive_time", 3), (41032, "tcp_keepalive_intvl", 1)))
def answers(lab):
    idle(lab, 41032)
    time.sleep(17.5)


def outage(trace):
    """One probe was lost, or two; then they are answered again, and so is the errand at the end."""
    calm(trace, 1)
    flow = trace.flow()
    asked = probes(flow)
    lost = [probe for probe in asked if not [s for s in flow.of("server") if 0 < s.at - probe.at < 0.5]]
    ensure(len(lost) == 1 and lost[0] not in (asked[0], asked[-1]), "%d lost probes" % len(lost))
    return flows(is_well(flow, "alive"))


@case("healthy/keepalive-lost-once", seconds=20, title="one probe of five is lost", expect=outage, story=IDLE + """The
      probes are answered, except for one, which the path loses: a second later the kernel asks again and is answered.
      The capture is ended while the connection is up.""",
      knobs=((41033, "tcp_keepalive_time", 3), (41033, "tcp_keepalive_intvl", 1)))
def lost_once(lab):
    idle(lab, 41033)
    time.sleep(5.3)
    lab.drop()
    time.sleep(1.3)
    lab.undrop()
    time.sleep(11)
