"""Failures of the application, of the path's MTU, and abrupt ends, in connections that had worked."""
import signal
import time

from cases import case
from cases.expect import calm, doubling, ensure, flows, port
from cases.quotes import asker, desk
from cases.second_look import HEADERS, transfer
from cases.vanished import TO_CLIENT
from lab import SERVER
from trace import FIN, RST


def failed(flow, end, verdict, severity, side, layer):
    match = {"verdict.id": verdict, "verdict.severity": severity, "verdict.side": side, "verdict.layer": layer, "end": end}
    match.update(port(flow))
    return flows((match, 1))


def died_over_it(trace):
    """The sixth question was ACKed; three seconds later the server's FIN, and not a byte of an answer."""
    calm(trace, 1)
    flow = trace.flow()
    fin, question = flow.first("server", FIN), flow.data("client")[-1]
    ensure(len(flow.data("client")) == 6 and len(flow.data("server")) == 5 and flow.acked("client"), "questions")
    ensure(2.5 < fin.at - question.at < 4 and flow.first("client", FIN).at > fin.at, "the server's FIN")
    return failed(flow, "fin", "closed-mid-request", "warning", "server", "application")


@case("closed-mid-request/server-dies-over-a-request", seconds=12, title="the process ends 3 s into a request",
      expect=died_over_it, story="""The client asks and the desk answers, five times. Over the sixth question the desk's
      process works for three seconds, and ends. Its kernel closes the connection in order (FIN), and the client, which
      reads the end of file and no answer, closes, too. It is a "closed-mid-request", side server, and no close in order.""")
def server_dies(lab):
    desk(lab, "--exit-over", 6)
    asker(lab, 40820).wait_for("the desk closed", 20)
    time.sleep(2)


def hung(trace):
    """Questions of all sizes at all times, ACKed and answered until the process stopped, and then only ACKed."""
    calm(trace, 1)
    flow = trace.flow()
    last = flow.data("server")[-1]
    after = [segment for segment in flow.data("client") if segment.at > last.at + 0.1]
    ensure(len(flow.data("server")) >= 15 and len(after) >= 25 and flow.acked("client"), "answers, then none")
    ensure(after[-1].at - after[0].at > 35 and len({segment.length for segment in after}) > 15, "the questions after it")
    return failed(flow, "none", "app-silent", "critical", "server", "application")


@case("app-silent/hung-server-pipelining-client", seconds=66, title="answers stop; the client asks on without waiting",
      expect=hung, story="""The client asks at irregular times, in questions of all lengths, and does not wait for an
      answer before it asks again; the desk answers twenty of them. Then the desk hangs (SIGSTOP). Its kernel ACKs the
      questions of the next forty seconds, and nobody answers them. The capture is ended. It is an "app-silent", side
      server: it used to answer.""")
def hung_server(lab):
    server = desk(lab)
    lab.run("client", "client", "chatty.py", SERVER, "--from-port", 40821).wait_for("read answer 20", 60)
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the desk's process: it has answered all until now")
    time.sleep(41)


def killed(trace):
    """A closed window, and then RST, with the server's data under way or waiting."""
    calm(trace, 1, 0, 60)
    flow = trace.flow()
    reset = flow.first("client", RST)
    before = [segment for segment in flow.of("client") if segment.frame < reset.frame][-1]
    ensure(not before.window and not flow.first("client", FIN) and not flow.first("server", FIN), "another end")
    return failed(flow, "rst", "reset", "warning", "client", "application")


@case("reset/client-killed-while-its-window-was-closed", seconds=16, title="kill -9 in the middle of a download",
      snaplen=HEADERS, expect=killed, story="""The client asks for 50 MB and reads them slowly, so that its receive
      window is closed most of the time. In the middle of the download somebody kills its process (SIGKILL): its kernel
      resets the connection, since there are bytes that nobody will read. It is a "reset", side client, with
      work pending, and no close after the work was done.""")
def client_killed(lab):
    client = transfer(lab, 40822, "down", 50000000, client=("--slow", 0.1))
    client.wait_for("connected")
    time.sleep(8)
    client.signal(signal.SIGKILL)
    lab.note("SIGKILL to the client's process")
    time.sleep(3)


def large_lost(trace):
    """The large answer is repeated with backoff and never ACKed, while the client's small segments arrive, and the small
    ACKs for them reach the client: it repeats no PING, only the question whose ACK was part of the large answer."""
    calm(trace, 1, 5, 30)
    flow = trace.flow()
    large = next(segment for segment in flow.data("server") if segment.length > 1000)
    again = [segment for segment in flow.again(large) if segment.length > 1000]
    pings = [segment for segment in flow.data("client") if segment.at > large.at]
    ensure(len(again) >= 6 and not [ping for ping in pings if flow.again(ping)], "what was repeated")
    doubling(again, "the large answer")
    ensure(len(pings) >= 15 and flow.acked("client") and not flow.acked("server"), "what was ACKed")
    return failed(flow, "none", "mtu-blackhole", "critical", "between", "path")


@case("mtu-blackhole/large-packets-dropped", seconds=50, title="packets over 1000 bytes are lost, small ones are not",
      at="server", snaplen=HEADERS, expect=large_lost, story="""The router drops packets of more than 1000 bytes that
      come from the server, and says nothing about it. The client asks twice and has small answers; the third answer has
      4000 bytes. The server's kernel repeats its segments, and they are never ACKed. The client goes on to send a PING
      every two seconds, which nobody need answer: those arrive, and the ACKs for them come back. Captured at the
      server. It is an "mtu-blackhole", side between: the client's host is there, and so is the path, so that it is no
      "peer-vanished".""")
def large_packets(lab):
    desk(lab, "--large", 3)
    lab.drop(TO_CLIENT + " meta length > 1000")
    lab.run("client", "client", "chatty.py", SERVER, "--from-port", 40823, "--pings-after", 3)
    time.sleep(46)
