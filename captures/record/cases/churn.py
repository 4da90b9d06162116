"""A client that opens a connection for each question, and what becomes of its ports."""
from cases import case
from cases.expect import OK, ensure, flows
from lab import SERVER
from trace import FIN

PORTS = (40000, 40299)
PORT = 9300


def first_fin(flow):
    return next(segment for segment in flow.segments if segment.flags & FIN)


def churned(by, count, reused):
    """All in order, and all closed first by the same side; as many ports as there are, or the same ones again."""
    def expect(trace):
        ensure(len(trace.flows) == count, "%d connections" % len(trace.flows))
        used = [flow.client[1] for flow in trace.flows]
        ensure(min(used) >= PORTS[0] and max(used) <= PORTS[1], "other ports")
        ensure((len(set(used)) < count) == reused, "%d ports" % len(set(used)))
        for flow in trace.flows:
            ensure(first_fin(flow) in flow.of(by) and not flow.repeats("client") and not flow.repeats("server"),
                   "another close of port %d" % flow.client[1])
        match = dict(OK)
        match.update({"verdict.id": "closed", "server.port": PORT, "end": "fin", "start": "handshake"})
        return flows((match, count))
    return expect


def play(lab, count, *options):
    lab.sysctl("client", ip_local_port_range="%d %d" % PORTS)
    lab.run("server", "server", "churn.py", "server", *(["--close-first"] if options else [])).wait_for("listening")
    lab.run("client", "client", "churn.py", "client", SERVER, "--count", count, *options).wait(120)


QUESTIONS = """A client asks a server short questions, each on a connection of its own, one after another. It may use
300 ports (net.ipv4.ip_local_port_range = 40000 40299). """


@case("time-wait-pressure/ports-run-out", seconds=70, title="300 ports, all in TIME_WAIT: no port is left",
      sysctls="client: ip_local_port_range = 40000 40299", expect=churned("client", 310, True),
      story=QUESTIONS + """It closes first, so each of its ports waits for a minute. After three hundred none is left:
      connect() fails with EADDRNOTAVAIL, and no packet is sent. It tries twice a second, until the oldest ports are
      free again after 60 s. Every single connection is in order.""")
def run_out(lab):
    play(lab, 310)


@case("healthy/server-closes-first", seconds=8, title="as many connections, and the server closes them",
      sysctls="client: ip_local_port_range = 40000 40299", expect=churned("server", 310, True),
      story=QUESTIONS + """The server closes first, so its side waits, and the client's ports are free at once: of 310
      connections the last ones use ports again that were used before, and the server's kernel takes their SYNs out of
      TIME_WAIT.""")
def server_closes(lab):
    play(lab, 310, "--wait-for-close")
