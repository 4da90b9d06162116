"""Ends of connections: in the middle of the work or after it, by FIN, by RST, or by a FIN that nobody answers."""
import signal
import time

from cases import case
from cases.errands import clerk, errands, frames, is_called, is_well
from cases.expect import calm, doubling, ensure, flows, well
from cases.quotes import asker, desk, other_desk
from cases.vanished import TO_SERVER, ten_answers
from lab import SERVER
from trace import FIN, RST, below

FIVE = "The client has five errands done. "
OTHER = " At the end the client's host asks another desk, on the router: that one answers, and the capture ends."


def over_an_errand(flag):
    """Five answers; then an errand that was read and ACKed, and a second or more later the server's end."""
    def expect(trace):
        calm(trace, 1)
        flow = trace.flow()
        asked = flow.data("client")[5:]
        end = flow.first("server", flag)
        ensure(len(flow.data("server")) == 5 and len(asked) == (1 if flag == FIN else 2), "errands and answers")
        ensure(0.9 < end.at - asked[0].at < 2.2 and flow.acked_at(asked[-1]) < end.at, "the server's end")
        ensure(flag == RST or not flow.first("client", RST) and not flow.first("server", RST), "an RST")
        return flows(is_called(flow, "closed-mid-request", "warning", "server", "application",
                               end="fin" if flag == FIN else "rst"))
    return expect


def killed(lab, from_port, *options):
    server = clerk(lab, "--stuck-on", 6)
    client = errands(lab, from_port, *options)
    server.wait_for("works on errand 6", 20)
    time.sleep(1)
    server.signal(signal.SIGKILL)
    lab.note("SIGKILL to the clerk's process")
    client.wait_for("errand 6: ")
    time.sleep(1)


@case("closed-mid-request/killed-over-an-errand", seconds=8, title="kill -9, with all read: FIN",
      expect=over_an_errand(FIN), story=FIVE + """One second after the clerk has read the sixth, somebody kills its
      process (SIGKILL). Its kernel closes the connection in order (FIN): all that had arrived had been read. The client
      reads the end of file and no answer, and closes.""")
def killed_with_fin(lab):
    killed(lab, 41060)


@case("closed-mid-request/killed-with-unread-errand", seconds=8, title="kill -9, with bytes unread: RST",
      expect=over_an_errand(RST), story=FIVE + """It sends the sixth, and half a second later the seventh without waiting
      for the answer. One second after the clerk has read the sixth, somebody kills its process (SIGKILL). The seventh
      had arrived and had not been read: its kernel resets the connection (RST). The client learns of it
      (ECONNRESET).""")
def killed_with_rst(lab):
    killed(lab, 41061, "--ahead", 6)


def in_order(answers, quit=False):
    """All was answered, or the client had said goodbye; then the server's FIN, and the client's."""
    def expect(trace):
        calm(trace, 1)
        flow = trace.flow()
        ensure(len(flow.data("server")) == answers and len(flow.data("client")) == answers + quit, "errands and answers")
        ensure(flow.first("server", FIN).frame < flow.first("client", FIN).frame, "who closed first")
        ensure(flow.acked("client") and flow.acked("server") and not flow.first("client", RST), "the end")
        return flows(is_well(flow, "closed", "fin"))
    return expect


@case("healthy/server-closes-after-its-answer", seconds=6, title="six answers, and the server's FIN at once",
      expect=in_order(6), story="""The client has six errands done. With the sixth answer the clerk closes the
      connection, as servers do that serve so many requests on one. The client has its answer, and closes a second
      later.""")
def closes_after_answer(lab):
    clerk(lab, "--close-after", 6)
    errands(lab, 41062, "--errands", 6, "--idle", 1).wait(20)
    time.sleep(0.5)


@case("healthy/quit-without-an-answer", seconds=6, title="QUIT, and the server closes without a word",
      expect=in_order(5, quit=True), story=FIVE + """Then it says QUIT. The protocol has no answer to that: the clerk
      closes, the client reads the end of file, and closes, too.""")
def quits(lab):
    clerk(lab)
    errands(lab, 41063, "--errands", 5, "--quit").wait(20)
    time.sleep(0.5)


def half_an_answer(trace):
    """More than 1000 bytes of the third answer, and RST instead of its end. Nothing on the wire says that it was not the
    end: without a profile an abort after the work was done looks the same."""
    calm(trace, 1)
    flow = trace.flow()
    reset = flow.first("server", RST)
    ensure(len(flow.data("client")) == 3 and len(flow.data("server")) == 3 and flow.data("server")[-1].length > 1000, "data")
    ensure(0.2 < reset.at - flow.data("server")[-1].at < 1 and not flow.first("server", FIN), "the RST")
    match = dict(port(flow), **{"verdict.id": {"one_of": ["reset", "closed"]}, "end": "rst",
                                "verdict.severity": {"one_of": ["ok", "notice", "warning"]}})
    return flows((match, 1))


def aborted_after(trace):
    """Three errands, three answers, and RST."""
    calm(trace, 1)
    flow = trace.flow()
    ensure(len(flow.data("client")) == 3 and len(flow.data("server")) == 3, "errands and answers")
    ensure(flow.first("server", RST) is flow.segments[-1] and flow.acked("client") and flow.acked("server"), "the RST")
    return flows(is_well(flow, "closed", "rst"))


@case("reset/in-the-middle-of-an-answer", seconds=6, title="half of an answer, and RST", expect=half_an_answer,
      story="""The client has two errands done. Of the third answer the clerk sends a part, without the end of its line,
      and then aborts the connection (SO_LINGER 0): RST. The client learns of it (ECONNRESET).""")
def aborts_in_answer(lab):
    clerk(lab, "--half", 3)
    errands(lab, 41064).wait_for("errand 3: ECONNRESET", 20)
    time.sleep(0.5)


@case("healthy/server-aborts-after-its-work", seconds=6, title="three answers, and RST", expect=aborted_after,
      story="""The client has three errands done. Shortly after the third answer, which was ACKed, the clerk aborts the
      connection (SO_LINGER 0), as servers do that do not want to wait: RST. Nothing was pending. The client, which was
      idle, learns of it later (ECONNRESET).""")
def aborts_after_work(lab):
    clerk(lab, "--abort-after", 3)
    client = errands(lab, 41065, "--errands", 3, "--idle", 2, "--quit")
    client.wait_for("ECONNRESET|EPIPE", 20)
    time.sleep(0.5)


def after_the_end(trace):
    """The server had closed, and said so, a second and more before the client wrote: RST."""
    calm(trace, 1)
    flow = trace.flow()
    fin, asked, reset = flow.first("server", FIN), flow.data("client")[-1], flow.first("server", RST)
    ensure(fin.at + 0.9 < asked.at < reset.at < asked.at + 0.5 and not flow.first("client", FIN), "FIN, errand, RST")
    ensure(len(flow.data("client")) == len(flow.data("server")) + 1 == 4, "errands and answers")
    return flows(is_called(flow, "reset", "warning", "client", "application", end="rst"))


@case("reset/written-after-the-end-of-file", seconds=8, title="FIN by an idle server; the client writes: RST",
      expect=after_the_end, story="""The client has three errands done, and is idle. After two seconds without an errand
      the clerk closes: FIN. The client does not look. One and a half seconds later it writes its next errand into the
      connection: the clerk's kernel, which knows nobody who would read it, answers with RST.""")
def writes_after_end(lab):
    clerk(lab, "--idle", 2)
    errands(lab, 41066, "--errands", 3, "--idle", 3.5, "--then", 1).wait_for("errand 4: ", 20)
    time.sleep(0.5)


def leaked(trace):
    """The client's FIN was ACKed, and nothing came after that, for more than a minute."""
    calm(trace, 2)
    flow, other = trace.flows
    fin = flow.first("client", FIN)
    ensure(flow.acked("client") and not flow.first("server", FIN | RST) and not flow.first("client", RST), "an end")
    ensure(trace.end - fin.at > 68 and flow.segments[-1].at < fin.at + 0.5 and other.segments[0].at > fin.at + 68, "silence")
    return flows(is_called(flow, "half-closed", "warning", "server", "application", end="fin"),
                 well(other, "closed", "fin"))


@case("half-closed/server-never-closes", seconds=80, title="FIN, ACK, and 70 s of nothing", expect=leaked, story=FIVE +
      """Then it shuts down its writing side: FIN, ACKed by the clerk's kernel. The clerk reads the end of file and
      forgets to close: its socket stays in CLOSE_WAIT, and the client waits for the end of file, for more than a
      minute.""" + OTHER)
def leaks(lab):
    clerk(lab, "--leak")
    errands(lab, 41067, "--errands", 5, "--shut").wait_for("shut down", 20)
    time.sleep(70)
    other_desk(lab)


def news_after(trace):
    """The client closed its direction, and the server's news went on for more than a minute; then it closed."""
    calm(trace, 1)
    flow = trace.flow()
    fin, end = flow.first("client", FIN), flow.first("server", FIN)
    news = [segment for segment in flow.data("server") if segment.at > fin.at]
    ensure(62 < end.at - fin.at < 90 and len(news) >= 10, "news after the client's FIN")
    ensure(max(b.at - a.at for a, b in zip([fin] + news, news + [end])) < 10, "a pause")
    return flows(is_well(flow, "closed", "fin"))


@case("healthy/half-close-65s", seconds=72, title="FIN, and then 65 s of rows, one every 5 s", expect=news_after,
      story="""The client asks and closes its writing side: FIN. The server answers with a row every five seconds, for
      more than a minute, and then closes. A connection that is closed in one direction is none the worse for it, however
      long the other direction is used.""")
def half_close_long(lab):
    lab.run("server", "server", "rows.py", "server", 65, 5).wait_for("listening")
    lab.run("client", "client", "rows.py", "client", SERVER).wait(90)
    time.sleep(0.5)


def fin_repeated(trace):
    """The FIN, and its repeats; all that was sent before it had been ACKed."""
    calm(trace, 2, 4, 8)
    flow, other = trace.flows
    fin = flow.first("client", FIN)
    again = flow.again(fin)
    last = [segment for segment in flow.of("server") if segment.frame < fin.frame][-1]
    ensure(last.ack == fin.seq and not below(last.ack, fin.seq) and not fin.length, "data that was not ACKed")
    ensure(len(again) >= 4 and not [s for s in flow.of("server") if s.at > fin.at] and len(flow.data("server")) == 5, "FINs")
    doubling(again, "the FIN")
    ensure(trace.end - again[-1].at > 5, "the silence after the last one")
    return flows(is_called(flow, "close-unanswered", "notice", "server", end="fin", onset=fin),
                 well(other, "closed", "fin"))


SMALL = "default sysctls but tcp_orphan_retries=3 at the client"


@case("close-unanswered/host-dies-before-the-close", seconds=24, title="FIN, and four repeats", expect=fin_repeated,
      sysctls=SMALL, story=FIVE + """Then the clerk's host dies, as far as anybody can see: the router drops everything
      in both directions. The client closes: its kernel repeats the FIN, in vain. tcp_orphan_retries is 3: after some
      seconds the kernel forgets the connection. All that was to be said had arrived before.""" + OTHER,
      knobs=((41068, "tcp_orphan_retries", 3),))
def dies_before_close(lab):
    lab.sysctl("client", tcp_orphan_retries=3)
    clerk(lab)
    client = errands(lab, 41068, "--errands", 5, "--idle", 1.5)
    client.wait_for("now idle", 20)
    time.sleep(0.5)
    lab.drop()
    client.wait_for("closed, 5", 20)
    time.sleep(14)
    other_desk(lab)


def fin_lost(trace):
    """The FIN, once or twice more, and then its ACK and the server's own."""
    calm(trace, 1, 1, 6)
    flow = trace.flow()
    fin = flow.first("client", FIN)
    ensure(len(flow.again(fin)) >= 1 and 0.1 < flow.first("server", FIN).at - fin.at < 0.95, "the FIN")
    ensure(flow.acked("client") and flow.acked("server") and not flow.first("client", RST), "the end")
    return flows(is_well(flow, "closed", "fin"))


@case("healthy/fin-lost", seconds=6, title="the client's FIN is lost once or twice", expect=fin_lost, story=FIVE + """Then
      it closes, and the path loses its FIN: the router drops what the client sends, for a third of a second. The
      kernel repeats the FIN, which arrives; the clerk closes, too.""")
def loses_fin(lab):
    clerk(lab)
    client = errands(lab, 41069, "--errands", 5, "--idle", 0.6)
    client.wait_for("now idle", 20)
    lab.drop(TO_SERVER)
    client.wait_for("closed, 5", 20)
    time.sleep(0.15)
    lab.undrop()
    time.sleep(1.5)


def gone(trace):
    """The server's end over an errand, and its RST to the client's next SYN. That is not quite a request that stays
    unanswered on reconnect: the words allow both severities."""
    flow, after = trace.flows
    end = flow.first("server", FIN)
    ensure(len(flow.data("server")) == 5 and len(flow.data("client")) == 6 and not flow.first("client", RST), "errands")
    ensure(0.9 < end.at - flow.data("client")[5].at < 2.2, "the server's end")
    ensure(len(after.segments) == 2 and after.first("server", RST), "the refusal")
    return flows(is_called(flow, "closed-mid-request", {"one_of": ["warning", "critical"]}, "server", "application",
                           end="fin"),
                 is_called(after, "connect-refused", "critical", "server", end="rst",
                           onset=frames(after.segments[0], after.segments[1])))


@case("closed-mid-request/killed-and-gone", seconds=8, title="kill -9: FIN, and the new SYN is refused", expect=gone,
      story=FIVE + """One second after the clerk has read the sixth, somebody kills its process (SIGKILL): FIN. The client
      reads the end of file and no answer, closes, and connects anew: nobody listens any more, and the host's kernel
      refuses with RST.""")
def killed_and_gone(lab):
    killed(lab, 41074, "--again", 1, "--pause", 0.3)


def never_spoke(trace):
    """VERDICTS: a side that never spoke owes nothing; its FIN is closed, with a notice."""
    calm(trace, 1)
    flow = trace.flow()
    ensure(len(flow.data("client")) == 1 and not flow.bytes("server") and flow.acked("client"), "payload")
    ensure(0.9 < flow.first("server", FIN).at - flow.data("client")[0].at < 2.2, "the server's FIN")
    return flows(is_well(flow, "closed", "fin"))


@case("healthy/never-spoke-and-closes", seconds=5, title="one message, and the server's FIN a second later",
      expect=never_spoke, story="""The client sends one message. The server reads it, and one second later it ends, without
      having said a word: FIN. The client closes, too. From the wire nobody could tell whether an answer was owed: this
      server has never given one.""")
def ends_mute(lab):
    server = clerk(lab, "--stuck-on", 1)
    client = errands(lab, 41075, "--errands", 1)
    server.wait_for("works on errand 1", 20)
    time.sleep(1)
    server.signal(signal.SIGKILL)
    lab.note("SIGKILL to the server's process")
    client.wait_for("end of file")
    time.sleep(1)


def cut_by_router(trace):
    """The RST has another TTL than all that the server sent."""
    calm(trace, 1)
    flow = trace.flow()
    question, reset = flow.data("client")[-1], flow.first("server", RST)
    ensure(len(flow.data("server")) == 10 and reset.at - question.at < 0.5 and reset is flow.segments[-1], "the RST")
    ensure(reset.ttl != flow.of("server")[0].ttl, "its TTL")
    return flows(is_called(flow, "reset", "warning", "between", end="rst"))


@case("reset/by-a-firewall", seconds=10, title="a firewall cuts a connection that is in use: RST, with its own TTL",
      expect=cut_by_router, story="""The client asks and the desk answers, ten times. Then a firewall on the router is told
      to cut this connection: it answers the client's next question with RST, in the name of the desk's host, which never
      sees it (the TTL is the router's). The client learns of it (ECONNRESET).""")
def firewall_cuts(lab):
    desk(lab)
    client = asker(lab, 41076)
    ten_answers(lab, client)
    lab.reject("ip daddr %s tcp sport 41076" % SERVER, "tcp reset")
    client.wait_for("request 11: ECONNRESET", 20)
    time.sleep(0.5)
