"""NATS: the server speaks first (INFO), either side pings, and a login is answered with PONG, or with -ERR."""
import signal
import time

from cases import case
from cases.errands import CALM, is_called
from cases.expect import calm, ensure, flows, port
from cases.services import is_rejected, one, said
from lab import SERVER
from trace import FIN, RST

NATS = ("nats-server", "libnats.so.3.4")
NATS_PORT = "tcp port 4222"
PING, PONG = b"PING\r\n", b"PONG\r\n"
# FIN, and RST right after it: the words do not say which of them the connection ended with.
ENDS = {"one_of": ["fin", "rst"]}


def nats(lab):
    conf = lab.files.name + "/nats.conf"
    with open(conf, "w", encoding="utf-8") as file:
        file.write('listen: "0.0.0.0:4222"\nauthorization: {user: lamp, password: right}\n')
    server = lab.real("server", "nats-server", "nats-server", "-c", conf,
                      tell="Starting nats-server|Version: .*|Listening.*|Server is ready|authentication error.*")
    server.wait_for("Server is ready")
    return server


def client(lab, *options):
    return lab.run("client", "client", "nats.py", SERVER, *options)


def rejected(trace):
    calm(trace, 1)
    flow = trace.flow()
    login, no = flow.data("client")[0], one(flow, "server", b"-ERR 'Authorization Violation'")
    ensure(flow.data("server")[0].payload[:5] == b"INFO " and login.payload[:8] == b"CONNECT ", "INFO and CONNECT")
    return flows(is_rejected(flow, [login], no, end=ENDS))


@case("auth-rejected/nats-authorization-violation", seconds=4, title="-ERR 'Authorization Violation'", needs=NATS,
      filter=NATS_PORT, expect=rejected, story="""The server greets whoever connects (INFO). The client answers with
      CONNECT, a wrong password in it, and PING; the server says -ERR 'Authorization Violation' and closes.""")
def nats_wrong(lab):
    nats(lab)
    client(lab, "--password", "wrong").wait_for("ended")
    time.sleep(0.5)


def pings(flow):
    """The client's PINGs with nothing else, and how many were answered; the first PING came with CONNECT."""
    asked = [segment for segment in flow.data("client") if segment.payload == PING]
    answers = [segment for segment in flow.data("server") if segment.payload == PONG][1:]
    ensure(all(0 <= answer.at - ping.at < 0.5 for ping, answer in zip(asked, answers)), "PINGs and PONGs")
    return asked, len(answers)


def leaves(flow):
    """The library closes with FIN and, its lingering being off, RST at once, unless both sides have closed by then."""
    fin, reset = flow.first("client", FIN), flow.first("client", RST)
    ensure(fin and not (reset and reset.at > fin.at + 0.1) and not flow.first("server", RST), "the client's FIN")
    return fin


def session(trace):
    calm(trace, 1)
    flow = trace.flow()
    asked, answered = pings(flow)
    ensure(len(asked) == answered >= 6 and one(flow, "server", PING).at < one(flow, "client", PONG).at, "PINGs")
    ensure(said(flow, "server").count(b"MSG street.lamp 1 5") == 9, "messages")
    leaves(flow)
    return flows((dict(CALM, **dict(port(flow), **{"verdict.id": "closed", "end": ENDS})), 1))


@case("healthy/nats-session", seconds=40, title="messages, and PINGs of both sides", needs=NATS, filter=NATS_PORT,
      expect=session, story="""The server greets whoever connects (INFO). The client logs in with the right password,
      subscribes, and publishes a message now and then, which comes back to it. The client pings every 4 s, and the
      server once, to measure its round trip; all is answered. Then the client closes: FIN and, since its library has
      set SO_LINGER to 0, perhaps RST at once.""")
def nats_session(lab):
    nats(lab)
    client(lab, "--beat", "4", "--messages", "9", "--wait", "20").wait_for("ended", 60)
    time.sleep(0.5)


def hangs(trace):
    calm(trace, 1)
    flow = trace.flow()
    asked, answered = pings(flow)
    missed, fin = asked[answered:], leaves(flow)
    ensure(answered == 5 and len(missed) == 2 and not flow.first("server", FIN), "%d PINGs unanswered" % len(missed))
    return flows(is_called(flow, "app-silent", "critical", "server", "application", end=ENDS, onset=missed[0],
                           **{"verdict.noticed": fin.moment()}))


@case("app-silent/nats-server-hangs", seconds=40, title="two PINGs are ACKed and not answered; the client leaves",
      needs=NATS, filter=NATS_PORT, expect=hangs, story="""The client logs in, subscribes, and pings every 3 s; five
      PINGs are answered. Then the server hangs (SIGSTOP). Its kernel ACKs the next two PINGs, and nobody answers
      them. When the third would be due, the client's library takes the connection for dead and closes: FIN, and RST at
      once.""")
def nats_hangs(lab):
    server = nats(lab)
    asker = client(lab, "--beat", "3", "--wait", "60")
    asker.wait_for("connected")
    time.sleep(16)
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to nats-server: it has answered all until now")
    asker.wait_for("ended", 40)
    time.sleep(1)
