"""What befalls several connections at once: a host that restarts under all of them, a service that is gone, a firewall
that forgets them, a host that dies; and somebody who tries many ports."""
import time

from cases import case
from cases.errands import clerk, errands, is_called, is_well
from cases.expect import ensure, flows
from lab import SERVER
from trace import ACK, FIN, RST, SYN

THREE = "Three clients have three errands done each, and are idle, without keepalive. "


def three(lab, from_port, *options, idle):
    clerk(lab)
    clients = [errands(lab, from_port + number, "--errands", 3, "--idle", idle, "--then", 1, *options,
                       name="client %d" % (number + 1)) for number in range(3)]
    for client in clients:
        client.wait_for("now idle", 20)
    return clients


def all_called(verdict, side, end):
    """Each met the same at its fourth errand, and nothing before."""
    def expect(trace):
        ensure(len(trace.flows) == 3, "%d connections" % len(trace.flows))
        entries = []
        for flow in trace.flows:
            ensure(len(flow.data("server")) == 3 and len(flow.data("client")) >= 4, "errands and answers")
            errand = flow.data("client")[3]
            ensure(not flow.first("client", FIN | RST) and bool(flow.first("server", RST)) == (end == "rst"), "an end")
            entries.append(is_called(flow, verdict, "critical", side, "path", end=end, onset=errand))
        return flows(*entries)
    return expect


@case("peer-restarted/three-sessions", seconds=20, title="a host restarts under three idle sessions",
      expect=all_called("peer-restarted", "server", "rst"), story=THREE + """Meanwhile the clerk's host loses its power.
      Its link goes down, and it starts again with the same address and without any of its connections. Each of the
      clients has another errand then, and is answered with RST.""")
def restart(lab):
    clients = three(lab, 41300, idle=8)
    lab.crash("server")
    time.sleep(3)
    lab.boot("server")
    clerk(lab, name="clerk after it")
    for client in clients:
        client.wait_for("errand 4: ECONNRESET", 20)
    time.sleep(0.5)


def forgotten(trace):
    """The three, and the connections that their clients made when they had lost their patience."""
    ensure(len(trace.flows) == 6, "%d connections" % len(trace.flows))
    entries = []
    for flow in trace.flows[:3]:
        errand = flow.data("client")[3]
        ensure(len(flow.data("server")) == 3 and not [s for s in flow.of("server") if s.at > errand.at], "an answer")
        entries.append(is_called(flow, "idle-dropped", "critical", "between", "path", onset=errand))
    for flow in trace.flows[3:]:
        ensure(flow.acked("client") and len(flow.data("server")) == 3, "the second ones were not answered")
        entries.append(is_well(flow, "alive"))
    return flows(*entries)


@case("idle-dropped/three-sessions", seconds=90, title="a firewall forgets three idle sessions", expect=forgotten,
      story="""The router is a firewall that follows connections and forgets those that are idle for a minute. """ +
      THREE + """After 65 s each has another: the firewall drops what it does not know, and the clients' kernels repeat
      it. After eight seconds they have no patience left, and connect anew: the firewall lets that through, and all is
      well.""")
def firewall(lab):
    lab.firewall(60, "drop")
    for client in three(lab, 41310, "--patience", 8, "--again", 10, "--pause", 0.2, idle=65):
        client.wait_for("errand 4: out of patience", 100)
        client.wait_for("now idle(?s:.*)connected after(?s:.*)now idle", 20)
    time.sleep(0.5)


@case("peer-vanished/three-sessions", seconds=30, title="a host falls silent under three sessions",
      expect=all_called("peer-vanished", "server", "none"), story=THREE + """Then nothing of the clerk's host comes
      through any more. Each of them has another errand, and its kernel repeats that again and again.""")
def death(lab):
    three(lab, 41320, idle=4)
    lab.drop()
    time.sleep(20)


@case("unreachable/host-dies-under-three-sessions", seconds=30, title="a host dies under three sessions; the router says so",
      expect=all_called("unreachable", "between", "none"), story=THREE + """Then the clerk's host loses its power. Each of
      them has another errand, and its kernel repeats that; the router asks for the host's address on its link, gets no
      answer, and says so (ICMP host unreachable).""")
def dies(lab):
    three(lab, 41340, idle=4)
    lab.crash("server")
    time.sleep(20)


def gone(trace):
    ensure(len(trace.flows) == 4, "%d connections" % len(trace.flows))
    first, others = trace.flows[0], trace.flows[1:]
    ensure(len(first.data("server")) == 3 and first.first("server", FIN), "the first one")
    for flow in others:
        answer, = flow.of("server")
        ensure(answer.flags == RST | ACK and [s.flags for s in flow.of("client")] == [SYN], "other than a refusal")
    return flows(is_well(first, "closed", "fin"),
                 *[is_called(flow, "connect-refused", "critical", "server", end="rst", onset=flow.segments[0])
                   for flow in others])


@case("connect-refused/service-is-gone", seconds=10, title="the process has ended; three clients are refused",
      expect=gone, story="""A client has three errands done, and leaves. Then the clerk's process ends, and nobody starts
      it again: three clients that come later are refused by the host's kernel (ECONNREFUSED).""")
def service(lab):
    server = clerk(lab)
    errands(lab, 41330, "--errands", 3).wait(20)
    time.sleep(1)
    server.end()
    time.sleep(1)
    for number in range(3):
        errands(lab, 41331 + number, "--errands", 1, name="client %d" % (number + 2)).wait_for("ECONNREFUSED", 5)
        time.sleep(0.5)


def scanned(trace):
    ensure(len(trace.flows) == 40, "%d connections" % len(trace.flows))
    taken = [flow for flow in trace.flows if flow.server[1] == 9070]
    ensure(len(taken) == 1 and taken[0].first("client", FIN), "the open port")
    refused = {"verdict.id": "connect-refused", "verdict.severity": {"one_of": ["notice", "critical"]},
               "verdict.side": "server", "end": "rst"}
    return flows(is_well(taken[0], "closed", "fin"), (refused, 39))


@case("connect-refused/port-scan", seconds=6, title="forty ports, one of them open", expect=scanned, story="""Somebody
      connects to forty ports of the server's host, one after another. At one of them the clerk listens: there the
      connection is made, and closed at once. The host refuses the others (ECONNREFUSED).""")
def scan(lab):
    clerk(lab)
    lab.run("client", "somebody", "knock.py", SERVER).wait(20)
    time.sleep(0.5)
