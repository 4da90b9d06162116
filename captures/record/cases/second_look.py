"""Situations that look like another one at first: one-way clients that close, polls beside each other, bulk transfers
that are held up, windows that open again, frames that were stamped too early."""
import struct
import time

from cases import case
from cases.expect import calm, doubling, ensure, flows, healthy, port, standstills, vanished
from cases.lossy import waits
from cases.quotes import asker, desk
from cases.vanished import TO_CLIENT, certain, ten_answers
from lab import SERVER
from trace import ACK, FIN, RST, below

FAR = {"rtt_ms": 40}
HEADERS = 96


def ship(lab, from_port, *options, server=()):
    """A client of ship.py; the first one comes with its server."""
    if server is not None:
        lab.run("server", "collector", "ship.py", "server", *server).wait_for("listening")
    return lab.run("client", "client %d" % from_port, "ship.py", "client", SERVER, "--from-port", from_port, *options)


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


def two_senders(trace):
    """Three messages each, of other sizes, within less than the minute from which on VERDICTS calls a flow one-way: a
    first message that waits for longer than the threshold, and nothing corroborates that an answer is owed."""
    calm(trace, 2)
    first, second = trace.flows
    ensure(6 < second.segments[0].at - first.segments[0].at < 8, "the second connection")
    for flow in trace.flows:
        ensure([segment.length for segment in flow.data("client")] == [90, 140, 300], "other messages")
        ensure(not flow.bytes("server") and flow.acked("client"), "answers, or lost bytes")
        ensure(10 < trace.end - flow.data("client")[0].at < 50, "the times")
    match = {"verdict.id": "auth-unanswered", "verdict.severity": "notice", "verdict.side": "server",
             "verdict.noticed": None, "server.port": first.server[1], "end": "none"}
    return flows(*[(dict(match, **dict(port(flow), **{"verdict.onset_frame": flow.data("client")[0].frame})), 1)
                   for flow in trace.flows])


@case("auth-unanswered/two-senders-one-host", seconds=40, title="two one-way connections, 7 s apart: a notice at most",
      expect=two_senders, story="""Two programs on one host each open a connection to a collector, the second seven
      seconds after the first, and send three lines of different lengths, nine seconds apart. The collector reads them
      and never answers: the protocol has no answers, both connections are well, and they are up when the capture is
      ended. From the wire alone that cannot be known: less than a minute of three messages is too little for "one-way",
      and the first message of each has waited for longer than an answer should take. Hence a notice, "waiting since",
      and never more: the second connection is no sign that the first one's client gave up.""")
def senders(lab):
    lines = ("--lines", "90,140,300", "--every", 9, "--stay", 100)
    ship(lab, 40803, *lines)
    time.sleep(7)
    ship(lab, 40804, *lines, server=None)
    time.sleep(28)


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


def transfer(lab, from_port, way, size, server=(), client=()):
    lab.run("server", "server", "transfer.py", "server", way, size, *server).wait_for("listening")
    words = ("transfer.py", "client", SERVER, way, size, "--from-port", from_port) + client
    return lab.run("client", "client", *words)


def short_outage(trace):
    """VERDICTS: degraded if it stood still for more than one second in all; it did not."""
    calm(trace, 1, 5, 400)
    found = standstills(trace.flow(), "server", 0.2)
    ensure(found and 0.3 < sum(found) < 0.9, "it stood still for %s" % found)
    return healthy("closed", "fin", least=5, most=400)(trace)


@case("healthy/download-with-short-outage", seconds=22, title="15 s of download, 0.3 s of it on a dead path",
      network={"rtt_ms": 80, "rate_mbit": 2}, at="server", snaplen=HEADERS, expect=short_outage, story="""The client
      downloads for a quarter of a minute, as fast as the path allows. In the middle the path loses everything for 0.3
      s, in both directions; what was lost is sent again, and the download goes on, after less than a second. The server
      closes when it has written all, then the client. Captured at the server.""")
def download(lab):
    client = transfer(lab, 40810, "down", 3700000)
    client.wait_for("connected")
    time.sleep(7)
    lab.drop()
    time.sleep(0.3)
    lab.undrop()
    ended(lab, client, 60)


def held(trace):
    """Nothing was lost and all was late: no ACK for three seconds, with much under way."""
    calm(trace, 1, 1, 400)
    flow = trace.flow()
    found = standstills(flow, "client", 1)
    ensure(len(found) == 1 and 2.5 < found[0] < 4.5, "it stood still for %s" % found)
    ensure(flow.acked("client") and flow.acked("server") and flow.first("server", FIN), "bytes never ACKed")
    match = {"verdict.id": "degraded", "verdict.severity": "warning", "end": "fin", "start": "handshake",
             "caveats": []}
    match.update(port(flow))
    return flows((match, 1))


@case("degraded/upload-delay-spike", seconds=14, title="3 s in which nothing moves, and nothing is lost",
      network={"rtt_ms": 40, "rate_mbit": 3, "hold_seconds": 3}, snaplen=HEADERS, expect=held, story="""The client
      uploads as fast as the path allows. Once the path holds everything back for three seconds, in both directions, and
      then lets it go: nothing is lost, all is late, and what the client's kernel has repeated meanwhile arrives a
      second time. Then all is well again, the upload ends, and both sides close. The connection stood still for three
      seconds, and the capturing host's clock was right all the time.""")
def delay_spike(lab):
    client = transfer(lab, 40811, "up", 2000000)
    client.wait_for("connected")
    time.sleep(2.5)
    lab.hold()
    ended(lab, client, 60)


def reopened(trace):
    """VERDICTS has a closed window that opened again as a finding, and calls a flow that stood still for more than a
    second degraded; the reader was slow, and nothing was lost. Never more than a warning, and no unanswered request."""
    calm(trace, 1, 0, 30)
    flow = trace.flow()
    closed = [segment for segment in flow.of("server") if segment.flags & ACK and not segment.window]
    ensure(len(closed) >= 3 and 5 < closed[-1].at - closed[0].at < 10, "the closed window")
    ensure(flow.acked("client") and flow.first("server", FIN) and not flow.bytes("server"), "the end")
    match = {"verdict.id": "degraded", "verdict.severity": "warning", "end": "fin", "start": "handshake"}
    match.update(port(flow))
    return flows((match, 1))


@case("receiver-stalled/reopens-after-8-s", seconds=12, title="a reader that sleeps for 8 s, then reads all", snaplen=HEADERS,
      sysctls="default sysctls; SO_RCVBUF of 8 KB at the server", expect=reopened, story="""The client uploads 200 KB
      and closes its direction. The server's process sleeps for eight seconds before it reads: its small receive buffer
      fills, its window closes, and the client's kernel probes it, and the server's answers (but for a probe that comes
      within half a second of another). Then the server reads all to the end of file and closes. What was sent was read,
      and no answer was ever owed. While the window is closed it is a "receiver-stalled", side server, critical from five
      seconds and two answered probes on; since it opened again the connection is "degraded" and closed.""")
def zero_window(lab):
    options = ("--sleep", 8, "--receive-buffer", 8192)
    ended(lab, transfer(lab, 40812, "up", 200000, options))


def long_lossy(trace):
    """More than one second in all, but no standstill was that long, and together they are less than one twentieth of the
    time: a few retransmissions, which VERDICTS does not call degraded."""
    calm(trace, 1, 2, 20)
    flow = trace.flow()
    found = waits(flow)
    ensure(max(found) < 0.9 and 1.05 < sum(found) < 0.045 * (trace.end - trace.start), "it stood still for %s" % found)
    return healthy("closed", "fin", least=2, most=20)(trace)


@case("healthy/long-lossy", seconds=38, title="0.5 % of the packets are lost, over half a minute",
      network={"rtt_ms": 40, "loss_percent": 0.5, "seed": 10}, snaplen=HEADERS, expect=long_lossy, story="""The client
      asks and is answered, again 50 ms after each answer, for half a minute, over a path that loses one packet in two
      hundred; the kernels repeat what was lost. No question waits for a second, and in all it stood still for less than
      a twentieth of the time. Then the client closes.""")
def lossy_for_long(lab):
    desk(lab)
    asker(lab, 40813, "--every", 0.05, "--requests", 330).wait(120)
    time.sleep(0.5)


EARLY = 300


def stamp_early(path):
    """The server's frames come 300 microseconds before their time; frames stay in order of time."""
    with open(path, "rb") as file:
        data = file.read()
    at, records = 24, []
    while at < len(data):
        stamp, micros, length, full = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16:at + 16 + length]
        server = frame[12:14] == b"\x08\x00" and ".".join(str(byte) for byte in frame[26:30]) == SERVER
        records.append((stamp * 1000000 + micros - (EARLY if server else 0), length, full, frame))
        at += 16 + length
    records.sort(key=lambda record: record[0])
    with open(path, "wb") as file:
        file.write(data[:24])
        for micros, length, full, frame in records:
            file.write(struct.pack("<IIII", *divmod(micros, 1000000), length, full) + frame)


def skewed(trace):
    flow, top, early = trace.flow(), None, 0
    for segment in flow.segments:
        if segment.source == flow.client:
            top = segment.seq + segment.length
        elif top is None or below(top & 0xFFFFFFFF, segment.ack):
            early += 1
    ensure(early >= 5, "%d ACKs stand before what they ACK" % early)
    return healthy("closed", "fin")(trace)


@case("healthy/capture-skew", seconds=15, title="the server's frames are stamped 300 us too early", midflow=True,
      edit=stamp_early, expect=skewed, edited="""EDITED: this is not as tcpdump wrote it. The times of all frames of the
      server were moved 300 us back afterwards, by the recorder, and the frames put in order of time. Nothing else was
      changed.""", story="""The client asks twenty times, the desk answers each question at once, and the client closes.
      The two directions are captured by two ports of a tap, and the clock of one is behind the other's by 300 us: the
      SYN-ACK stands before the SYN, and many an ACK before what it ACKs. (The recorder has written the trace so,
      afterwards.)""")
def skew(lab):
    desk(lab)
    asker(lab, 40814, "--requests", 20).wait(60)
    time.sleep(0.5)


def died_in_bulk(trace):
    """The onset is the first transmission of the oldest byte that was never ACKed. What was sent within the round trip
    before it may have been lost as well as its ACK: nobody at this end can tell."""
    calm(trace, 1, 5, 200)
    flow = trace.flow()
    oldest = flow.of("server")[-1].ack
    first = next(segment for segment in flow.data("client")
                 if not below(oldest, segment.seq) and below(oldest, (segment.seq + segment.length) & 0xFFFFFFFF))
    again = [segment for segment in flow.of("client") if segment.repeat and segment.seq == oldest]
    ensure(not [segment for segment in flow.of("server") if segment.at > again[0].at], "a sign of life after it")
    doubling(again, "the oldest segment")
    before = [segment for segment in flow.data("client") if segment.at < first.at][-1]
    took = flow.acked_at(before) - before.at
    near = next(segment for segment in flow.data("client") if segment.at >= first.at - took)
    more = {"verdict.noticed": None, "verdict.onset_frame": {"at_least": near.frame, "at_most": first.frame}}
    return flows(vanished(flow, first, severity=certain(trace, again), end="none", **more))


@case("peer-vanished/host-death-in-upload-bulk", seconds=34, title="the host dies in the middle of an upload",
      network={"rtt_ms": 40, "rate_mbit": 4}, snaplen=HEADERS, expect=died_in_bulk, story="""The client uploads as fast
      as the path allows. After four seconds the server's host dies, as far as anybody can see: the router drops
      everything in both directions. Many segments are under way; the client's kernel repeats the oldest one, which is
      never ACKed. The capture is ended while the kernel still tries.""")
def bulk_death(lab):
    transfer(lab, 40815, "up", 50000000).wait_for("connected")
    time.sleep(4)
    lab.drop()
    time.sleep(24)


def one_standstill(trace):
    """Both ends repeat, in the same seconds: the client its question, whose ACK is lost, and the server its answer. The
    connection stood still once."""
    calm(trace, 1, 4, 30)
    flow = trace.flow()
    questions, answers = ([segment for segment in flow.data(side) if len(flow.again(segment)) >= 3]
                          for side in ("client", "server"))
    ensure(len(questions) == 1 and len(answers) == 1, "one question and one answer that were repeated")
    took = flow.acked_at(answers[0]) - answers[0].at
    ensure(1.5 < took < 5 and flow.again(questions[0])[-1].at < answers[0].at + took + 0.5, "the same seconds")
    ensure(flow.acked("client") and flow.acked("server") and len(flow.data("server")) >= 19, "it went on")
    match = {"verdict.id": "degraded", "verdict.severity": "warning", "end": "none", "findings.2.id": "degraded",
             "findings.2.figures.stalls": 1}
    match.update(port(flow))
    return flows((match, 1))


@case("degraded/outage-2s-one-way", seconds=20, title="what the server sends is lost for 2 s", at="server",
      expect=one_standstill, story="""The client asks and the desk answers, ten times. Then the path loses what the
      server sends, for two seconds; what the client sends arrives. The client repeats its question, whose ACK and
      answer were lost, and the server its answer, in the same seconds, until one gets through: one standstill, not two.
      Then all is well again. The capture is ended while the connection is up. Captured at the server.""")
def outage_one_way(lab):
    desk(lab)
    client = asker(lab, 40816)
    ten_answers(lab, client)
    lab.drop(TO_CLIENT)
    time.sleep(2)
    lab.undrop()
    client.wait_for("request 20 answered", 30)
