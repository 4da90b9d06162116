"""Situations that look like another one at first: one-way clients that close, polls beside each other, bulk transfers
that are held up, windows that open again, frames that were stamped too early."""
import time

from cases import case
from cases.expect import calm, ensure, flows, healthy, port
from cases.lossy import waits
from lab import SERVER
from trace import FIN, RST

FAR = {"rtt_ms": 40}
HEADERS = 96


def ship(lab, from_port, *options, server=()):
    lab.run("server", "collector", "ship.py", "server", *server).wait_for("listening")
    return lab.run("client", "client", "ship.py", "client", SERVER, "--from-port", from_port, *options)


def ended(lab, client, seconds=30):
    client.wait(seconds)
    time.sleep(0.5)


def late_answer(trace):
    """The request, the client's FIN six seconds later, and the whole answer after two more."""
    calm(trace, 1)
    flow = trace.flow()
    asked, fin, answer = flow.data("client")[0].at, flow.first("client", FIN).at, flow.data("server")[0].at
    ensure(5.5 < fin - asked < 7 and 1.5 < answer - fin < 3, "request, FIN and answer")
    ensure(flow.bytes("server") == 900 and not flow.first("client", RST), "the answer")
    return healthy("closed", "fin")(trace)


@case("healthy/half-close-late-answer", seconds=12, title="FIN after 6 s of waiting, the answer 2 s later",
      expect=late_answer, story="""The client sends its request. Six seconds later its own input ends, and it closes its
      writing side: FIN, and it reads on. The server has waited for that; two seconds later it answers with 900 bytes,
      which the client's kernel ACKs, and closes; then the client closes. Nobody gave up: a client that has said all
      that it has to say may close its direction while it waits.""")
def half_close_late(lab):
    client = ship(lab, 40800, "--lines", 40, "--stay", 6, "--then", "read", server=("--work", 2, "--answer", 900))
    ended(lab, client)


def shipped(lines, takes):
    """One way, then the client's FIN, then so much later the collector's."""
    def expect(trace):
        flow = trace.flow()
        ensure([segment.length for segment in flow.data("client")] == lines, "other lines")
        fins = [flow.first(side, FIN).at for side in ("client", "server")]
        ensure(takes - 0.5 < fins[1] - fins[0] < takes + 1 and not flow.first("client", RST), "the close")
        return healthy("closed", "fin", answered=False)(trace)
    return expect


@case("healthy/log-shipper-closes", seconds=12, title="two lines, FIN; the collector closes 3 s later",
      expect=shipped([45, 60], 3), story="""A log shipper sends two lines, one second apart, waits for more for five
      seconds, and closes. The collector reads to the end of file, needs three seconds to store what it read, and
      closes. The protocol has no answers: nothing was owed, and all was done.""")
def log_shipper(lab):
    client = ship(lab, 40801, "--lines", "45,60", "--stay", 5, "--then", "read", server=("--work", 3))
    ended(lab, client)


@case("healthy/telemetry-three-samples-closes", seconds=12, title="three samples of one size, FIN; closed 2 s later",
      expect=shipped([60, 60, 60], 2), story="""A meter sends three samples of 60 bytes, one every two seconds, and
      closes two seconds after the last. The collector reads to the end of file, needs two seconds more, and closes. The
      protocol has no answers.""")
def three_samples(lab):
    ship(lab, 40802, "--lines", "60,60,60", "--every", 2, "--stay", 2, server=("--work", 2)).wait(30)
    time.sleep(2.5)


def polled(trace):
    for flow in trace.flows:
        question, answer = flow.data("client")[0], flow.data("server")[0]
        ensure(24 < answer.at - question.at < 27, "the answer came after %.1f s" % (answer.at - question.at))
    apart = trace.flow(1).segments[0].at - trace.flow().segments[0].at
    ensure(7 < apart < 9, "the second connection")
    return healthy("closed", "fin", count=2)(trace)


@case("healthy/long-polls-of-one-client", seconds=38, title="two long polls of 25 s, 8 s apart", expect=polled,
      story="""A client asks for news, and eight seconds later, on a second connection, for other news. The server
      answers each question when there is some: after 25 s. With its answer each connection is closed by the client.""")
def long_polls(lab):
    lab.run("server", "server", "poll.py", "server", 25).wait_for("listening")
    lab.run("client", "client 1", "poll.py", "client", SERVER, 40805, 1)
    time.sleep(8)
    ended(lab, lab.run("client", "client 2", "poll.py", "client", SERVER, 40806, 1), 40)
