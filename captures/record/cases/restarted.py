"""Hosts that lose their power and start again: they know nothing of their connections, and say so when asked: RST."""
import time

from cases import case
from cases.errands import CALM, clerk, errands, is_called
from cases.expect import calm, ensure, flows, port, well
from cases.quotes import asker, desk
from cases.vanished import ten_answers
from lab import SERVER, SERVER6
from trace import ACK, FIN, RST, SYN

REBOOT = """Its link goes down, nothing of what its kernel has to say gets out, and it starts again with the same address
and without any of its connections. """


def restarted(trace, silent):
    """Answered by RST in the host's own name, without ACK, as for no connection that it knows; no FIN and no RST before."""
    calm(trace, 2, 0, 9)
    flow, after = trace.flows
    question, reset = flow.data("client")[-1], flow.first("server", RST)
    ensure(reset.flags == RST and reset is flow.segments[-1] and reset.ttl == flow.of("server")[0].ttl, "the RST")
    ensure(not flow.first("server", FIN) and not flow.first("client", FIN | RST), "another end")
    ensure(silent[0] <= reset.at - question.at < silent[1], "RST after %.3f s" % (reset.at - question.at))
    ensure(bool(flow.again(question)) == (silent[0] > 0), "repeats")
    ensure(after.acked("client") and len(after.data("server")) >= 3, "the second one was not answered")
    return flows(is_called(flow, "peer-restarted", "critical", "server", "path", end="rst", onset=question),
                 well(after, "alive"))


@case("peer-restarted/while-idle", seconds=20, title="nobody speaks while the host restarts; then RST",
      expect=lambda trace: restarted(trace, (0, 0.5)), story="""The client has three errands done, and is idle. Meanwhile
      the clerk's host loses its power. """ + REBOOT + """The clerk is started again, too. The client notices nothing;
      ten seconds later it has another errand: the host's kernel answers with RST, since it knows no such connection.
      The client (ECONNRESET) connects anew, and all is well.""")
def while_idle(lab):
    clerk(lab)
    client = errands(lab, 41050, "--errands", 3, "--idle", 10, "--then", 8, "--again", 1, "--pause", 0.2)
    client.wait_for("now idle")
    time.sleep(2)
    lab.crash("server")
    time.sleep(3)
    lab.boot("server")
    clerk(lab, name="clerk after it")
    client.wait_for("errand 4: ECONNRESET", 20)
    client.wait_for("connected after(?s:.*)connected after(?s:.*)now idle", 20)


@case("peer-restarted/while-asking", seconds=25, title="silence for 4 s and more, then RST",
      expect=lambda trace: restarted(trace, (3.5, 9)), story="""The client asks and the desk answers, ten times. Then the
      desk's host loses its power. """ + REBOOT + """The client's next question is repeated by its kernel; the first
      repeat that reaches the host after it has started again, four seconds later, is answered with RST. The client
      (ECONNRESET) connects anew, and all is well: the desk has been started again, too.""")
def while_asking(lab):
    desk(lab)
    client = asker(lab, 41051, "--again", 1, "--pause", 0.2)
    ten_answers(lab, client)
    lab.drop()
    lab.crash("server")
    time.sleep(3.5)
    lab.boot("server")
    desk(lab)
    lab.undrop()
    client.wait_for("request 11: ECONNRESET", 20)
    client.wait_for("ECONNRESET(?s:.*)request 10 answered", 20)


def asker_restarted(trace):
    """The new SYN meets the old connection: an ACK for that one, RST, and then the SYN again."""
    flow, after = trace.flows
    ensure(not flow.first("client", FIN | RST) and not flow.first("server", FIN | RST), "another end")
    challenge = after.of("server")[0]
    ensure(challenge.flags == ACK and flow.segments[-1].at < challenge.at - 3, "the ACK of the old connection")
    reset = after.first("client", RST)
    ensure(reset and reset.frame > challenge.frame and len([s for s in after.of("client") if s.flags == SYN]) >= 2, "SYNs")
    ensure(after.acked("client") and len(after.data("server")) >= 9, "the second one was not answered")
    first = {"verdict.id": "peer-restarted", "verdict.severity": "critical", "verdict.side": "client",
             "verdict.layer": "path"}
    second = dict(CALM, **{"verdict.id": "alive"})
    return flows((dict(first, **port(flow)), 1), (dict(second, **port(after)), 1))


@case("peer-restarted/client-comes-back-on-its-port", seconds=25, title="SYN on a connection that the server still has",
      at="server", expect=asker_restarted, story="""The client asks and the desk answers, ten times. Then the client's
      host loses its power. """ + REBOOT + """Its program connects to the desk again, from the same port. For the desk's
      kernel that connection is still there: it answers the SYN with an ACK of its old numbers, the client's kernel
      knows of no such connection and refuses with RST, the desk's process learns of it (ECONNRESET), and the SYN, which
      comes again at once, opens a new connection, on which all is well. Captured at the server.""")
def client_restarts(lab):
    desk(lab)
    ten_answers(lab, asker(lab, 41052))
    lab.crash("client")
    time.sleep(4)
    lab.boot("client")
    asker(lab, 41052, name="client after it").wait_for("request 10 answered", 20)


def restarted6(trace):
    calm(trace, 1)
    flow = trace.flow()
    errand, reset = flow.data("client")[-1], flow.first("server", RST)
    ensure(reset.flags == RST and reset is flow.segments[-1] and reset.ttl == flow.of("server")[0].ttl, "the RST")
    ensure(len(flow.data("server")) == 3 == len(flow.data("client")) - 1 and not flow.first("server", FIN), "errands")
    return flows(is_called(flow, "peer-restarted", "critical", "server", "path", end="rst", onset=errand))


@case("peer-restarted/while-idle-ipv6", seconds=16, title="over IPv6; the service is not started again",
      network={"ipv6": True}, expect=restarted6, story="""The client has three errands done, over IPv6, and is idle.
      Meanwhile the clerk's host loses its power. """ + REBOOT + """Nobody starts the clerk again. Eight seconds later the
      client has another errand: the host's kernel answers with RST, since it knows no such connection. The client learns
      of it (ECONNRESET) and ends.""")
def while_idle6(lab):
    clerk(lab, "--ipv6")
    client = errands(lab, 41053, "--errands", 3, "--idle", 8, "--then", 1, host=SERVER6)
    client.wait_for("now idle")
    time.sleep(2)
    lab.crash("server")
    time.sleep(2)
    lab.boot("server")
    client.wait_for("errand 4: ECONNRESET", 20)
    time.sleep(0.5)
