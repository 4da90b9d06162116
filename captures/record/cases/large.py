"""Paths that let small packets through and large ones not: silently, with an ICMP error, or until the kernel has found a
size that fits."""
import time

from cases import case
from cases.errands import clerk, errands, frames, is_called, is_well
from cases.expect import calm, doubling, ensure, flows
from cases.second_look import HEADERS
from cases.vanished import TO_SERVER
from trace import FIN, RST, below

SMALL = "The client has three errands done, small ones with small answers. The clerk sends some news every two seconds. "
LARGE = """The fourth errand has 4000 bytes, and two small messages follow it at once. """
DROPS = "The router drops packets of more than 600 bytes that go to the server, and says nothing about it. "


def blackhole(at):
    """The small messages behind it are ACKed (SACK), and what is large never is; the server's news come and are ACKed."""
    def expect(trace):
        flow, = trace.flows
        pings = [segment for segment in flow.data("client") if segment.length == 5]
        base = pings[0].seq
        told = [segment for segment in flow.of("server") if base in [start for start, _ in segment.sacks]]
        ensure(len(pings) >= 1 and told and told[0].at - pings[0].at < 1, "the small messages were ACKed")
        stuck = told[-1].ack
        ensure(stuck != base and below(stuck, base) and flow.of("server")[-1].ack == stuck, "the hole")
        news = [segment for segment in flow.data("server") if segment.at > told[0].at]
        ensure(len(news) >= 8 and flow.acked("server") and not flow.first("client", FIN | RST), "the news")
        if at == "client":
            first = next(s for s in flow.data("client") if s.seq == stuck)
            again = flow.again(first)
            ensure(first.length > 1000 and len(again) >= 6 and min(s.length for s in again) > 600, "the large segment")
            doubling([s for s in again if s.at > first.at + 0.15], "the large segment")
            onset = first
        else:
            ensure(not [s for s in flow.of("client") if s.seq == stuck and s.length], "a large segment")
            onset = frames(pings[0], told[-1])
        return flows(is_called(flow, "mtu-blackhole", "critical", "between", "path", onset=onset))
    return expect


def play(lab, from_port):
    clerk(lab, "--news", 2)
    lab.drop(TO_SERVER + " meta length > 600")
    return errands(lab, from_port, "--large", 4)


@case("mtu-blackhole/large-errand", seconds=32, title="small ones pass, a large one is lost", snaplen=HEADERS,
      expect=blackhole("client"), story=SMALL + DROPS + LARGE + """The first of these arrives, and the server's kernel
      says so (SACK); the other one waits in the client's kernel. The large segments never arrive, however often that
      repeats them. The news go on to arrive, and to be ACKed. The capture is ended while the kernel still tries.""")
def large_errand(lab):
    play(lab, 41170).wait_for("errand 4", 20)
    time.sleep(27)


@case("mtu-blackhole/large-errand-at-server", seconds=32, title="the same, captured at the server", snaplen=HEADERS,
      at="server", expect=blackhole("server"), story=SMALL + DROPS + LARGE + """The first of these arrives, and the server's
      kernel says so (SACK): there is a hole before it, which is never filled. The news go on to arrive, and to be ACKed.
      Captured at the server, which never sees a large segment.""")
def large_errand_at_server(lab):
    play(lab, 41171).wait_for("errand 4", 20)
    time.sleep(27)


def probed(trace):
    """The large errand was repeated, in smaller and smaller segments, until one got through; all was done."""
    flow, = trace.flows
    large = next(segment for segment in flow.data("client") if segment.length > 1000)
    sizes = [segment.length for segment in flow.again(large)]
    waited = flow.acked_at(flow.data("client")[3]) - large.at
    ensure(min(sizes) < 600 < max(sizes) and waited > 2 and flow.acked("client"), "sizes %s, %.1f s" % (sizes, waited))
    ensure(len([s for s in flow.data("server") if s.at > large.at + waited]) >= 3, "it went on")
    return flows(is_called(flow, "degraded", "warning"))


@case("degraded/mtu-probing-finds-a-size", seconds=30, title="tcp_mtu_probing=1: it takes some seconds", snaplen=HEADERS,
      sysctls="default sysctls but tcp_mtu_probing=1 at the client", expect=probed, story=SMALL + DROPS + LARGE +
      """The client's kernel repeats the large one in vain; after some seconds it tries smaller segments, which get
      through. From then on all is well. The capture is ended while the connection is up.""")
def probes(lab):
    lab.sysctl("client", tcp_mtu_probing=1)
    play(lab, 41172).wait_for("errand 10 done", 60)
    time.sleep(0.5)


def told(trace):
    """ICMP "fragmentation needed", and smaller segments at once."""
    calm(trace, 1, 1, 20)
    flow = trace.flow()
    ensure(trace.errors and {error.code for error in trace.errors} == {4}, "the errors")
    large = next(segment for segment in flow.data("client") if segment.length > 1000)
    end = next(segment for segment in flow.data("server") if segment.at > trace.errors[0].at)
    ensure(end.at - large.at < 0.9 and flow.acked("client") and flow.acked("server"), "it went on")
    return flows(is_well(flow, "closed", "fin"))


@case("healthy/path-mtu-is-told", seconds=8, title="ICMP: fragmentation needed; smaller segments follow", snaplen=HEADERS,
      expect=told, story="""The path behind the router takes packets of at most 600 bytes. The client has three errands
      done, small ones. The fourth has 4000 bytes, and two small messages follow it at once: the router answers the large
      packet with ICMP "fragmentation needed" (type 3, code 4), and the client's kernel sends it again in smaller
      segments, at once (the capture shows them before they are cut, as one of the same length). It is done, so are three
      more, and the client closes.""")
def is_told(lab):
    lab.ip("router", "route", "replace", "10.1.0.8/30", "dev", "server", "mtu", "lock", "600")
    clerk(lab)
    errands(lab, 41173, "--errands", 7, "--large", 4).wait(30)
    time.sleep(0.5)
