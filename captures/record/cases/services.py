"""Servers of Debian's packages, Redis and the MQTT broker Mosquitto, with their own clients: logins that are accepted,
rejected and left without an answer, as these protocols really write them."""
import os
import signal
import time

from cases import case
from cases.errands import is_called
from cases.expect import calm, ensure, flows, healthy, port, well
from cases.quotes import other_desk
from lab import SERVER, sh
from trace import FIN

REDIS, MQTT = ("redis-server", "redis-cli"), ("mosquitto", "mosquitto_passwd", "mosquitto_sub")
REDIS_PORT, MQTT_PORT = "tcp port 6379", "tcp port 1883"
CONNECT, CONNACK, PINGREQ, PINGRESP = b"\x10", b"\x20\x02\x00", b"\xc0\x00", b"\xd0\x00"


def said(flow, side):
    return b"".join(segment.payload for segment in flow.data(side))


def one(flow, side, words):
    """The one segment of this side that has these words in it."""
    found = [segment for segment in flow.data(side) if words in segment.payload]
    ensure(len(found) == 1, "%d segments of the %s with %r" % (len(found), side, words))
    return found[0]


def is_rejected(flow, logins, rejection, end="fin"):
    """The words leave open whether it begins with the login or with the answer to it."""
    ensure(all(login.at <= rejection.at for login in logins), "an answer before the login")
    return is_called(flow, "auth-rejected", "warning", "client", "application", end=end,
                     onset={"one_of": [segment.frame for segment in logins + [rejection]]})


def too_soon(flow):
    """The login was ACKed, and the capture ended before anybody could tell: whether it waits, or not yet."""
    match = {"verdict.id": {"one_of": ["inconclusive", "alive"]},
             "verdict.severity": {"one_of": ["ok", "notice"]}, "end": "none"}
    return dict(match, **port(flow)), 1


def waits(flow, login, **more):
    """The login, which was ACKed and never answered; the protocol owes an answer."""
    return is_called(flow, "auth-unanswered", "critical", "server", "application", onset=login,
                     **dict({"verdict.confidence": "high"}, **more))


def redis(lab):
    server = lab.real("server", "redis-server", "redis-server", "--port", "6379", "--bind", "0.0.0.0", "--requirepass",
                      "right", "--save", "", "--dir", lab.files.name, tell="Redis version.*|Ready to accept.*")
    server.wait_for("Ready to accept")


def redis_cli(lab, *words, typed=()):
    client = lab.real("client", "redis-cli", "redis-cli", "-h", SERVER, *words, typed=typed)
    client.wait_for("^.* ended with", 40)
    time.sleep(0.5)


def redis_rejected(trace):
    calm(trace, 1)
    flow = trace.flow()
    login, no = one(flow, "client", b"*2\r\n$4\r\nAUTH\r\n$5\r\nwrong\r\n"), one(flow, "server", b"-WRONGPASS ")
    one(flow, "server", b"-NOAUTH ")
    return flows(is_rejected(flow, [login], no))


@case("auth-rejected/redis-wrong-password", seconds=4, title="-WRONGPASS", needs=REDIS, filter=REDIS_PORT,
      expect=redis_rejected, story="""Redis asks for a password. redis-cli is given a wrong one: AUTH is answered with
      -WRONGPASS. It asks its question all the same, is told -NOAUTH, and closes.""")
def redis_wrong(lab):
    redis(lab)
    redis_cli(lab, "-a", "wrong", "GET", "lamp")


SESSION = (("0.3", "SET lamp on"), ("1.7", "GET lamp"), ("0.2", "INCR visits"), ("3.1", "INCRBY visits 40"),
           ("0.9", "LRANGE nobody 0 -1"), ("2.4", "KEYS *"), ("0.4", "DEL lamp visits"), ("1.3", ""))


@case("healthy/redis-session", seconds=14, title="the right password, commands at an uneven pace", needs=REDIS,
      filter=REDIS_PORT, expect=healthy("closed", "fin"), story="""Redis asks for a password, and redis-cli gives it.
      It has itself told of all commands (COMMAND DOCS: 170 KB). Commands are typed into it, at an uneven pace; each is
      answered. Then its input ends and it closes.""")
def redis_session(lab):
    redis(lab)
    redis_cli(lab, "-a", "right", typed=SESSION)


def right_at_last(trace):
    flow = trace.flow()
    # redis-cli asks for the commands, twice, before anybody has logged in.
    answers = [segment.payload[:5] for segment in flow.data("server")][:4]
    ensure(answers == [b"-NOAU", b"-NOAU", b"-WRON", b"+OK\r\n"], "rejected, and then accepted: %s" % answers)
    return healthy("closed", "fin")(trace)


@case("healthy/redis-second-password-right", seconds=14, title="-WRONGPASS, and then the right one", needs=REDIS,
      filter=REDIS_PORT, expect=right_at_last, story="""Redis asks for a password. redis-cli gives none, and its first
      question (which commands there are) is answered with -NOAUTH. Somebody types a wrong password into it, which is
      rejected, and two seconds later, on the same connection, the right one, which is accepted. Commands follow, each
      is answered, and then redis-cli closes.""")
def redis_second(lab):
    redis(lab)
    redis_cli(lab, typed=(("0.5", "AUTH wrong"), ("2", "AUTH right")) + SESSION)


def broker(lab):
    at = lab.files.name
    sh("mosquitto_passwd", "-b", "-c", os.path.join(at, "passwords"), "lamp", "right")
    with open(os.path.join(at, "mosquitto.conf"), "w", encoding="utf-8") as conf:
        conf.write("listener 1883 0.0.0.0\nallow_anonymous false\npassword_file %s/passwords\nuser root\n"
                   "log_dest stdout\nlog_timestamp false\nlog_type all\n" % at)
    server = lab.real("server", "mosquitto", "mosquitto", "-c", os.path.join(at, "mosquitto.conf"),
                      tell="^(?!Warning|\t|auto-|No will).*")
    server.wait_for("running")
    return server


def subscriber(lab, password, beat):
    return lab.real("client", "mosquitto_sub", "mosquitto_sub", "-d", "-h", SERVER, "-t", "street/lamp", "-u", "lamp",
                    "-P", password, "-k", str(beat))


def stop(lab, server, words):
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the broker's process: " + words)


def mqtt_rejected(trace):
    calm(trace, 1)
    flow = trace.flow()
    login, no = flow.data("client")[0], flow.data("server")[0]
    ensure(login.payload[:1] == CONNECT and said(flow, "server") == CONNACK + b"\x05", "CONNECT, CONNACK with code 5")
    return flows(is_rejected(flow, [login], no))


@case("auth-rejected/mqtt-not-authorised", seconds=4, title="CONNACK with code 5", needs=MQTT, filter=MQTT_PORT,
      expect=mqtt_rejected, story="""The broker knows the user. mosquitto_sub gives a wrong password: the broker answers
      CONNECT with CONNACK, code 5 (not authorised), and both close.""")
def mqtt_wrong(lab):
    broker(lab)
    subscriber(lab, "wrong", 60).wait_for("^.* ended with")
    time.sleep(0.5)


def pings(flow):
    """PINGREQs of this flow, and how many were answered; each answer came before the next one."""
    asked = [segment for segment in flow.data("client") if segment.payload == PINGREQ]
    answers = [segment for segment in flow.data("server") if segment.payload == PINGRESP]
    ensure(said(flow, "server")[:4] == CONNACK + b"\x00" and all(0 <= answer.at - ping.at < 0.5 for ping, answer in
                                                                 zip(asked, answers)), "CONNACK and PINGRESPs")
    gaps = [after.at - before.at for before, after in zip(asked, asked[1:])]
    ensure(all(4.5 < gap < 6.5 for gap in gaps), "gaps of PINGREQs: %s" % gaps)
    return asked, len(answers)


def beats_on(trace):
    asked, answered = pings(trace.flow())
    ensure(len(asked) == answered >= 6, "%d of %d PINGREQs answered" % (answered, len(asked)))
    return healthy("alive")(trace)


@case("healthy/mqtt-keepalive", seconds=43, title="PINGREQ and PINGRESP, and nothing else to say", needs=MQTT,
      filter=MQTT_PORT, expect=beats_on, story="""mosquitto_sub subscribes, with a keepalive of 5 s. Nobody publishes
      anything: it pings, the broker answers. The capture is ended while the connection is up.""")
def mqtt_keepalive(lab):
    broker(lab)
    subscriber(lab, "right", 5)
    time.sleep(42)


def broker_hangs(trace):
    flow = trace.flows[0]
    asked, answered = pings(flow)
    missed, fin = asked[answered:], flow.first("client", FIN)
    ensure(answered >= 5 and missed and fin and flow.acked("client"), "PINGREQs")
    calm(trace, 3)
    again = trace.flows[1]
    waited = trace.end - missed[0].at, trace.end - again.segments[0].at
    ensure(waited[0] > 1.5 * 5 + 1 and 2 < waited[1] < 4.5, "the wait: %.3f s and %.3f s" % waited)
    ensure(again.acked("client") and not again.bytes("server") and 0.9 < again.segments[0].at - fin.at < 2, "again")
    verdict = "heartbeat-ack-only" if len(missed) >= 3 else "app-silent"
    return flows(is_called(flow, verdict, "critical", "server", "application", end="fin", onset=missed[0],
                           **{"verdict.noticed": fin.moment()}), too_soon(again),
                 well(trace.flows[2], "closed", "fin"))


@case("app-silent/mqtt-broker-hangs", seconds=45, title="PINGREQ is ACKed and not answered; the client leaves",
      needs=MQTT, expect=broker_hangs, story="""mosquitto_sub subscribes, with a keepalive of 5 s.
      Five and more PINGREQs are answered; then the broker hangs (SIGSTOP). Its kernel ACKs the next PINGREQ, and
      nobody answers it; 5 s later mosquitto_sub closes: FIN. A second after that it connects again: the kernel
      completes that connection, too, and ACKs CONNECT. Some 3 s later its host makes a short connection to another
      service, and the capture is ended.""")
def mqtt_hangs(lab):
    server = broker(lab)
    client = subscriber(lab, "right", 5)
    client.wait_for("(?s:.*PINGRESP){5}", 40)
    time.sleep(1)
    stop(lab, server, "it has answered all until now")
    client.wait_for("(?s:PINGREQ.*sending CONNECT)", 40)
    time.sleep(3)
    other_desk(lab, 40592)


def connect_unanswered(trace):
    calm(trace, 2)
    flow = trace.flow()
    ensure(not flow.bytes("server") and flow.acked("client") and len(flow.data("client")) == 1, "CONNECT alone")
    ensure(said(flow, "client")[:1] == CONNECT and trace.end - flow.segments[-1].at > 19, "how long it waited")
    return flows(waits(flow, flow.data("client")[0], end="none", **{"verdict.noticed": None}),
                 well(trace.flows[1], "closed", "fin"))


@case("auth-unanswered/mqtt-broker-hangs-before-login", seconds=24, title="CONNECT is ACKed and never answered",
      needs=MQTT, expect=connect_unanswered, story="""The broker hangs (SIGSTOP) before anybody connects. Its kernel
      completes the connection of mosquitto_sub and ACKs CONNECT, which no process ever reads. mosquitto_sub waits
      without a word (its keepalive is 60 s). After 20 s its host makes a short connection to another service, and the
      capture is ended.""")
def mqtt_hangs_before(lab):
    stop(lab, broker(lab), "it listens, and nobody has connected")
    subscriber(lab, "right", 60).wait_for("sending CONNECT")
    time.sleep(20)
    other_desk(lab, 40591)
