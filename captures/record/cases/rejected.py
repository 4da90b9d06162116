"""Established connections whose path ends at a router that says so: ICMP."""
import time

from cases import case
from cases.errands import clerk, errands, is_called
from cases.expect import calm, ensure, flows, port, well
from cases.probed import probes
from cases.quotes import asker, desk, other_desk
from cases.vanished import ten_answers
from lab import ROUTER6_AT_CLIENT, ROUTER_AT_CLIENT, SERVER, SERVER6
from trace import FIN, RST

OTHER = " At the end the client's host asks another desk, on the router: that one answers, and the capture ends."
ASKS = "The client asks and the desk answers, ten times. "
ENDS = """The client's next question is repeated by its kernel. tcp_retries2 is 4: after some seconds the kernel gives up,
and tells the client what the router had said (EHOSTUNREACH).""" + OTHER
SMALL = "default sysctls but tcp_retries2=%d at the client"


def told(trace, code):
    """The question, and the errors that speak of this connection."""
    flow = trace.flow()
    question = flow.data("client")[-1]
    errors = [error for error in trace.errors if error.ports == (flow.client[1], flow.server[1])]
    ensure(len(errors) >= 2 and {(error.code, error.sender) for error in errors} == {(code, ROUTER_AT_CLIENT)}, "errors")
    ensure(len(flow.again(question)) >= 3 and len(flow.data("server")) == 10, "the question")
    ensure(not [segment for segment in flow.of("server") if segment.at > question.at], "a sign of life after it")
    ensure(not flow.first("client", FIN | RST) and errors[-1].at - question.at > 1, "the times")
    return flow, question


def unreachable(code):
    def expect(trace):
        flow, question = told(trace, code)
        return flows(is_called(flow, "unreachable", "critical", "between", "path", onset=question),
                     well(trace.flow(1), "closed", "fin"))
    return expect


def reject(lab, from_port, how):
    lab.sysctl("client", tcp_retries2=4)
    desk(lab)
    client = asker(lab, from_port)
    ten_answers(lab, client)
    lab.reject("ip daddr %s" % SERVER, how)
    client.wait_for("request 11: EHOSTUNREACH", 40)
    time.sleep(2)
    other_desk(lab)


@case("unreachable/host-unreachable", seconds=25, title="ICMP 3/1 from the router, to the end of tcp_retries2=4",
      sysctls=SMALL % 4, expect=unreachable(1), story=ASKS + """Then the router no longer reaches the desk's host, and
      says so: ICMP host unreachable (type 3, code 1), to each packet. """ + ENDS + """ These errors take the kernel's
      backoff back: while they come the repeats follow one another in even steps.""")
def host_unreachable(lab):
    reject(lab, 41040, "icmpx host-unreachable")


@case("unreachable/admin-prohibited", seconds=25, title="ICMP 3/13: a firewall was told otherwise",
      sysctls=SMALL % 4, expect=unreachable(13), story=ASKS + """Then a firewall on the router is told not to let the
      client through, and says so: ICMP "communication administratively prohibited" (type 3, code 13), to each packet.
      """ + ENDS)
def admin_prohibited(lab):
    reject(lab, 41041, "icmpx admin-prohibited")


@case("unreachable/host-gone", seconds=45, title="silence for 3 s, then ICMP 3/1: nobody answers the router's ARP",
      sysctls=SMALL % 6, expect=unreachable(1), story=ASKS + """Then the desk's host is gone (its address is taken away,
      and what the router knew of it is forgotten): the router asks for it (ARP) in vain. It says nothing for three
      seconds; then it answers what waited with ICMP host unreachable (type 3, code 1), and asks anew. The client's next
      question is repeated by its kernel. tcp_retries2 is 6: half a minute later the kernel gives up, and tells the
      client what the router had said (EHOSTUNREACH).""" + OTHER)
def host_gone(lab):
    lab.sysctl("client", tcp_retries2=6)
    desk(lab)
    client = asker(lab, 41042)
    ten_answers(lab, client)
    lab.ip("server", "address", "flush", "dev", "eth0")
    lab.ip("router", "neighbour", "flush", "dev", "server")
    lab.note("the desk's host has no address any more")
    client.wait_for("request 11: EHOSTUNREACH", 60)
    time.sleep(2)
    other_desk(lab)


def passed(trace):
    """It stood still for more than a second, and went on."""
    calm(trace, 1, 3, 30)
    flow = trace.flow()
    repeated = next(segment for segment in flow.data("client") if flow.again(segment))
    waited = flow.acked_at(repeated) - repeated.at
    ensure(1.5 < waited < 5 and len(trace.errors) >= 3, "the question waited %.3f s" % waited)
    ensure(flow.acked("client") and flow.acked("server") and len(flow.data("server")) >= 19, "it went on")
    match = {"verdict.id": "degraded", "verdict.severity": "warning", "end": "none"}
    match.update(port(flow))
    return flows((match, 1))


@case("unreachable/for-2s", seconds=18, title="ICMP 3/1 for 2 s, then all is well", expect=passed, story=ASKS +
      """For two seconds the router does not reach the desk's host, and says so: ICMP host unreachable (type 3, code 1).
      The client's question is repeated by its kernel until one gets through; then all is well again. The capture is
      ended while the connection is up.""")
def for_two_seconds(lab):
    desk(lab)
    client = asker(lab, 41043)
    ten_answers(lab, client)
    lab.reject("ip daddr %s" % SERVER, "icmpx host-unreachable")
    time.sleep(2.3)
    lab.undrop()
    client.wait_for("request 20 answered", 30)


def probes_rejected(trace):
    """The errors speak of probes, which the client's kernel does not mind: it gives up in its own time, with RST."""
    flow, other = trace.flows
    asked = probes(flow)
    lost = [probe for probe in asked if not [s for s in flow.of("server") if 0 < s.at - probe.at < 0.5]]
    ensure(len(lost) == 3 and len(trace.errors) >= 3, "%d probes, %d errors" % (len(lost), len(trace.errors)))
    ensure({(error.code, error.sender) for error in trace.errors} == {(1, ROUTER_AT_CLIENT)}, "other errors")
    ensure(flow.segments[-1].flags & RST and flow.segments[-1].source == flow.client, "the client's RST")
    return flows(is_called(flow, "unreachable", "critical", "between", "path", end="rst", onset=lost[0]),
                 well(other, "closed", "fin"))


@case("unreachable/while-idle-with-keepalive", seconds=15, title="keepalive is answered by ICMP 3/1", expect=probes_rejected,
      story="""The client has three errands done, and is idle. It has set keepalive on its socket: its kernel asks after
      three seconds without a packet whether the clerk's is still there, then each second, three times. Then the router
      no longer reaches the clerk's host, and says so to each probe: ICMP host unreachable (type 3, code 1). The client's
      kernel does not mind these, for they speak of bytes that were ACKed long ago: it gives up after the third probe,
      with RST.""" + OTHER,
      knobs=((41044, "tcp_keepalive_time", 3), (41044, "tcp_keepalive_intvl", 1), (41044, "tcp_keepalive_probes", 3)))
def keepalive_rejected(lab):
    clerk(lab)
    client = errands(lab, 41044, "--errands", 3, "--idle", 3600, "--then", 1, "--keepalive", 3, 1, 3)
    client.wait_for("now idle")
    time.sleep(0.5)
    lab.reject("ip daddr %s" % SERVER, "icmpx host-unreachable")
    time.sleep(8)
    other_desk(lab)


def nobody_home(trace):
    """Who-has for the server's own address, again and again."""
    flow = trace.flow()
    question = flow.data("client")[-1]
    asked = [at for at, target in trace.who_has if target == SERVER and at > question.at]
    ensure(len(asked) >= 6 and asked[-1] - asked[0] > 4 and len(flow.data("server")) == 10, "%d who-has" % len(asked))
    ensure(not trace.errors and not [s for s in flow.of("server") if s.at > question.at], "a sign of life")
    ensure(len(flow.again(question)) >= 3, "the question")
    return flows(is_called(flow, "unreachable", "critical", "server", "path", onset=question),
                 well(trace.flow(1), "closed", "fin"))


@case("unreachable/nobody-answers-arp", seconds=45, title="on one network: who has 10.1.0.9? Nobody", sysctls=SMALL % 6 +
      "; base_reachable_time of 2 s and delay_first_probe_time of 1 s there", network={"bridge": True},
      expect=nobody_home, story=ASKS + """Both hosts are on one network. Then the desk's host is gone (its address is
      taken away). The client's next question is repeated by its kernel, which then begins to ask for the host (ARP), and
      has no answer. tcp_retries2 is 6: half a minute later the kernel gives up, and tells the client that nobody was
      there (EHOSTUNREACH).""" + OTHER)
def no_arp(lab):
    lab.sysctl("client", tcp_retries2=6, neigh__eth0__base_reachable_time_ms=2000, neigh__eth0__delay_first_probe_time=1)
    desk(lab)
    client = asker(lab, 41045)
    ten_answers(lab, client)
    lab.ip("server", "address", "flush", "dev", "eth0")
    lab.note("the desk's host has no address any more")
    client.wait_for("request 11: E", 60)
    time.sleep(2)
    lab.ip("router", "address", "add", ROUTER_AT_CLIENT + "/24", "dev", "br0")
    other_desk(lab)


def address_unreachable(trace):
    flow = trace.flow()
    errand = flow.data("client")[-1]
    ensure(len(trace.errors) >= 2 and {(error.code, error.sender) for error in trace.errors} == {(3, ROUTER6_AT_CLIENT)},
           "errors")
    ensure(len(flow.again(errand)) >= 3 and not [s for s in flow.of("server") if s.at > errand.at], "the errand")
    return flows(is_called(flow, "unreachable", "critical", "between", "path", onset=errand))


@case("unreachable/ipv6-address-unreachable", seconds=22, title="the same over IPv6: ICMPv6 1/3", sysctls=SMALL % 4,
      network={"ipv6": True}, expect=address_unreachable, story="""The client has errands done, over IPv6. Then the router no
      longer reaches the clerk's host, and says so: ICMPv6 address unreachable (type 1, code 3), to each packet. The
      client's kernel repeats its errand. tcp_retries2 is 4: after some seconds the kernel gives up, and tells the client
      what the router had said (EHOSTUNREACH), which ends.""")
def unreachable6(lab):
    lab.sysctl("client", tcp_retries2=4)
    clerk(lab, "--ipv6")
    client = errands(lab, 41046, host=SERVER6)
    client.wait_for("errand 5 done", 20)
    lab.reject("ip6 daddr %s" % SERVER6, "icmpv6 addr-unreachable")
    client.wait_for("EHOSTUNREACH", 40)
    time.sleep(4)
