"""The gateway and its client: the incident that this tool was made for, its healthy twins, and its variants."""
import os
import signal
import time

from cases import case
from cases.expect import OK, calm, ensure, flows, healthy, hung_from_login, silent, unanswered_login
from lab import SERVER
from trace import FIN, RST

FAR = {"rtt_ms": 40}
ROUGH = {"rtt_ms": 150, "jitter_ms": 20, "loss_percent": 1}
PORT = "tcp port 9001"


def gateway(lab, *options):
    server = lab.run("server", "gateway", "gateway.py", *options)
    server.wait_for("listening")
    return server


def client(lab, *options, name="client"):
    program = lab.run("client", name, "gateway_client.py", SERVER, *options)
    program.wait_for("sent the login")
    return program


def stop(lab, server, words):
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the gateway's processes: " + words)


HANG = """The gateway has just been restarted. It accepts the client's connection and hangs (SIGSTOP) before it reads
from it. The client sends its login and beats every 2 s, without looking whether the login was answered. The gateway's
kernel ACKs every byte, so that no timer of either kernel can end this. Nobody notices, nobody closes; the capture is
ended."""


def hang(lab, seconds):
    server = gateway(lab, "--warm-up", 3)
    client(lab, "--from-port", 40122)
    server.wait_for("accepted")
    stop(lab, server, "it has accepted the connection and read nothing")
    time.sleep(seconds)


@case("auth-unanswered/gateway-hang", seconds=124, title="a hung gateway ACKs login and heartbeats", story=HANG,
      filter=PORT, expect=hung_from_login(60))
def gateway_hang(lab):
    hang(lab, 121)


@case("auth-unanswered/gateway-hang-40ms", seconds=125, title="the same over 40 ms", story=HANG, network=FAR,
      expect=hung_from_login(60))
def gateway_hang_far(lab):
    hang(lab, 121)


@case("auth-unanswered/gateway-hang-150ms-loss", seconds=126, title="the same over 150 ms with jitter and loss",
      story=HANG, network=dict(ROUGH, seed=17), expect=hung_from_login(58, 2, 8))
def gateway_hang_rough(lab):
    hang(lab, 122)


@case("auth-unanswered/gateway-hang-at-server", seconds=64, title="the same, captured at the server", story=HANG,
      at="server", expect=hung_from_login(30))
def gateway_hang_at_server(lab):
    hang(lab, 61)


@case("auth-unanswered/gateway-hang-before-accept", seconds=24, title="stopped before accept(): the kernel completes",
      filter=PORT, expect=hung_from_login(10), story="""The gateway has just been restarted and hangs (SIGSTOP) between
      listen() and accept(). Its kernel completes the connection all the same and ACKs the login and the heartbeats; no
      process has ever seen them. The capture is ended after 21 s.""")
def gateway_hang_before_accept(lab):
    server = gateway(lab, "--start-up", 5)
    stop(lab, server, "it listens and has accepted nothing")
    client(lab, "--from-port", 40122)
    time.sleep(21)


def noticed(trace):
    """The client's FIN and new SYN are when somebody noticed; the same service answered the second login in no time."""
    calm(trace, 2)
    first, second = trace.flows
    silent(first, 29)
    fin = first.first("client", FIN)
    ensure(fin and second.segments[0].at > fin.at, "no FIN before the second connection")
    return second_answered(first, second)


def noticed_too_late(trace):
    calm(trace, 2)
    first, second = trace.flows
    fin, late = first.first("client", FIN), first.data("server")
    ensure(fin and late and late[0].at > fin.at + 0.5, "an answer before the FIN")
    ensure(first.first("client", RST), "the late answer was not refused")
    return second_answered(first, second)


def second_answered(first, second):
    ensure(second.bytes("server") > 0 and second.acked("client"), "the second login was not answered")
    again = dict(OK, **{"verdict.id": "alive", "server.port": 9001, "client.port": second.client[1]})
    return flows((unanswered_login(first, **{"verdict.confidence": "high"}), 1), (again, 1))


RECONNECT = """The gateway's worker process hangs (SIGSTOP) before it reads the login. The client beats on without
looking; after 60 s its operator ends it (SIGTERM: it closes, FIN) and starts it again a second later."""


def hang_worker(lab, server, port):
    """The process that serves the client of that port; the one that listens goes on."""
    worker = int(server.wait_for(r"worker (\d+) accepted .*:%d$" % port).group(1))
    os.kill(worker, signal.SIGSTOP)
    lab.note("SIGSTOP to worker %d of the gateway, which has read nothing yet" % worker)
    return worker


def restart(lab, first):
    time.sleep(60.5)
    lab.note("SIGTERM to the client, by its operator")
    first.signal(signal.SIGTERM)
    first.wait(5)
    time.sleep(1)


@case("auth-unanswered/gateway-hang-then-reconnect", seconds=94, title="after 60 s the operator restarts the client",
      filter=PORT, expect=noticed, story=RECONNECT + """ The new connection, from another port, is served by a new
      worker and answered at once. The hung worker keeps its end of the old connection. Somebody noticed at the FIN.""")
def gateway_hang_then_reconnect(lab):
    server = gateway(lab, "--warm-up", 0.5)
    first = client(lab, "--from-port", 40122)
    hang_worker(lab, server, 40122)
    restart(lab, first)
    client(lab, "--from-port", 40130, name="client again").wait_for("heartbeat 1 answered")
    time.sleep(27)


@case("auth-unanswered/gateway-hang-then-resume", seconds=94, title="the same; the hung worker then answers too late",
      filter=PORT, expect=noticed_too_late, story=RECONNECT + """ A second after the client has closed, the worker is
      resumed (SIGCONT). It now answers the first login, to a client that is gone, whose kernel refuses the answer with
      RST; the worker's next write fails. No answer reached the asker before it gave up: the login stays unanswered.""")
def gateway_hang_then_resume(lab):
    server = gateway(lab, "--warm-up", 0.5)
    first = client(lab, "--from-port", 40122)
    worker = hang_worker(lab, server, 40122)
    restart(lab, first)
    os.kill(worker, signal.SIGCONT)
    lab.note("SIGCONT to worker %d" % worker)
    time.sleep(0.5)
    client(lab, "--from-port", 40130, name="client again").wait_for("heartbeat 1 answered")
    time.sleep(27)


def three_of_four(trace):
    """The siblings of the hung connection were answered: nothing else that it could be."""
    calm(trace, 4)
    hung = trace.flow(3)
    silent(hung, 25)
    for flow in trace.flows[:3]:
        ensure(len(flow.data("server")) > 20 and flow.acked("client"), "a sibling that was not answered")
    return flows((unanswered_login(hung, **{"verdict.confidence": "high", "verdict.noticed": None}), 1),
                 (dict(OK, **{"verdict.id": "alive", "server.port": 9001}), 3))


@case("auth-unanswered/one-of-four", seconds=68, title="three clients are answered, the fourth one's worker hangs",
      filter=PORT, expect=three_of_four, story="""Four clients of one gateway, on one host. Three log in and are
      answered, login and heartbeats, until the end. The process that serves the fourth hangs (SIGSTOP) before it reads
      the login; the gateway's kernel ACKs that client's login and heartbeats like the others'.""")
def one_of_four(lab):
    server = gateway(lab, "--warm-up", 0.5)
    for number in range(3):
        client(lab, "--from-port", 40111 + number, name="client %d" % (number + 1)).wait_for("login answered")
    client(lab, "--from-port", 40114, name="client 4")
    hang_worker(lab, server, 40114)
    time.sleep(61)


def hung_later(trace):
    """Beats were answered before: the protocol owes the answers."""
    calm(trace, 1)
    flow = trace.flow()
    last = flow.data("server")[-1]
    missed = [segment for segment in flow.data("client") if segment.at > last.at]
    ensure(len(missed) >= 29 and flow.acked("client"), "%d beats unanswered" % len(missed))
    match = {"verdict.id": "heartbeat-ack-only", "verdict.severity": "critical", "verdict.side": "server",
             "verdict.layer": "application", "verdict.onset_frame": missed[0].frame, "verdict.noticed": None,
             "server.port": 9001, "end": "none"}
    return flows((match, 1))


@case("heartbeat-ack-only/gateway-hang-later", seconds=96, title="answered for 30 s, then the gateway hangs",
      filter=PORT, expect=hung_later, story="""The login and the heartbeats of the first 30 s are answered. Then the
      gateway hangs (SIGSTOP); its kernel ACKs the heartbeats of the next minute, nobody answers them, and the
      client does not look.""")
def gateway_hang_later(lab):
    server = gateway(lab)
    client(lab, "--from-port", 40122).wait_for("login answered")
    time.sleep(31)
    stop(lab, server, "it has answered all until now")
    time.sleep(61)


WELL = "The gateway answers the login and each heartbeat. "


@case("healthy/gateway", seconds=124, title="login and heartbeats are answered", filter=PORT, expect=healthy("alive"),
      story=WELL + "The capture is ended while the connection is up.")
def gateway_well(lab):
    gateway(lab)
    client(lab, "--from-port", 40122)
    time.sleep(121)


@case("healthy/gateway-40ms-logout", seconds=125, title="the same over 40 ms; the client closes at the end",
      network=FAR, expect=healthy("closed", "fin"), story=WELL + "After 121 s the client closes in order.")
def gateway_well_far(lab):
    gateway(lab)
    client(lab, "--from-port", 40122, "--seconds", 121).wait(130)
    time.sleep(0.5)


@case("healthy/gateway-150ms-loss", seconds=126, title="the same over 150 ms with jitter and loss",
      network=dict(ROUGH, seed=1), expect=healthy("alive", least=1, most=12), story=WELL + """The path loses one packet
      in a hundred; the kernels repeat what was lost. The capture is ended while the connection is up.""")
def gateway_well_rough(lab):
    gateway(lab)
    client(lab, "--from-port", 40122)
    time.sleep(122)


@case("healthy/gateway-slow-login", seconds=64, title="the login is answered after 4 s", filter=PORT,
      expect=healthy("alive"), story="""The gateway takes 4 s to check the login. The client beats on its timer
      meanwhile, without looking. The login and then the heartbeats are answered, and all is well until the end.""")
def gateway_slow_login(lab):
    gateway(lab, "--login-takes", 4)
    client(lab, "--from-port", 40122)
    time.sleep(61)
