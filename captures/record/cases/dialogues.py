"""Healthy conversations of other shapes. Each holds something that a careless tool takes for a failure: long waits,
beats without answers, one side that only listens, silence, a full window, repeats."""
import time

from cases import case
from cases.expect import healthy
from lab import SERVER


def dialogue(lab, program, client=(), server=()):
    """Starts both sides of one program, and gives the client's."""
    lab.run("server", "server", program, "server", *server).wait_for("listening")
    return lab.run("client", "client", program, "client", SERVER, *client)


def until_closed(lab, program, seconds, client=()):
    dialogue(lab, program, client).wait(seconds)
    time.sleep(0.5)


def until_cut(lab, program, seconds, client=(), server=()):
    dialogue(lab, program, client, server)
    time.sleep(seconds)


@case("healthy/one-way-heartbeat", seconds=94, title="the login is answered, the client's beats never are",
      expect=healthy(None), story="""SoupBinTCP: the server accepts the login and then has nothing to say. The client's
      heartbeats, one a second, are owed no answer. The capture is ended while the connection is up.""")
def one_way_heartbeat(lab):
    until_cut(lab, "soup.py", 91, ("--from-port", 40220))


@case("healthy/heartbeats-independent", seconds=94, title="both sides beat on their own timers",
      expect=healthy("alive"), story="""SoupBinTCP: the server accepts the login; then the client beats every second
      and the server every 2.7 s. No beat answers another. The capture is ended while the connection is up.""")
def heartbeats_independent(lab):
    until_cut(lab, "soup.py", 91, ("--from-port", 40221), ("--beat", 2.7))


# On a busy machine an answer may be late enough for a tail loss probe: a repeat, and no loss.
@case("healthy/request-response", seconds=20, title="250 varied HTTP requests on one connection, closed in order",
      expect=healthy("closed", "fin", most=3), story="""A client sends 250 different HTTP requests on one
      connection; each is answered, a few after some tenths of a second. Then the client closes.""")
def request_response(lab):
    until_closed(lab, "web.py", 60)


@case("healthy/bulk-transfer", seconds=4, title="2 MB up, 2 MB down", snaplen=128,
      expect=healthy("closed", "fin", most=20), story="""The client writes 2 MB, the server reads them and writes 2
      MB; then the client closes. The sender's capture shows segments of many kilobytes, which its kernel hands down
      uncut.""")
def bulk_transfer(lab):
    until_closed(lab, "bulk.py", 30)


@case("healthy/bulk-transfer-40ms", seconds=8, title="the same over 40 ms", network={"rtt_ms": 40}, snaplen=128,
      expect=healthy("closed", "fin", most=200), story="""The client writes 2 MB, the server reads them and writes 2 MB;
      then the client closes. The windows fill and the congestion control shows its rounds.""")
def bulk_transfer_far(lab):
    until_closed(lab, "bulk.py", 60)


@case("healthy/long-poll", seconds=124, title="answers that take 20 to 30 s", expect=healthy("alive"),
      story="""The client asks for news, and the server answers when there is some, 20 to 30 s later; then the client
      asks again. The capture is ended while a question waits, within the time that the others took.""")
def long_poll(lab):
    until_cut(lab, "poll.py", 121)


@case("healthy/server-speaks-first", seconds=7, title="greeting, dialogue, QUIT", expect=healthy("closed", "fin"),
      story="""The server greets, as mail servers do, the client delivers five letters and says QUIT, the server answers
      and closes, then the client.""")
def server_speaks_first(lab):
    until_closed(lab, "mail.py", 30)


@case("healthy/idle-pool-keepalive", seconds=94, title="idle, and the kernels' keepalives are answered",
      expect=healthy("alive"), story="""A pooled connection: one query, one answer, and then 90 s of nothing but
      keepalive probes every 5 s (set by the client on its socket), each answered by the server's kernel.""",
      knobs=((40340, "tcp_keepalive_time", 5), (40340, "tcp_keepalive_intvl", 5)))
def idle_pool_keepalive(lab):
    until_cut(lab, "pool.py", 91)


@case("healthy/subscribe", seconds=94, title="a subscription, and beats that nobody answers", expect=healthy("alive"),
      story="""The client subscribes and is told so. The server then sends news at irregular times; the client beats
      every 5 s, and no beat is answered by anything. The capture is ended while the connection is up.""")
def subscribe(lab):
    until_cut(lab, "feed.py", 91)
