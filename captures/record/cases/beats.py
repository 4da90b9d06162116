"""A side that beats at a steady period, and does no longer."""
import signal
import time

from cases import case
from cases.expect import calm, ensure, flows, port
from cases.quotes import other_desk
from lab import SERVER


def steady(trace, count):
    """The ticks: of one size, about a second apart, all ACKed."""
    flow = trace.flows[0]
    ticks = flow.data("server")[1:]
    gaps = [after.at - before.at for before, after in zip(ticks, ticks[1:])]
    ensure(len(ticks) == count and len({tick.length for tick in ticks}) == 1, "%d ticks" % len(ticks))
    ensure(0.9 < min(gaps) and max(gaps) < 1.2 and flow.acked("server") and not flow.bytes("client"), "their gaps")
    return flow, ticks


def stopped(trace):
    calm(trace, 2)
    flow, ticks = steady(trace, 10)
    ensure(trace.end - ticks[-1].at > 10, "the silence after them")
    match = {"verdict.id": "heartbeat-stopped", "verdict.severity": "warning", "verdict.side": "server",
             "verdict.layer": "application", "verdict.onset_frame": ticks[-1].frame, "end": "none"}
    match.update(port(flow))
    other = {"verdict.id": "closed", "verdict.severity": "ok"}
    other.update(port(trace.flows[1]))
    return flows((match, 1), (other, 1))


@case("heartbeat-stopped/ticker-hangs", seconds=26, title="a tick a second, and then none", expect=stopped,
      story="""The server greets the client and sends it a tick every second, all of one size; the client only reads. After
      ten ticks the server's process hangs (SIGSTOP). Its kernel keeps the connection open. Twelve seconds later the
      client's host makes a short connection to another service, and the capture is ended.""")
def ticker_hangs(lab):
    server = lab.run("server", "ticker", "ticker.py", "server", 1)
    server.wait_for("listening")
    lab.run("client", "client", "ticker.py", "client", SERVER)
    server.wait_for("sent tick 10", 20)
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the ticker's process")
    time.sleep(12)
    other_desk(lab)
