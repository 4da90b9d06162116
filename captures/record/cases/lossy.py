"""Paths that lose a few packets or many: kernels repeat what was lost, and all is answered."""
import time

from cases import case
from cases.expect import OK, calm, ensure, flows, port
from cases.quotes import asker, desk


def waits(flow):
    """How long questions waited for their answers beyond the round trip, where that was noticeable."""
    questions, answers = flow.data("client"), flow.data("server")
    ensure(len(questions) == len(answers), "%d questions, %d answers" % (len(questions), len(answers)))
    late = [b.at - a.at - flow.rtt() for a, b in zip(questions, answers)]
    return [wait for wait in late if wait > 0.05]


def lossy(least, most, **verdict):
    """VERDICTS decides by the time that the flow stood still in all: more than one second, or not. A recording near
    that line is thrown away."""
    def expect(trace):
        calm(trace, 1, 1, 40)
        flow = trace.flow()
        found = waits(flow)
        ensure(len(found) >= 2 and least <= sum(found) <= most, "it stood still for %.3f s" % sum(found))
        ensure(flow.acked("client") and flow.acked("server"), "bytes that were never ACKed")
        match = {"end": "fin"}
        match.update(port(flow))
        match.update(verdict)
        return flows((match, 1))
    return expect


LOSSY = """The client asks and is answered, %d times over a path that loses %s in a hundred packets; the kernels repeat
what was lost, and each question is answered, some a third of a second late. Then the client closes. %s"""


def ask(lab, from_port, requests):
    desk(lab)
    asker(lab, from_port, "--every", 0.2, "--requests", requests).wait(120)
    time.sleep(0.5)


@case("healthy/loss-1-percent", seconds=24, title="1 % of the packets are lost", expect=lossy(
      0, 0.8, **dict(OK, **{"verdict.id": "closed"})), network={"rtt_ms": 40, "loss_percent": 1, "seed": 3},
      story=LOSSY % (70, "one", "In all it stood still for less than a second."))
def loss_1(lab):
    ask(lab, 40700, 70)


@case("degraded/loss-5-percent", seconds=36, title="5 % of the packets are lost", expect=lossy(
      1.5, 30, **{"verdict.id": "degraded", "verdict.severity": "warning"}), network={
      "rtt_ms": 40, "loss_percent": 5, "seed": 2}, story=LOSSY % (100, "five", "In all it stood still for seconds."))
def loss_5(lab):
    ask(lab, 40701, 100)
