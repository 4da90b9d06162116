"""Timers of the kernels that run to their end: keepalives, probes of a closed window, SYN-ACKs, FIN_WAIT_2. What each was
set to is in knobs.tsv."""
import time

from cases import case
from cases.errands import clerk, errands, frames, is_called, is_well
from cases.expect import calm, ensure, flows, well
from cases.probed import probes
from cases.queues import handshakes, lobby, visitors
from cases.quotes import asker, desk, other_desk
from cases.second_look import HEADERS, transfer
from cases.unread import closed_window
from lab import SERVER
from trace import FIN, RST

IDLE = "The client has three errands done, and is idle. "
OTHER = """ At the end the client's host asks another desk, on the router: that one answers, and the capture ends."""


def idle(lab, from_port, times, *options):
    clerk(lab)
    client = errands(lab, from_port, "--errands", 3, "--idle", 3600, "--then", 1, "--keepalive", *times, *options)
    client.wait_for("now idle")
    time.sleep(0.5)
    return client


def unanswered(count, interval):
    """So many probes of the client, an interval apart, and its RST another one later."""
    def expect(trace):
        flow, other = trace.flows
        asked = probes(flow)
        times = [probe.at for probe in asked] + [flow.segments[-1].at]
        ensure(len(asked) == count and flow.segments[-1].flags & RST and flow.segments[-1].source == flow.client, "probes")
        ensure(all(interval <= b - a < 1.13 * interval for a, b in zip(times, times[1:])), "their times")
        return flows(is_called(flow, "keepalive-unanswered", "critical", "server", "path", end="rst", onset=asked[0]),
                     well(other, "closed", "fin"))
    return expect


@case("keepalive-unanswered/seven-two-four", seconds=24, title="7 s, then four times 2 s, and the client's RST",
      network={"rtt_ms": 40}, expect=unanswered(4, 2), story=IDLE + """It has set keepalive on its socket: its kernel asks
      after seven seconds without a packet whether the clerk's is still there, then every two seconds, four times
      (TCP_KEEPIDLE 7, TCP_KEEPINTVL 2, TCP_KEEPCNT 4). The clerk's host dies, as far as anybody can see: the router drops
      everything in both directions. Four probes stay without an answer, and the client's kernel gives up (RST).""" + OTHER,
      knobs=((41200, "tcp_keepalive_time", 7), (41200, "tcp_keepalive_intvl", 2), (41200, "tcp_keepalive_probes", 4)))
def seven_two_four(lab):
    idle(lab, 41200, (7, 2, 4))
    lab.drop()
    time.sleep(18)
    other_desk(lab)


@case("keepalive-unanswered/ended-by-user-timeout", seconds=18, title="3 s, then each second, until TCP_USER_TIMEOUT",
      expect=unanswered(4, 1), story=IDLE + """It has set keepalive on its socket, after three seconds, then each second,
      nine times (TCP_KEEPIDLE 3, TCP_KEEPINTVL 1, TCP_KEEPCNT 9), and TCP_USER_TIMEOUT to 7000 ms. The clerk's host
      dies, as far as anybody can see: the router drops everything in both directions. The client's kernel gives up
      (RST) when seven seconds are over since it heard of the clerk's: TCP_KEEPCNT does not count then.""" + OTHER,
      knobs=((41201, "tcp_keepalive_time", 3), (41201, "tcp_keepalive_intvl", 1), (41201, "TCP_USER_TIMEOUT", 7000)))
def ended_by_user_timeout(lab):
    idle(lab, 41201, (3, 1, 9), "--user-timeout", 7000)
    lab.drop()
    time.sleep(12)
    other_desk(lab)


def every_five(trace):
    """The first after two seconds, and then one every five."""
    calm(trace, 1)
    flow = trace.flow()
    asked = probes(flow)
    heard = max(segment.at for segment in flow.of("server") if segment.frame < asked[0].frame)
    ensure(len(asked) >= 4 and 2 <= asked[0].at - heard < 2.3, "the first one")
    ensure(all(5 <= b.at - a.at < 5.7 for a, b in zip(asked, asked[1:])), "the others")
    return flows(is_well(flow, "alive"))


@case("healthy/keepalive-interval-above-time", seconds=24, title="after 2 s, then every 5 s, all answered",
      expect=every_five, story=IDLE + """It has set keepalive on its socket: after two seconds, then every five
      (TCP_KEEPIDLE 2, TCP_KEEPINTVL 5, TCP_KEEPCNT 3). Each probe is answered at once by the clerk's kernel. The next one
      comes when the interval is over all the same: two seconds without a packet had been over long before. The capture is
      ended while the connection is up.""",
      knobs=((41202, "tcp_keepalive_time", 2), (41202, "tcp_keepalive_intvl", 5)))
def every_five_seconds(lab):
    idle(lab, 41202, (2, 5, 3))
    time.sleep(19)


def behind_window(trace):
    """Probes of the closed window that were answered, and three that were not; then silence."""
    flow, other = trace.flows
    closed = closed_window(flow, "server")
    sent = [segment for segment in flow.of("client") if segment.at > closed[0].at + 0.1]
    lost = [probe for probe in sent if not [s for s in closed if 0 < s.at - probe.at < 0.1]]
    ensure(len(lost) >= 3 and len(sent) >= 6 and sent[-3:] == lost[-3:] and not any(probe.length for probe in sent), "probes")
    ensure(sent[-4] not in lost and other.segments[0].at - sent[-1].at > 4, "the end")
    return flows(is_called(flow, "peer-vanished", "critical", "server", "path", onset=frames(sent[-4], sent[-3])),
                 well(other, "closed", "fin"))


@case("peer-vanished/behind-a-closed-window", seconds=26, title="the window is closed, and then the host dies",
      snaplen=HEADERS, sysctls="default sysctls but tcp_retries2=3 at the client; SO_RCVBUF of 8 KB at the server",
      expect=behind_window, story="""The client uploads. The server's process has accepted the connection and sleeps, for
      an hour: its small receive buffer fills, its window closes, and the client's kernel probes it. tcp_retries2 is 3:
      the waits are doubled three times and no more. After eight seconds the server's host dies, as far as anybody can see:
      the router drops everything in both directions. Three probes stay without an answer, and the client's kernel gives
      up, without a packet.""" + OTHER, knobs=((41203, "tcp_retries2", 3),))
def behind_closed_window(lab):
    lab.sysctl("client", tcp_retries2=3)
    transfer(lab, 41203, "up", 2000000, ("--sleep", 3600, "--receive-buffer", 8192)).wait_for("connected")
    time.sleep(8)
    lab.drop()
    time.sleep(13)
    other_desk(lab)


def twice_more(trace):
    flow, other = trace.flows
    again = handshakes(flow)
    ensure(len(flow.of("client")) == 1 and len(again) == len(flow.of("server")) == 3, "segments")
    ensure(other.segments[0].at - again[-1].at > 6, "the silence after them")
    return flows(is_called(flow, "handshake-abandoned", "warning", "client", onset=frames(flow.segments[0], again[1])),
                 well(other, "closed", "fin"))


@case("handshake-abandoned/synack-retries-2", seconds=18, title="the SYN-ACK, twice more, and silence", at="server",
      sysctls="default sysctls but tcp_synack_retries=2 at the server", expect=twice_more, story="""The client connects.
      The path then loses what it sends, except for SYNs: a broken firewall on the router drops it. The server's kernel
      repeats its SYN-ACK; tcp_synack_retries is 2: after the second repeat it waits four seconds more and forgets the
      connection. Captured at the server. At the end the client's host asks the server at another desk, which that firewall
      lets pass: that one answers, and the capture ends.""", knobs=((41204, "tcp_synack_retries", 2),))
def synack_retries_2(lab):
    lab.sysctl("server", tcp_synack_retries=2)
    lobby(lab)
    lab.drop("ip daddr %s tcp dport 9120 tcp flags & (syn|ack) == ack" % SERVER)
    visitors(lab, 41204, "client").wait_for("connected")
    time.sleep(15)
    desk(lab)
    asker(lab, 40590, "--requests", 1, name="other client").wait(20)


def late_close(trace):
    calm(trace, 1)
    flow = trace.flow()
    fin, late, reset = flow.first("server", FIN), flow.first("client", FIN), flow.first("server", RST)
    ensure(6 < late.at - fin.at < 9 and 0 < reset.at - late.at < 0.1 and not late.length, "the close")
    return flows(is_well(flow, "closed", "rst"))


@case("healthy/closed-after-fin-timeout", seconds=16, title="FIN; 7 s later the other FIN meets an RST",
      sysctls="default sysctls but tcp_fin_timeout=4 at the server", expect=late_close, story=IDLE + """After two seconds
      without an errand the clerk closes: FIN, which the client's kernel ACKs. The client does not look, and closes in its
      own time, seven seconds later. By then the clerk's kernel has forgotten the connection (tcp_fin_timeout is 4) and
      answers its FIN by RST. All that was to be said had been said.""", knobs=((41205, "tcp_fin_timeout", 4),))
def closed_late(lab):
    lab.sysctl("server", tcp_fin_timeout=4)
    clerk(lab, "--idle", 2)
    errands(lab, 41205, "--errands", 3, "--idle", 9).wait_for("closed, 3", 30)
    time.sleep(1)
