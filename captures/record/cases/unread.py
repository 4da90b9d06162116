"""Processes that do not read while the other side writes: a window that stays closed, and one that opens again soon."""
import signal
import time

from cases import case
from cases.errands import frames, is_called, is_well
from cases.expect import calm, ensure, flows, well
from cases.quotes import other_desk
from cases.second_look import HEADERS, ended, transfer
from trace import ACK, FIN, RST

SMALL = "default sysctls; SO_RCVBUF of 8 KB at the server"


def closed_window(flow, side):
    """The frames of this side with a closed window since it was last open."""
    own = [segment for segment in flow.of(side) if segment.flags & ACK]
    while own and [segment for segment in own if segment.window] and not own[0].window:
        own.pop(0)
    last_open = max(segment.frame for segment in own if segment.window)
    return [segment for segment in own if segment.frame > last_open]


def stalled(reader):
    """Closed for more than eight seconds, to the end of the capture; probes are answered, unless one comes within half a
    second of another."""
    def expect(trace):
        calm(trace, 1, 0, 30)
        flow, writer = trace.flow(), "client" if reader == "server" else "server"
        closed = closed_window(flow, reader)
        probes = [segment for segment in flow.of(writer) if segment.frame > closed[0].frame]
        ensure(trace.end - closed[0].at > 8 and len(closed) >= 4 and len(probes) >= 4, "the closed window")
        for probe in probes[2:]:
            ensure([segment for segment in closed if 0 <= segment.at - probe.at < 0.1], "a probe without an answer")
        ensure(not flow.first("client", RST | FIN) and not flow.first("server", RST | FIN), "an end")
        return flows(is_called(flow, "receiver-stalled", "critical", reader, "application",
                               onset=frames(closed[0], closed[2])))
    return expect


@case("receiver-stalled/server-does-not-read", seconds=25, title="an upload; its reader sleeps", snaplen=HEADERS,
      sysctls=SMALL, expect=stalled("server"), story="""The client uploads. The server's process has accepted the
      connection and sleeps, for an hour: it reads nothing. Its small receive buffer fills, its window closes, and the
      client's kernel probes it, after longer and longer waits. The server's kernel answers: closed (but for a probe
      that comes within half a second of another). Nothing was lost, both hosts are well, and it will go on like that for
      ever. The capture is ended while the window is closed.""")
def server_sleeps(lab):
    transfer(lab, 41020, "up", 2000000, ("--sleep", 3600, "--receive-buffer", 8192)).wait_for("connected")
    time.sleep(22)


@case("receiver-stalled/server-hangs-in-an-upload", seconds=25, title="it reads well for 2 s, and is stopped",
      network={"rtt_ms": 40, "rate_mbit": 1}, snaplen=HEADERS, sysctls=SMALL, expect=stalled("server"),
      story="""The client uploads, and the server reads. After two seconds the server's process hangs (SIGSTOP). Its
      receive buffer fills, its window closes, and the client's kernel probes it; each probe is answered: closed. The
      capture is ended while the window is closed.""")
def server_hangs(lab):
    client = transfer(lab, 41021, "up", 2000000, ("--receive-buffer", 8192))
    client.wait_for("connected")
    time.sleep(2)
    lab.programs[-2].signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the server's process")
    time.sleep(20)


@case("receiver-stalled/client-stops-reading-a-download", seconds=25, title="a download; the client is stopped",
      network={"rtt_ms": 40, "rate_mbit": 4}, snaplen=HEADERS, at="server",
      sysctls="default sysctls but tcp_rmem=4096 16384 16384 at the client", expect=stalled("client"), story="""The client
      asks for 50 MB and reads them as they come. After a second its process hangs (SIGSTOP). Its receive buffer fills,
      its window closes, and the server's kernel probes it; each probe is answered: closed. The capture is ended while
      the window is closed. Captured at the server.""")
def client_hangs(lab):
    lab.sysctl("client", tcp_rmem="4096 16384 16384")
    client = transfer(lab, 41022, "down", 50000000)
    client.wait_for("connected")
    time.sleep(1)
    client.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the client's process")
    time.sleep(20)


def reopened(trace):
    """VERDICTS: a closed window is a finding from 0.2 s on; and a flow that stood still for no more than one second in
    all is not degraded."""
    calm(trace, 1, 0, 5)
    flow = trace.flow()
    closed = [segment for segment in flow.of("server") if segment.flags & ACK and not segment.window]
    opened = next(segment for segment in flow.of("server") if segment.window and segment.frame > closed[0].frame)
    ensure(0.5 < opened.at - closed[0].at < 0.95, "it was closed for %.3f s" % (opened.at - closed[0].at))
    ensure(flow.acked("client") and flow.first("server", FIN) and not flow.first("client", RST), "the end")
    return flows(is_well(flow, "closed", "fin"))


@case("healthy/window-closed-for-a-second", seconds=4, title="a reader that sleeps for 0.85 s", snaplen=HEADERS,
      sysctls=SMALL, expect=reopened, story="""The client uploads 200 KB and closes its direction. The server's process
      sleeps for not quite a second before it reads: its small receive buffer fills, its window closes, the client's
      kernel probes it. Then the server reads all to the end of file and closes. A slow reader, and nothing else.""")
def window_reopens(lab):
    ended(lab, transfer(lab, 41023, "up", 200000, ("--sleep", 0.85, "--receive-buffer", 8192)))


def died_closed(trace):
    """Probes that were answered, then at least four that were not: tcp_retries2, which is small, also ends the backoff."""
    flow, other = trace.flows
    closed = closed_window(flow, "server")
    lost = [segment for segment in flow.of("client") if segment.at > closed[-1].at]
    gaps = [b.at - a.at for a, b in zip(lost, lost[1:])]
    ensure(len(closed) >= 3 and len(lost) >= 4 and all(gap > 0.5 for gap in gaps),
           "%d probes answered, gaps of the others: %s" % (len(closed), gaps))
    ensure(not [segment for segment in flow.of("server") if segment.at > lost[0].at] and not flow.first("client", FIN | RST),
           "a sign of life")
    return flows(is_called(flow, "peer-vanished", "critical", "server", "path", onset=frames(closed[0], lost[0])),
                 well(other, "closed", "fin"))


@case("peer-vanished/while-its-window-was-closed", seconds=50, title="window probes: answered, and then not",
      snaplen=HEADERS, sysctls=SMALL + "; tcp_retries2=4 at the client", expect=died_closed, story="""The client uploads.
      The server's process sleeps and reads nothing: its window closes, and the client's kernel probes it. The probes are
      answered. Then the server's host dies, as far as anybody can see: the router drops everything in both directions.
      The probes are not answered any more. tcp_retries2 is 4: after some of them the client's kernel gives up, silently.
      At the end the client's host asks another desk, on the router: that one answers, and the capture ends.""")
def dies_closed(lab):
    lab.sysctl("client", tcp_retries2=4)
    transfer(lab, 41024, "up", 2000000, ("--sleep", 3600, "--receive-buffer", 8192)).wait_for("connected")
    time.sleep(2)
    lab.drop()
    time.sleep(36)
    other_desk(lab)
