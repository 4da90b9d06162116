"""Hosts and paths that die while the client writes: its kernel repeats what nobody ACKs, until a timer of the kernel or
of the application ends it, silently."""
import time

from cases import case
from cases.expect import calm, doubling, ensure, flows, next_syn, unanswered_syn, vanished, well
from cases.quotes import asker, desk, other_desk
from lab import SERVER
from trace import FIN, RST

NEAR, FAR, FARTHER = {}, {"rtt_ms": 40}, {"rtt_ms": 150}
DIES = """The client asks and the desk answers, ten times. Then the desk's host dies, as far as anybody can see: the
router drops everything in both directions. The client's next question is repeated by its kernel, and never ACKed. """
OTHER = " At the end the client's host asks another desk, on the router: that one answers, and the capture ends."


def ten_answers(lab, client):
    """Ends between two questions, when all has been ACKed."""
    client.wait_for("request 10 answered", 60)
    time.sleep(0.3)


def die(lab, port, *options):
    desk(lab)
    client = asker(lab, port, *options)
    ten_answers(lab, client)
    lab.drop()
    return client


def lost_question(flow, least=3):
    """The first segment that got no answer; after it, repeats and nothing from the desk."""
    question = flow.data("client")[-1]
    again = flow.again(question)
    ensure(len(flow.data("server")) == 10, "%d answers" % len(flow.data("server")))
    ensure(flow.data("server")[-1].at < question.at, "an answer after the last question")
    ensure(not [segment for segment in flow.of("server") if segment.at > question.at], "a sign of life after it")
    ensure(not flow.first("client", FIN | RST) and len(again) >= least, "%d repeats" % len(again))
    doubling(again, "the question")
    return question, again


def certain(trace, again, after=()):
    """VERDICTS: critical from five repeats of the retransmission timer (the first is a tail loss probe) and 5 s; from
    three, when there is a new SYN, or when the kernel gave up: the next repeat is overdue when the capture ends."""
    timer = again[1:]
    long = len(timer) >= 5 and timer[-1].at - timer[0].at >= 5
    overdue = trace.end - again[-1].at > 2.25 * (again[-1].at - again[-2].at) + 0.01
    ensure(long or len(timer) >= 3 and (after or overdue), "too few repeats to be sure")
    return "critical"


def died(other="", least=3):
    """The flow that died; then the client's new attempt, answered or not, or the connection to the other desk."""
    def expect(trace):
        ensure(len(trace.flows) == (2 if other else 1), "%d connections" % len(trace.flows))
        first, after = trace.flow(), trace.flows[1:]
        question, again = lost_question(first, least)
        syn = [flow for flow in after if flow.server == first.server]
        entries = [vanished(first, question, severity=certain(trace, again, syn), end="none",
                            **{"verdict.noticed": next_syn(syn)})]
        if other == "answered":
            ensure(after[0].acked("client") and len(after[0].data("server")) >= 10, "the second one was not answered")
            entries.append(well(after[0], "alive"))
        elif other == "unanswered":
            ensure(not after[0].of("server") and len(after[0].of("client")) >= 4, "the second one")
            entries.append(unanswered_syn(after[0]))
        elif other == "elsewhere":
            entries.append(well(after[0], "closed", "fin"))
        return flows(*entries)
    return expect


@case("peer-vanished/host-death-retries2-15", seconds=985, title="to the very end of the default tcp_retries2",
      expect=died("answered", 15), knobs=((40500, "tcp_retries2", 15),), story=DIES + """The kernel has the default
      settings: it gives up about a quarter of an hour later (tcp_retries2 is 15), and says nothing on the wire. The
      client learns of it (ETIMEDOUT), and half a second later it connects again, from another port. At that moment the
      path is whole again, and the desk answers. The old connection stays silent for the 30 s that remain.""")
def retries2_15(lab):
    client = die(lab, 40500, "--again", 1, "--pause", 0.5)
    client.wait_for("ETIMEDOUT", 1100)
    lab.undrop()
    client.wait_for("connected after(?s:.*)connected after", 10)
    time.sleep(31)


GIVES_UP_5 = DIES + "The client's kernel gives up early: tcp_retries2 is 5. "
SMALL = "default sysctls but tcp_retries2=5 at the client"


@case("peer-vanished/host-death-retries2-5", seconds=45, title="tcp_retries2=5; the client connects again at once",
      expect=died("unanswered"), sysctls=SMALL, knobs=((40502, "tcp_retries2", 5),), story=GIVES_UP_5 + """The client
      learns of it (ETIMEDOUT) and at once connects anew, from another port. Its host is still dead: nothing answers
      these SYNs either, and the capture is ended while they are repeated.""")
def retries2_5_near(lab):
    lab.sysctl("client", tcp_retries2=5)
    die(lab, 40502, "--again", 1).wait_for("ETIMEDOUT", 90)
    time.sleep(18)


@case("peer-vanished/host-death-retries2-5-40ms", seconds=45, title="the same over 40 ms; the path is back in time",
      network=FAR, expect=died("answered"), sysctls=SMALL, knobs=((40503, "tcp_retries2", 5),), story=GIVES_UP_5 +
      """The client learns of it (ETIMEDOUT) and half a second later connects anew, from another port. The path is whole
      again by then, and the desk answers.""")
def retries2_5_far(lab):
    lab.sysctl("client", tcp_retries2=5)
    client = die(lab, 40503, "--again", 1, "--pause", 0.5)
    client.wait_for("ETIMEDOUT", 90)
    lab.undrop()
    time.sleep(12)


@case("peer-vanished/host-death-retries2-5-150ms", seconds=60, title="the same over 150 ms; the client just ends",
      network=FARTHER, expect=died("elsewhere"), sysctls=SMALL, knobs=((40504, "tcp_retries2", 5),), story=GIVES_UP_5 +
      "The client learns of it (ETIMEDOUT) and ends." + OTHER)
def retries2_5_farther(lab):
    lab.sysctl("client", tcp_retries2=5)
    die(lab, 40504).wait_for("ETIMEDOUT", 90)
    time.sleep(5)
    other_desk(lab)


USER_TIMEOUT = DIES + "The client has set TCP_USER_TIMEOUT to 5 s on its socket: its kernel gives up then. "


@case("peer-vanished/host-death-user-timeout-5000", seconds=30, title="TCP_USER_TIMEOUT of 5 s; connects again at once",
      expect=died("unanswered"), knobs=((40506, "TCP_USER_TIMEOUT", 5000),), story=USER_TIMEOUT + """The client learns
      of it (ETIMEDOUT) and at once connects anew, from another port, with the same timeout: nothing answers, and that
      attempt ends after 5 s, too (ETIMEDOUT). Then the capture is ended.""")
def user_timeout_near(lab):
    client = die(lab, 40506, "--user-timeout", 5000, "--again", 1)
    client.wait_for("ETIMEDOUT(?s:.*)ETIMEDOUT", 30)
    time.sleep(1)


@case("peer-vanished/host-death-user-timeout-5000-40ms", seconds=30, title="the same over 40 ms; the client just ends",
      network=FAR, expect=died("elsewhere"), knobs=((40507, "TCP_USER_TIMEOUT", 5000),), story=USER_TIMEOUT +
      "The client learns of it (ETIMEDOUT) and ends." + OTHER)
def user_timeout_far(lab):
    die(lab, 40507, "--user-timeout", 5000).wait_for("ETIMEDOUT", 30)
    time.sleep(10)
    other_desk(lab)


@case("peer-vanished/host-death-user-timeout-5000-150ms", seconds=30, title="the same over 150 ms; back in time",
      network=FARTHER, expect=died("answered"), knobs=((40508, "TCP_USER_TIMEOUT", 5000),), story=USER_TIMEOUT + """The
      client learns of it (ETIMEDOUT) and half a second later connects anew, from another port. The path is whole again
      by then, and the desk answers.""")
def user_timeout_farther(lab):
    client = die(lab, 40508, "--user-timeout", 5000, "--again", 1, "--pause", 0.5)
    client.wait_for("ETIMEDOUT", 30)
    lab.undrop()
    time.sleep(12)


def beats_died(trace):
    """One beat, repeated; the others that the program wrote meanwhile never came onto the wire."""
    ensure(len(trace.flows) == 2, "%d connections" % len(trace.flows))
    flow, other = trace.flows
    beat = flow.data("client")[-1]
    ensure(flow.data("server")[-1].at < beat.at and len(flow.data("server")) >= 6, "the answers")
    ensure(not flow.first("client", FIN | RST), "an end on the wire")
    again = flow.again(beat)
    doubling(again, "the beat")
    return flows(vanished(flow, beat, severity=certain(trace, again), end="none", **{"verdict.noticed": None}),
                 well(other, "closed", "fin"))


@case("peer-vanished/heartbeats-host-death", seconds=75, title="login and beats are answered, then the host dies",
      expect=beats_died, sysctls="default sysctls but tcp_retries2=6 at the client",
      knobs=((40510, "tcp_retries2", 6),), story="""The gateway answers the login and the heartbeats, one every 2 s.
      Then its host dies: the router drops everything in both directions. The client's kernel repeats the next beat;
      those that the client writes after it wait in the kernel and are never seen. tcp_retries2 is 6: half a minute
      later the kernel gives up, tells the client (ETIMEDOUT), and nobody else; the client ends.""" + OTHER)
def heartbeats_host_death(lab):
    lab.sysctl("client", tcp_retries2=6)
    gateway = lab.run("server", "gateway", "gateway.py")
    gateway.wait_for("listening")
    client = lab.run("client", "client", "gateway_client.py", SERVER, "--from-port", 40510)
    client.wait_for("login answered")
    time.sleep(11)
    lab.drop()
    client.wait_for("lost the connection", 90)
    time.sleep(5)
    other_desk(lab)


GOES_ON = "The capture is ended while the kernels still try."
TO_CLIENT, TO_SERVER = "ip saddr %s" % SERVER, "ip daddr %s" % SERVER
DEAD_RETURN = """The client asks and the desk answers, ten times. Then the way back dies: the router drops what the
server sends, and forwards what the client sends. The next question arrives, and again, and again: the server's ACKs and
its answer are lost. """
DEAD_FORWARD = """The client asks and the desk answers, ten times. Then the way there dies: the router drops what the
client sends, and forwards what the server sends. """


def one_way(lab, port, dropped, *desk_options):
    desk(lab, *desk_options)
    ten_answers(lab, asker(lab, port))
    lab.drop(dropped)
    time.sleep(41)


def return_dead_at_client(trace):
    """No more than if the server were dead: not one of its packets comes."""
    calm(trace, 1, 5, 12)
    flow = trace.flow()
    question, again = lost_question(flow, 5)
    return flows(vanished(flow, question, severity=certain(trace, again), end="none", **{"verdict.noticed": None}))


@case("peer-vanished/one-way-dead-return-path-at-client", seconds=52, title="what the server sends is lost",
      expect=return_dead_at_client, story=DEAD_RETURN + "Captured at the client, the server looks dead. " + GOES_ON)
def return_at_client(lab):
    one_way(lab, 40520, TO_CLIENT)


def d_sacks(flow, side, least):
    """This side's ACKs that tell of bytes that came again."""
    found = [segment for segment in flow.of(side) if segment.dsack]
    ensure(len(found) >= least, "%d D-SACKs" % len(found))


def return_dead_at_server(trace):
    """Each repeat draws a D-SACK. Both ends repeat: the client its question, which was ACKed at once, and the server
    its answer. Either original may be called the first segment that got no answer."""
    calm(trace, 1, 10, 30)
    flow = trace.flow()
    question, answer = flow.data("client")[-1], flow.data("server")[-1]
    ensure(len(flow.data("client")) == 11 and len(flow.data("server")) == 11, "questions and answers")
    ensure(len(flow.again(question)) >= 5 and len(flow.again(answer)) >= 5, "repeats")
    ensure(flow.acked("client") and not flow.acked("server"), "what was ACKed")
    doubling(flow.again(question), "the question")
    doubling(flow.again(answer), "the answer")
    d_sacks(flow, "server", 5)
    return flows(vanished(flow, [question, answer], side="between", end="none", **{"verdict.noticed": None}))


@case("peer-vanished/one-way-dead-return-path-at-server", seconds=52, title="the same, captured at the server",
      at="server", expect=return_dead_at_server, story=DEAD_RETURN + """Captured at the server, each repeat of the
      question draws an ACK that says so (D-SACK), and the server's own answer is repeated. """ + GOES_ON)
def return_at_server(lab):
    one_way(lab, 40521, TO_CLIENT)


def forward_dead_with_news(trace):
    """The server lives: its news arrive, and are repeated, since the client's ACKs are lost like its question."""
    calm(trace, 1, 10, 30)
    flow = trace.flow()
    question = flow.data("client")[-1]
    news = [segment for segment in flow.data("server") if segment.at > question.at - 0.6]
    ensure(len(flow.data("client")) == 11 and len(flow.again(question)) >= 5, "the question")
    ensure(news and len(flow.again(news[0])) >= 4, "the news")
    doubling(flow.again(question), "the question")
    d_sacks(flow, "client", 4)
    return flows(vanished(flow, [question, news[0]], side="between", end="none", **{"verdict.noticed": None}))


@case("peer-vanished/one-way-dead-forward-path-at-client", seconds=52, title="what the client sends is lost",
      expect=return_dead_at_client, story=DEAD_FORWARD + """The next question never arrives, and the desk has nothing to
      say unasked: captured at the client, the server looks dead. """ + GOES_ON)
def forward_at_client(lab):
    one_way(lab, 40522, TO_SERVER)


@case("peer-vanished/one-way-dead-forward-path-news-at-client", seconds=62, title="the same; the server sends news",
      expect=forward_dead_with_news, story=DEAD_FORWARD + """The next question never arrives. The desk sends news now
      and then: they do arrive, and come again and again, because the client's ACKs are lost. Captured at the client.
      """ + GOES_ON)
def forward_news_at_client(lab):
    one_way(lab, 40523, TO_SERVER, "--push", 11)


def forward_dead_at_server(trace):
    """At the server nothing comes any more; its own news get no ACK."""
    calm(trace, 1, 5, 15)
    flow = trace.flow()
    last = flow.of("client")[-1]
    news = [segment for segment in flow.data("server") if segment.at > last.at]
    ensure(len(flow.data("client")) == 10 and len(flow.again(news[0])) >= 5, "questions and news")
    doubling(flow.again(news[0]), "the news")
    return flows(vanished(flow, news[0], side="client", severity=certain(trace, flow.again(news[0])), end="none",
                          **{"verdict.noticed": None}))


@case("peer-vanished/one-way-dead-forward-path-at-server", seconds=62, title="the same, captured at the server",
      at="server", expect=forward_dead_at_server, story=DEAD_FORWARD + """Captured at the server: the client's questions
      come no more, and nobody ACKs the news that the desk sends unasked. """ + GOES_ON)
def forward_at_server(lab):
    one_way(lab, 40524, TO_SERVER, "--push", 11)


PATIENCE = DIES + """After 10 s the client loses patience and closes. No FIN is seen: it waits behind the question,
which the kernel goes on repeating. """


def gave_up(other):
    def expect(trace):
        flow = trace.flow()
        question = flow.data("client")[-1]
        after = trace.flow(1)
        last = flow.again(question)[-1]
        ensure(last.at > question.at + 20, "the series of the old connection ended too soon")
        ensure(other != "unanswered" or last.at > after.segments[0].at, "no repeat after the new SYN")
        return died(other)(trace)
    return expect


@case("peer-vanished/app-gives-up-closes", seconds=70, title="the client closes after 10 s; its kernel repeats on",
      expect=gave_up("elsewhere"), story=PATIENCE + "The client ends." + OTHER)
def app_closes(lab):
    die(lab, 40530, "--patience", 10)
    time.sleep(50)
    other_desk(lab)


@case("peer-vanished/app-gives-up-closes-and-reconnects", seconds=60, title="the same, and then connects anew",
      expect=gave_up("unanswered"), story=PATIENCE + """The client connects anew from another port, while the kernel
      still repeats the old question: the new SYNs are not answered either. The capture is ended meanwhile.""")
def app_reconnects(lab):
    die(lab, 40531, "--patience", 10, "--again", 1)
    time.sleep(40)
