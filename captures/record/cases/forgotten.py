"""Silence that comes after a gap: a firewall that forgot an idle connection, a host that died or restarted meanwhile, and
an idle connection of which nothing is amiss."""
import time

from cases import case
from cases.errands import clerk, errands, is_called, is_well
from cases.expect import calm, doubling, ensure, flows, next_syn, well
from trace import FIN, RST

FIVE = "The client has five errands done, and is idle, without keepalive. "
FIREWALL = """The router is a firewall that follows connections and forgets those that are idle for a minute. """
ANEW = """The client connects anew, from another port: the firewall lets that through, and all is well."""


def sixth(flow, idle):
    """The first segment after the gap."""
    errand = flow.data("client")[5]
    last = [segment for segment in flow.segments if segment.frame < errand.frame][-1]
    ensure(len(flow.data("server")) == 5 and len(flow.data("client")) == 6, "errands and answers")
    ensure(idle - 0.5 < errand.at - last.at < idle + 1, "it was idle for %.1f s" % (errand.at - last.at))
    return errand


def anew(flow):
    ensure(flow.acked("client") and len(flow.data("server")) == 5, "the second one was not answered")
    return well(flow, "alive")


def dropped(trace):
    ensure(len(trace.flows) == 2, "%d connections" % len(trace.flows))
    flow, after = trace.flows
    errand = sixth(flow, 65)
    ensure(not [segment for segment in flow.of("server") if segment.at > errand.at], "a sign of life after it")
    doubling(flow.again(errand), "the errand")
    ensure(not flow.first("client", FIN | RST), "an end")
    return flows(is_called(flow, "idle-dropped", "critical", "between", "path", onset=errand,
                           **{"verdict.noticed": next_syn([after])}), anew(after))


def reset(foreign):
    """By the router, or by the host itself, which has restarted: what tells them apart is the TTL."""
    def expect(trace):
        calm(trace, 2)
        flow, after = trace.flows
        errand, rst = sixth(flow, 65), flow.first("server", RST)
        ensure(rst.flags == RST and rst is flow.segments[-1] and rst.at - errand.at < 0.5, "the RST")
        ensure((rst.ttl != flow.of("server")[0].ttl) == foreign, "its TTL")
        verdict, side = ("idle-dropped", "between") if foreign else ("peer-restarted", "server")
        return flows(is_called(flow, verdict, "critical", side, "path", end="rst", onset=errand), anew(after))
    return expect


def play(lab, from_port, *options, idle=65):
    clerk(lab)
    client = errands(lab, from_port, "--errands", 5, "--idle", idle, "--then", 1, *options)
    client.wait_for("now idle", 20)
    return client


def comes_back(client, failure):
    client.wait_for("errand 6: %s" % failure, 100)
    client.wait_for("now idle(?s:.*)connected after(?s:.*)now idle", 20)
    time.sleep(0.5)


@case("idle-dropped/firewall-drops-after-60s", seconds=85, title="idle for 65 s, then silence; a new SYN is answered",
      expect=dropped, story=FIREWALL + FIVE + """After 65 s it has another: the firewall drops the packets of a
      connection that it does not know. The client's kernel repeats them; after eight seconds the client has no patience
      left, and closes (its kernel goes on repeating). """ + ANEW)
def firewall_drops(lab):
    lab.firewall(60, "drop")
    comes_back(play(lab, 41080, "--patience", 8, "--again", 1, "--pause", 0.2), "out of patience")


@case("idle-dropped/firewall-resets-after-60s", seconds=78, title="idle for 65 s, then the firewall's RST",
      expect=reset(True), story=FIREWALL + FIVE + """After 65 s it has another: the firewall answers the packet of a
      connection that it does not know with RST, in the clerk's name (the TTL is the router's). """ + ANEW)
def firewall_resets(lab):
    lab.firewall(60, "reject with tcp reset")
    comes_back(play(lab, 41081, "--again", 1, "--pause", 0.2), "ECONNRESET")


@case("peer-restarted/while-idle-for-65s", seconds=78, title="idle for 65 s, then the host's own RST",
      expect=reset(False), story=FIVE + """Meanwhile the clerk's host loses its power, and starts again, and so does the
      clerk. After 65 s the client has another errand: the host's kernel answers with RST, since it knows no such
      connection. The client connects anew, and all is well. No middlebox has anything to do with it: the RST has the
      TTL of the host's other packets.""")
def restarts(lab):
    client = play(lab, 41082, "--again", 1, "--pause", 0.2)
    time.sleep(30)
    lab.crash("server")
    time.sleep(3)
    lab.boot("server")
    clerk(lab, name="clerk after it")
    comes_back(client, "ECONNRESET")


def vanished_after(trace):
    """Less than any timer of a middlebox, and a new connection is not answered either."""
    flow, after = trace.flows
    errand = sixth(flow, 20)
    ensure(not [segment for segment in flow.of("server") if segment.at > errand.at], "a sign of life after it")
    doubling(flow.again(errand), "the errand")
    ensure(not after.of("server") and len(after.of("client")) >= 4, "the second one")
    return flows(is_called(flow, "peer-vanished", "critical", "server", "path", onset=errand,
                           **{"verdict.noticed": next_syn([after])}),
                 is_called(after, "connect-unanswered", "critical", "server", "path", onset=after.segments[0]))


@case("peer-vanished/after-20s-of-idleness", seconds=42, title="idle for 20 s, then silence, for new SYNs, too",
      expect=vanished_after, story=FIVE + """Meanwhile the clerk's host dies, as far as anybody can see: the router drops
      everything in both directions. After 20 s the client has another errand: its kernel repeats it, in vain. After
      eight seconds the client has no patience left, closes, and connects anew: nothing answers these SYNs either.""")
def vanishes(lab):
    client = play(lab, 41083, "--patience", 8, "--again", 1, "--pause", 0.2, idle=20)
    time.sleep(5)
    lab.drop()
    client.wait_for("errand 6: out of patience", 60)
    time.sleep(8)


def used_again(trace):
    calm(trace, 1)
    flow = trace.flow()
    gap = max(b.at - a.at for a, b in zip(flow.data("client"), flow.data("client")[1:]))
    ensure(64.5 < gap < 67 and len(flow.data("server")) == len(flow.data("client")) == 8, "the gap")
    ensure(flow.acked("client") and flow.acked("server"), "bytes that were never ACKed")
    return flows(is_well(flow, "closed", "fin"))


@case("healthy/idle-65s-then-used", seconds=78, title="idle for 65 s, and then it works", expect=used_again, story=FIVE +
      """After 65 s it has three more: each is done at once. Then the client closes.""")
def idle_then_used(lab):
    clerk(lab)
    errands(lab, 41084, "--errands", 5, "--idle", 65, "--then", 3).wait(100)
    time.sleep(0.5)


def news_dropped(trace):
    """The server's first words after the gap, repeated into silence; another client is answered meanwhile."""
    ensure(len(trace.flows) == 2, "%d connections" % len(trace.flows))
    flow, other = trace.flows
    news = flow.data("server")[5]
    last = [segment for segment in flow.segments if segment.frame < news.frame][-1]
    ensure(len(flow.data("server")) == 6 and 60.5 < news.at - last.at < 67, "the news")
    ensure(not [segment for segment in flow.of("client") if segment.at > news.at], "a sign of life after it")
    doubling(flow.again(news), "the news")
    ensure(len(flow.again(news)) >= 7 and other.segments[0].at > news.at and len(other.data("server")) == 5, "the other one")
    return flows(is_called(flow, "idle-dropped", "critical", "between", "path", onset=news), well(other, "closed", "fin"))


@case("idle-dropped/firewall-drops-news", seconds=90, title="the server speaks first after the gap; captured at the server",
      at="server", expect=news_dropped, story=FIREWALL + FIVE + """More than a minute later the clerk has news: the
      firewall drops the packets of a connection that it does not know. The server's kernel repeats the news. Meanwhile
      another client connects, has its errands done, and closes: the firewall lets that through. Captured at the
      server.""")
def firewall_drops_news(lab):
    lab.firewall(60, "drop")
    clerk(lab, "--news", 66)
    errands(lab, 41085, "--errands", 5, "--idle", 3600).wait_for("now idle", 20)
    time.sleep(68)
    errands(lab, 41086, "--errands", 5, name="other client").wait(20)
    time.sleep(9)
