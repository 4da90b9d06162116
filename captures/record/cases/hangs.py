"""Servers that answered well and then answer no more, or late; their kernels ACK what comes."""
import signal
import time

from cases import case
from cases.errands import clerk, errands, is_called, is_well
from cases.expect import calm, ensure, flows
from cases.quotes import asker, desk
from cases.vanished import ten_answers
from trace import FIN, RST

TEN = "The client has ten errands done, of all sizes and at uneven times; each took some tenths of a second. "


def eleventh(flow):
    """The errand that was ACKed and never done, after ten that were."""
    asked, done = flow.data("client"), flow.data("server")
    ensure(len(asked) == 11 and len(done) == 10 and flow.acked("client"), "errands and answers")
    ensure(max(d.at - a.at for a, d in zip(asked, done)) < 0.6, "the answers before it")
    ensure(len({segment.length for segment in asked}) > 8 and len({segment.length for segment in done}) > 8, "sizes")
    return asked[10]


def silent(gives_up):
    def expect(trace):
        calm(trace, 1)
        flow = trace.flow()
        errand, fin = eleventh(flow), flow.first("client", FIN)
        ensure(not flow.first("server", FIN | RST) and bool(fin) == gives_up, "the end")
        ensure((fin.at if fin else trace.end) - errand.at > 14.5 or not fin, "how long it waited")
        return flows(is_called(flow, "app-silent", "critical", "server", "application", end="fin" if fin else "none",
                               onset=errand, **{"verdict.noticed": fin.moment() if fin else None}))
    return expect


def hang(lab, from_port, *options):
    server = clerk(lab)
    client = errands(lab, from_port, *options)
    client.wait_for("errand 10 done", 40)
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the clerk's process")
    return client


@case("app-silent/hangs-after-ten", seconds=26, title="ACKed, never answered; the client leaves after 15 s",
      expect=silent(True), story=TEN + """Then the clerk hangs (SIGSTOP). Its kernel ACKs the eleventh errand, and nobody
      does it. After 15 s the client has no patience left, and closes: FIN.""")
def hangs(lab):
    hang(lab, 41160, "--patience", 15).wait_for("errand 11: out of patience", 30)
    time.sleep(2)


@case("app-silent/hangs-after-ten-at-server", seconds=26, title="the same over 40 ms, captured at the server", at="server",
      network={"rtt_ms": 40}, expect=silent(True), story=TEN + """Then the clerk hangs (SIGSTOP). Its kernel ACKs the
      eleventh errand, and nobody does it. After 15 s the client has no patience left, and closes: FIN. Captured at the
      server.""")
def hangs_at_server(lab):
    hang(lab, 41161, "--patience", 15).wait_for("errand 11: out of patience", 30)
    time.sleep(2)


def took(seconds, name, severity):
    def expect(trace):
        calm(trace, 1)
        flow = trace.flow()
        asked, done = flow.data("client"), flow.data("server")
        ensure(len(asked) == len(done) == 14 and flow.acked("client") and flow.acked("server"), "errands and answers")
        waited = done[10].at - asked[10].at
        ensure(seconds - 0.1 < waited < seconds + 0.3, "it took %.3f s" % waited)
        if name == "closed":
            return flows(is_well(flow, "closed", "fin"))
        return flows(is_called(flow, name, severity, "server", end="fin"))
    return expect


LATE = TEN + "The eleventh takes %d s, and is done; so are three more, in their usual time. Then the client closes."


def late(lab, from_port, seconds):
    clerk(lab, "--late", 11, "--late-by", seconds)
    errands(lab, from_port, "--errands", 14).wait(60)
    time.sleep(0.5)


@case("healthy/one-answer-takes-4s", seconds=17, title="4 s where the others took 0.3 s", expect=took(4, "closed", "ok"),
      story=LATE % 4)
def takes_4(lab):
    late(lab, 41162, 4)


@case("degraded/one-answer-takes-12s", seconds=26, title="12 s where the others took 0.3 s: answered after all",
      expect=took(12, "degraded", "warning"), story=LATE % 12)
def takes_12(lab):
    late(lab, 41163, 12)


def left(trace):
    """A steady asker, of whom one question was not answered; and its FIN."""
    calm(trace, 1)
    flow = trace.flow()
    question, fin = flow.data("client")[-1], flow.first("client", FIN)
    ensure(len(flow.data("client")) == 11 and len(flow.data("server")) == 10 and flow.acked("client"), "questions")
    ensure(7.5 < fin.at - question.at < 9 and not flow.first("server", FIN | RST), "the client's FIN")
    return flows(is_called(flow, "app-silent", "critical", "server", "application", end="fin", onset=question,
                           **{"verdict.noticed": fin.moment()}))


@case("app-silent/steady-asker-leaves", seconds=20, title="one answer is missing, and the client leaves after 8 s",
      expect=left, story="""The client asks and the desk answers, ten times, at a steady pace. Then the desk hangs
      (SIGSTOP). Its kernel ACKs the eleventh question, and nobody answers it. After eight seconds the client has no
      patience left, and closes: FIN.""")
def asker_leaves(lab):
    server = desk(lab)
    client = asker(lab, 41164, "--patience", 8)
    ten_answers(lab, client)
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the desk's process")
    client.wait_for("out of patience", 20)
    time.sleep(2)
