"""Servers whose queue of connections is full, and handshakes that are never completed, with what looks like them."""
import signal
import time

from cases import case
from cases.checks import CLOSED
from cases.errands import clerk, errands, frames, is_called, is_well
from cases.expect import calm, ensure, flows, port
from cases.quotes import desk
from cases.vanished import TO_CLIENT
from lab import SERVER
from trace import ACK, RST, SYN

FAR = {"rtt_ms": 40}


def lobby(lab, *options):
    lab.run("server", "server", "lobby.py", "server", *options).wait_for("listening")


def visitors(lab, from_port, name, *options):
    return lab.run("client", name, "lobby.py", "client", SERVER, "--from-port", from_port, *options)


def handshakes(flow):
    return [segment for segment in flow.of("server") if segment.flags & (SYN | ACK) == SYN | ACK]


def sorted_out(trace, at):
    """Those in the queue, those that found it full when their handshake ended, and the one that came too late."""
    ensure(len(trace.flows) == 6, "%d connections" % len(trace.flows))
    entries, kinds = [], []
    for flow in trace.flows:
        question = flow.data("client")[0] if flow.data("client") else None
        if question and flow.acked_at(question):
            ensure(not flow.bytes("server") and trace.end - question.at > 15, "an answer")
            kinds.append("queued")
            # Whether the full queue, which others prove, makes more of a wait that nobody else corroborates: not said.
            entries.append(is_called(flow, "auth-unanswered", {"one_of": ["notice", "critical"]}, "server", "application"))
        elif question:
            again = handshakes(flow)
            ensure(len(again) >= 4 and len(flow.again(question)) >= 5 and not flow.bytes("server"), "repeats")
            first = next(segment for segment in flow.of("client") if segment.flags == ACK)
            ensure(first.at < again[1].at, "the client's ACK")
            kinds.append("full")
            more = {"verdict.confidence": "medium"} if at == "client" else {}
            entries.append(is_called(flow, "accept-queue-overflow", "critical", "server", "application",
                                     onset=frames(flow.segments[0], again[1]), **more))
        else:
            ensure(not flow.of("server") and len(flow.segments) >= 5, "an answer to a SYN")
            kinds.append("late")
            entries.append(is_called(flow, "connect-unanswered", "critical", "server",
                                     "path" if at == "client" else "stack", onset=flow.segments[0]))
    ensure(sorted(kinds) == ["full"] * 2 + ["late"] + ["queued"] * 3, "other kinds: %s" % kinds)
    return flows(*entries)


FULL = """The server listens with a backlog of two, and its process never accepts a connection. Two clients connect and
fill most of its queue; each sends its question, which the kernel ACKs and nobody reads. Then three clients connect at the
same moment: the handshake of the first ends, and the queue is full. When the ACKs of the other two arrive there is no
room for them: the server's kernel drops them, and their questions, and repeats its SYN-ACK. The clients believe that they
are connected, and repeat their questions. A sixth client comes later, and its SYNs are not answered at all. """


def full(lab):
    lobby(lab, "--backlog", 2, "--accept-after", 3600)
    visitors(lab, 41100, "early clients", "--count", 2).wait_for("connected(?s:.*)connected")
    time.sleep(1)
    visitors(lab, 41110, "three clients", "--count", 3).wait_for("connected(?s:.*)connected(?s:.*)connected")
    time.sleep(1)
    visitors(lab, 41120, "late client")
    time.sleep(19)


@case("accept-queue-overflow/nobody-accepts", seconds=26, title="two of six find the queue full: SYN-ACK again and again",
      network=FAR, at="server", expect=lambda trace: sorted_out(trace, "server"), story=FULL + "Captured at the server.")
def full_at_server(lab):
    full(lab)


@case("accept-queue-overflow/nobody-accepts-at-client", seconds=26, title="the same, captured at the client",
      network=FAR, expect=lambda trace: sorted_out(trace, "client"), story=FULL + """Captured at the client: that the
      ACKs of the handshakes arrived cannot be seen there.""")
def full_at_client(lab):
    full(lab)


def drained(trace):
    """All are answered in the end: those in the queue within five seconds, the one that found it full after it had sent
    its question again."""
    ensure(len(trace.flows) == 3, "%d connections" % len(trace.flows))
    entries = []
    for flow in trace.flows:
        ensure(len(flow.data("server")) == 1 and flow.acked("client") and flow.acked("server"), "answers")
        question = flow.data("client")[0]
        ensure(flow.data("server")[0].at - question.at < 4.9, "how long it took")
        if len(handshakes(flow)) > 1:
            entries.append(is_called(flow, "connect-slow", "warning", {"one_of": ["server", "between", "unknown"]},
                                     onset=frames(flow.segments[0], handshakes(flow)[0])))
        else:
            entries.append(is_well(flow, "alive"))
    ensure(len([flow for flow in trace.flows if len(handshakes(flow)) > 1]) == 1, "repeated SYN-ACKs")
    return flows(*entries)


@case("accept-queue-overflow/full-for-3s", seconds=12, title="the queue is full, and then it is not", network=FAR,
      at="server", expect=drained, story="""The server listens with a backlog of one, and its process accepts its first
      connection only three seconds after it has come. One client connects; one second later two more, at the same
      moment: the queue takes one of them. For the other there is no room: the server's kernel drops its ACK and its
      question and repeats its SYN-ACK. Then the process accepts all that wait, and answers; the client's kernel sends
      the question again, which now completes the handshake, and it is answered, too. The capture is ended while the
      connections are up. Captured at the server.""")
def drains(lab):
    lobby(lab, "--backlog", 1, "--accept-after", 3)
    visitors(lab, 41130, "early client", "--stay", 60).wait_for("connected")
    time.sleep(1)
    two = visitors(lab, 41131, "two clients", "--count", 2, "--stay", 60)
    two.wait_for("answered(?s:.*)answered", 20)
    time.sleep(0.5)


def deferred(trace):
    """One late SYN-ACK, and from then on nothing amiss."""
    calm(trace, 1, 1, 1)
    flow = trace.flow()
    first, second = handshakes(flow)
    question = flow.data("client")[0]
    ensure(0.9 < second.at - first.at < 1.3 and second.at < question.at - 0.5, "the SYN-ACKs")
    ensure(flow.acked_at(question) - question.at < 0.1 and len(flow.data("server")) == 1, "the question")
    return flows(is_well(flow, "closed", "fin"))


@case("healthy/defer-accept", seconds=7, title="TCP_DEFER_ACCEPT: one SYN-ACK more", expect=deferred, story="""The
      server has set TCP_DEFER_ACCEPT to one second: its kernel does not wake it before there is something to read. The
      client connects and has its question only 2.5 s later. Meanwhile the server's kernel has sent its SYN-ACK once
      more, the client's has ACKed it, and the connection stands. The question is ACKed and answered at once, and both
      sides close.""")
def defers(lab):
    lobby(lab, "--defer", 1)
    visitors(lab, 41140, "client", "--wait", 2.5).wait(20)
    time.sleep(0.5)


def synacks_lost(trace):
    """The client repeats its SYN: it lives, and hears nothing."""
    flow, = trace.flows
    syns = [segment for segment in flow.of("client") if segment.flags == SYN]
    ensure(len(syns) >= 5 and len(handshakes(flow)) >= len(syns) and len(flow.segments) == len(syns + handshakes(flow)), "SYNs")
    return flows(is_called(flow, "handshake-abandoned", "warning", "between", "path",
                           onset=frames(flow.segments[0], handshakes(flow)[1])))


@case("handshake-abandoned/synacks-lost", seconds=18, title="what the server answers is lost", at="server",
      expect=synacks_lost, story="""The client connects. Its SYN arrives, the server's kernel answers, and the path loses
      that: the router drops what the server sends. The client's kernel repeats its SYN, the server's answers each of
      them, and repeats its SYN-ACK, too. The capture is ended meanwhile. Captured at the server.""")
def loses_synacks(lab):
    clerk(lab)
    lab.drop(TO_CLIENT)
    errands(lab, 41150)
    time.sleep(14)


def scanned(trace):
    """One SYN each, and the server's SYN-ACK again and again, into silence."""
    ensure(len(trace.flows) == 4, "%d connections" % len(trace.flows))
    for flow in trace.flows:
        ensure(len(flow.of("client")) == 1 and len(handshakes(flow)) == len(flow.of("server")) >= 4, "segments")
    return flows(*[is_called(flow, "handshake-abandoned", {"one_of": ["notice", "warning"]}, "client",
                             onset=frames(flow.segments[0], handshakes(flow)[1])) for flow in trace.flows])


@case("handshake-abandoned/scanner", seconds=22, title="four SYNs, and whoever sent them never answers", at="server",
      expect=scanned, story="""A scanner sends SYNs from a program of its own (a raw socket), one each second, from four
      ports, and has told its host's firewall to send no RST: it has learnt all that it wanted with the first SYN-ACK.
      The server's kernel repeats the SYN-ACK of each, after one second, two, four. Captured at the server.""")
def scans(lab):
    desk(lab)
    lab.inside("client", "nft", "table ip flscan { chain out { type filter hook output priority 0;"
                                " tcp flags & rst == rst drop; }; }")
    lab.note("the scanner's host drops the RSTs that it would send")
    lab.run("client", "scanner", "health.py", SERVER, "--count", 4, "--every", 1).wait(20)
    time.sleep(13)


def checked(trace):
    calm(trace, 5)
    for flow in trace.flows:
        ensure([segment.flags for segment in flow.segments] == [SYN, SYN | ACK, RST], "other segments")
    return flows((dict(CLOSED, **{"server.port": port(trace.flow())["server.port"], "start": "handshake"}), 5))


@case("healthy/load-balancer-health-checks-at-server", seconds=14, title="SYN, SYN-ACK, RST, captured at the server",
      at="server", network=FAR, expect=checked, story="""A load balancer checks every 2 s whether the service is up, and
      does so by half: it sends a SYN from a program of its own (a raw socket), and its kernel refuses the SYN-ACK with
      RST. Captured at the server.""")
def checks(lab):
    desk(lab)
    lab.run("client", "balancer", "health.py", SERVER, "--count", 5).wait(30)


def refused_by_rst(trace):
    """One in the queue; one whose handshake found it full: RST to its third segment. And a late one."""
    ensure(len(trace.flows) == 4, "%d connections" % len(trace.flows))
    entries, kinds = [], []
    for flow in trace.flows:
        if flow.first("server", RST):
            reset = flow.first("server", RST)
            ensure(reset.at - flow.segments[0].at < 0.5 and len(handshakes(flow)) == 1, "the RST")
            kinds.append("full")
            entries.append(is_called(flow, "accept-queue-overflow", "critical", "server", "application", end="rst",
                                     onset=frames(flow.segments[0], reset)))
        elif handshakes(flow):
            kinds.append("queued")
            entries.append(is_called(flow, "auth-unanswered", {"one_of": ["notice", "critical"]}, "server", "application"))
        else:
            kinds.append("late")
            entries.append(is_called(flow, "connect-unanswered", "critical", "server", "stack", onset=flow.segments[0]))
    ensure(sorted(kinds) == ["full", "late", "queued", "queued"], "other kinds: %s" % kinds)
    return flows(*entries)


@case("accept-queue-overflow/abort-on-overflow", seconds=14, title="tcp_abort_on_overflow=1: RST", network=FAR, at="server",
      sysctls="default sysctls but tcp_abort_on_overflow=1 at the server", expect=refused_by_rst, story="""The server
      listens with a backlog of one, and its process never accepts a connection. One client connects; one second later
      two more, at the same moment: the queue takes one of them. For the other there is no room, and the server's kernel,
      which has been told so (tcp_abort_on_overflow), answers its ACK with RST: the client believed for an instant that
      it was connected (ECONNRESET). A fourth client comes later, and its SYNs are not answered at all. Captured at the
      server.""")
def aborts(lab):
    lab.sysctl("server", tcp_abort_on_overflow=1)
    lobby(lab, "--backlog", 1, "--accept-after", 3600)
    visitors(lab, 41190, "early client").wait_for("connected")
    time.sleep(1)
    visitors(lab, 41191, "two clients", "--count", 2).wait_for("ECONNRESET")
    time.sleep(1)
    visitors(lab, 41195, "late client")
    time.sleep(8)


def acks_lost_at_client(trace):
    flow, = trace.flows
    question, again = flow.data("client")[0], handshakes(flow)
    ensure(len(again) >= 4 and len(flow.again(question)) >= 5 and not flow.bytes("server"), "repeats")
    ensure(not flow.acked("client"), "an ACK")
    return flows(is_called(flow, "accept-queue-overflow", "critical", "server", "application",
                           onset=frames(flow.segments[0], again[1]), **{"verdict.confidence": "medium"}))


ACKS_LOST = """The client connects. The path then loses what it sends, except for SYNs: a broken firewall on the router
drops it. The client has the server's SYN-ACK and believes that it is connected; its ACK and its question never arrive, and
the server's kernel repeats its SYN-ACK. """


def loses_acks(lab, from_port):
    lobby(lab)
    lab.drop("ip daddr %s tcp flags & (syn|ack) == ack" % SERVER)
    visitors(lab, from_port, "client").wait_for("connected")
    time.sleep(19)


@case("accept-queue-overflow/or-third-ack-lost-at-client", seconds=22, title="what the client sends is lost after its SYN",
      expect=acks_lost_at_client, story=ACKS_LOST + """Captured at the client: there it looks the same as a server whose
      queue of connections is full, hence that name, and no more than medium confidence.""")
def loses_acks_at_client(lab):
    loses_acks(lab, 41170)


def acks_lost_at_server(trace):
    flow, = trace.flows
    ensure(len(flow.of("client")) == 1 and len(handshakes(flow)) == len(flow.of("server")) >= 5, "segments")
    return flows(is_called(flow, "handshake-abandoned", "warning", "client",
                           onset=frames(flow.segments[0], handshakes(flow)[1])))


@case("handshake-abandoned/acks-lost", seconds=22, title="the same, captured at the server", at="server",
      expect=acks_lost_at_server, story=ACKS_LOST + """Captured at the server: one SYN, and nothing more ever comes.""")
def loses_acks_at_server(lab):
    loses_acks(lab, 41171)


def not_accepted(trace):
    calm(trace, 1)
    flow = trace.flow()
    reset, question = flow.first("server", RST), flow.data("client")[0]
    ensure(1.5 < reset.at - question.at < 3 and flow.acked_at(question) < reset.at and not flow.bytes("server"), "the RST")
    return flows(is_called(flow, "reset", "warning", "server", "application", end="rst"))


@case("reset/killed-before-it-accepted", seconds=6, title="a listener that ends with a question in its queue: RST",
      expect=not_accepted, story="""The server listens, and has not yet accepted a connection. A client connects, and
      sends its question, which the server's kernel ACKs. Two seconds later somebody kills the server's process
      (SIGKILL): its kernel resets the connection that nobody had accepted. The client learns of it (ECONNRESET).""")
def killed_before(lab):
    lobby(lab, "--accept-after", 3600)
    client = visitors(lab, 41180, "client")
    client.wait_for("connected")
    time.sleep(2)
    lab.programs[0].signal(signal.SIGKILL)
    lab.note("SIGKILL to the server's process")
    client.wait_for("ECONNRESET")
    time.sleep(0.5)
