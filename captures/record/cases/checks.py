"""Healthy ways to use and to end connections that a careless tool takes for failures: aborts after the work was done,
checks that never become connections, one direction closed long before the other, silence between two uses."""
import signal
import time

from cases import case
from cases.dialogues import until_closed, until_cut
from cases.expect import OK, calm, ensure, flows, healthy
from cases.gateway import client, gateway, stop
from cases.quotes import asker, desk
from lab import SERVER
from trace import ACK, FIN, RST, SYN

FAR, FARTHER = {"rtt_ms": 40}, {"rtt_ms": 150}
# "closed with a notice": the words leave open whether the notice is the verdict's own or that of a finding.
CLOSED = dict(OK, **{"verdict.id": "closed", "verdict.severity": {"one_of": ["ok", "notice"]}, "end": "rst"})


def aborted(count, payload):
    """Connections that the client ended with RST, when nothing was owed."""
    def expect(trace):
        calm(trace, count)
        for flow in trace.flows:
            reset = flow.first("client", RST)
            ensure(reset and not flow.first("server", FIN | RST) and not flow.first("client", FIN), "another end")
            ensure(len(flow.data("server")) == len(flow.data("client")) == payload, "payload")
            ensure(reset is flow.segments[-1] and flow.acked("client") and flow.acked("server"), "work was pending")
        return flows((dict(CLOSED, **{"server.port": trace.flow().server[1], "start": "handshake"}), count))
    return expect


BROWSER = """Four connections, one after another: the client asks six times, has all its answers, and closes with
SO_LINGER 0, as browsers do when they have no further use for a connection: RST, and nothing was pending."""


def browse(lab):
    desk(lab)
    for number in range(4):
        asker(lab, 40610 + number, "--requests", 6, "--every", 0.4, "--abort", name="client %d" % (number + 1)).wait(30)
        time.sleep(0.5)


@case("healthy/browser-rst", seconds=16, title="RST when all was answered", expect=aborted(4, 6), story=BROWSER)
def browser(lab):
    browse(lab)


@case("healthy/browser-rst-150ms", seconds=24, title="the same over 150 ms", network=FARTHER, expect=aborted(4, 6),
      story=BROWSER)
def browser_far(lab):
    browse(lab)


@case("healthy/connect-checks-rst", seconds=20, title="connected, and RST without a word", expect=aborted(8, 0),
      story="""A health check connects every 2 s, and closes at once with SO_LINGER 0: SYN, SYN-ACK, ACK, RST. Nobody
      has written anything.""")
def connect_checks(lab):
    desk(lab)
    for number in range(8):
        asker(lab, 40620 + number, "--requests", 0, "--abort", name="check %d" % (number + 1)).wait(20)
        time.sleep(1.8)


def half_open_checks(trace):
    calm(trace, 15)
    for flow in trace.flows:
        ensure([segment.flags for segment in flow.segments] == [SYN, SYN | ACK, RST], "other segments")
    return flows((dict(CLOSED, **{"server.port": 9060, "start": "handshake"}), 15))


@case("healthy/load-balancer-health-checks", seconds=34, title="SYN, SYN-ACK, RST, every 2 s", expect=half_open_checks,
      story="""A load balancer checks every 2 s whether the service is up, and does so by half: it sends a SYN from a
      program of its own (a raw socket), and its kernel refuses the SYN-ACK with RST. No connection ever comes about,
      and the desk never hears of it.""")
def health_checks(lab):
    desk(lab)
    lab.run("client", "balancer", "health.py", SERVER).wait(60)


def half_closed(trace):
    calm(trace, 1)
    flow = trace.flow()
    fin = flow.first("client", FIN)
    rows = [segment for segment in flow.data("server") if segment.at > fin.at]
    ensure(len(rows) > 10 and flow.first("server", FIN).at - fin.at > 19, "rows after the client's FIN")
    return healthy("closed", "fin")(trace)


HALF = """The client sends its query and closes its writing side: FIN. The server answers with rows for twenty seconds,
as it finds them, and then closes. A connection that is closed in one direction is none the worse for it."""


@case("healthy/half-close", seconds=24, title="FIN, and then 20 s of answer", expect=half_closed, story=HALF)
def half_close(lab):
    until_closed(lab, "rows.py", 40)


@case("healthy/half-close-40ms", seconds=25, title="the same over 40 ms", network=FAR, expect=half_closed, story=HALF)
def half_close_far(lab):
    until_closed(lab, "rows.py", 40)


@case("healthy/pool-idle", seconds=40, title="three connections, idle for 30 s, then used again",
      expect=healthy("alive", count=3), story="""A pool of three connections to a database. They are used, then all
      three are idle for half a minute, without keepalive, and then they are used again. The capture is ended while they
      are up.""")
def pool_idle(lab):
    lab.run("server", "server", "dbpool.py", "server").wait_for("listening")
    lab.run("client", "client", "dbpool.py", "client", SERVER).wait_for("15 more queries", 60)
    time.sleep(0.5)


@case("healthy/idle-with-keepalive-answered-to-the-end", seconds=94, title="idle; the server's keepalive is answered",
      network=FAR, expect=healthy("alive"), story="""One query, one answer, and then 90 s of nothing but keepalive
      probes every 5 s, set by the server on its socket and answered by the client's kernel, to the end of the
      capture.""",
      knobs=((40340, "tcp_keepalive_time", 5), (40340, "tcp_keepalive_intvl", 5)))
def keepalive_of_server(lab):
    lab.run("server", "server", "pool.py", "server", "keepalive").wait_for("listening")
    lab.run("client", "client", "pool.py", "client", SERVER, "nothing")
    time.sleep(91)


@case("healthy/long-poll-60s", seconds=126, title="answered after a minute, twice", expect=healthy("alive"),
      story="""The client asks for news, and the server answers when there is some: a minute later; the client asks
      again, and is answered after another minute. The capture is ended when it has asked for the third time.""")
def long_poll_minute(lab):
    lab.run("server", "server", "poll.py", "server", 60).wait_for("listening")
    lab.run("client", "client", "poll.py", "client", SERVER).wait_for("poll 3 sent", 130)
    time.sleep(1)


PUSH = """The client subscribes and is told so. From then on the server sends news at irregular times, and the client
only reads. The capture is ended while the connection is up."""


@case("healthy/server-push", seconds=64, title="a subscription, and the client is silent", expect=healthy("alive"),
      story=PUSH)
def server_push(lab):
    until_cut(lab, "feed.py", 61, ("mute",))


@case("healthy/server-push-150ms", seconds=64, title="the same over 150 ms", network=FARTHER, expect=healthy("alive"),
      story=PUSH)
def server_push_far(lab):
    until_cut(lab, "feed.py", 61, ("mute",))


def only_server(trace):
    ensure(not trace.flow().bytes("client"), "the client wrote something")
    return healthy("one-way")(trace)


@case("healthy/server-first", seconds=80, title="the server greets and ticks, the client never writes",
      expect=only_server, story="""The server greets whoever connects, and then sends a line now and then. The client
      reads them and never writes a byte. The capture is ended while the connection is up.""")
def server_first(lab):
    until_cut(lab, "ticker.py", 76)


def paused(trace):
    """Every beat was answered, four of them late. The words allow: alive, or degraded for having stood still for two
    seconds; and never more than a warning."""
    calm(trace, 1)
    flow = trace.flow()
    ensure(flow.acked("client") and flow.acked("server"), "bytes that were never ACKed")
    ensure(flow.bytes("client") - 64 == flow.bytes("server") - 32, "beats without answers")
    gap = max(b.at - a.at for a, b in zip(flow.data("server"), flow.data("server")[1:]))
    ensure(1.8 < gap < 3, "the longest silence was %.3f s" % gap)
    match = {"verdict.id": {"one_of": ["alive", "degraded"]},
             "verdict.severity": {"one_of": ["ok", "notice", "warning"]}, "server.port": 9001, "end": "none",
             "start": "handshake"}
    return flows((match, 1))


@case("healthy/sigstop-2s", seconds=34, title="the gateway stands still for 2 s", expect=paused, story="""The gateway
      answers the login and a heartbeat every half second. Once it stands still for two seconds (SIGSTOP, SIGCONT): its
      kernel ACKs the beats of that time, and then they are all answered at once. It goes on well until the capture is
      ended.""")
def sigstop(lab):
    server = gateway(lab)
    beating = client(lab, "--from-port", 40630, "--beat", 0.5)
    beating.wait_for("sent heartbeat 20;", 20)
    time.sleep(0.25)
    stop(lab, server, "for two seconds")
    time.sleep(2)
    server.signal(signal.SIGCONT)
    lab.note("SIGCONT to the gateway's processes")
    time.sleep(18.25)


ASKS = "The client asks twenty times, the desk answers each question at once, and the client closes."


def asks(lab):
    desk(lab)
    asker(lab, 40640, "--requests", 20).wait(60)
    time.sleep(0.5)


@case("healthy/quotes", seconds=15, title="questions and answers", expect=healthy("closed", "fin"), story=ASKS)
def quotes_near(lab):
    asks(lab)


@case("healthy/quotes-40ms", seconds=16, title="the same over 40 ms", network=FAR, expect=healthy("closed", "fin"),
      story=ASKS)
def quotes_far(lab):
    asks(lab)


@case("healthy/quotes-150ms-at-server", seconds=18, title="the same over 150 ms, captured at the server", at="server",
      network=FARTHER, expect=healthy("closed", "fin"), story=ASKS)
def quotes_farther(lab):
    asks(lab)
