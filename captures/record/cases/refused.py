"""Connections that are refused: by the host, which has no such service, or by a router on the way, which says so."""
import time

from cases import case
from cases.errands import frames, is_called
from cases.expect import ensure, flows, well
from cases.quotes import PORT, asker, desk
from lab import ROUTER6_AT_CLIENT, ROUTER_AT_CLIENT, SERVER, SERVER6
from trace import ACK, RST, SYN

DESK = "The client asks a desk of the server's host three times, is answered, and closes. "


def refused(side, rst=None, code=None, sender=ROUTER_AT_CLIENT, desk_before=True):
    """By RST, with the TTL of the host's other packets or not, or by ICMP."""
    def expect(trace):
        ensure(len(trace.flows) == 1 + desk_before, "%d connections" % len(trace.flows))
        flow, entries = trace.flows[-1], []
        if desk_before:
            own = trace.flow().of("server")[0].ttl
            entries.append(well(trace.flow(), "closed", "fin"))
        syns = flow.of("client")
        ensure(all(segment.flags == SYN for segment in syns), "other than SYNs")
        if rst:
            answer, = flow.of("server")
            ensure(answer.flags == RST | ACK and len(syns) == 1, "the RST")
            ensure(not desk_before or (answer.ttl == own) == (rst == "own"), "its TTL")
            end, last = "rst", answer
        else:
            ensure(not flow.of("server") and trace.errors, "ICMP, and nothing else")
            ensure({(error.code, error.sender, error.ports) for error in trace.errors} ==
                   {(code, sender, (flow.client[1], flow.server[1]))}, "other errors")
            end, last = "none", trace.errors[-1]
        return flows(*entries, is_called(flow, "connect-refused", "critical", side, end=end,
                                         onset=frames(syns[0], last)))
    return expect


def elsewhere(lab, from_port):
    desk(lab)
    asker(lab, from_port, "--requests", 3, name="first client").wait(20)
    time.sleep(0.3)


def tries(lab, from_port, why, host=None, seconds=20):
    """The one that is refused, and learns of it."""
    client = asker(lab, from_port, "--port", PORT + 2, **({"host": host} if host else {}))
    client.wait_for("connect: %s" % why, seconds)
    time.sleep(1.5)


@case("connect-refused/port-without-listener", seconds=6, title="nobody listens: RST", expect=refused("server", "own"),
      story=DESK + """Then it connects to another port of the same host, at which nobody listens: the host's kernel
      answers the SYN with RST, and the client learns of it at once (ECONNREFUSED).""")
def no_listener(lab):
    elsewhere(lab, 41000)
    tries(lab, 41001, "ECONNREFUSED")


@case("connect-refused/port-without-listener-ipv6", seconds=4, title="the same over IPv6, and nothing before it",
      network={"ipv6": True}, expect=refused("server", "own", desk_before=False), story="""The client connects, over
      IPv6, to a port at which nobody listens: the host's kernel answers the SYN with RST, and the client learns of it
      at once (ECONNREFUSED).""")
def no_listener6(lab):
    tries(lab, 41002, "ECONNREFUSED", SERVER6)


@case("connect-refused/router-resets", seconds=6, title="a router's RST in the host's name",
      expect=refused("between", "foreign"), story=DESK + """Then it connects to another port of the same host. That a
      firewall on the router does not allow: it answers the SYN with RST in the name of the host, which never sees the
      SYN. The client cannot tell the difference (ECONNREFUSED); the TTL of the RST is not that of the host's other
      packets.""")
def router_resets(lab):
    elsewhere(lab, 41003)
    lab.reject("tcp dport %d" % (PORT + 2), "tcp reset")
    tries(lab, 41004, "ECONNREFUSED")


@case("connect-refused/host-gone", seconds=9, title="host unreachable, after the router asked for it for 3 s",
      expect=refused("between", code=1, desk_before=False), story="""The server's host is not there (its address has
      been taken away): the router asks for it (ARP) in vain, for three seconds, while the client's kernel repeats its
      SYN. Then the router answers each SYN that waited with ICMP host unreachable (type 3, code 1), and the client
      learns of it (EHOSTUNREACH).""")
def host_gone(lab):
    lab.ip("server", "address", "flush", "dev", "eth0")
    lab.note("the server's host has no address any more")
    tries(lab, 41005, "EHOSTUNREACH")


@case("connect-refused/icmp-admin-prohibited", seconds=8, title="a firewall says so: communication prohibited",
      expect=refused("between", code=13), story=DESK + """Then it connects to another port of the same host. That a
      firewall on the router does not allow: it answers each SYN with ICMP "communication administratively prohibited"
      (type 3, code 13), and the client learns of it (EHOSTUNREACH).""")
def admin_prohibited(lab):
    elsewhere(lab, 41006)
    lab.reject("tcp dport %d" % (PORT + 2), "icmpx admin-prohibited")
    tries(lab, 41007, "EHOSTUNREACH")


@case("connect-refused/icmpv6-admin-prohibited", seconds=6, title="the same over IPv6", network={"ipv6": True},
      expect=refused("between", code=1, sender=ROUTER6_AT_CLIENT, desk_before=False), story="""The client connects over
      IPv6. That a firewall on the router does not allow: it answers each SYN with ICMPv6 "communication
      administratively prohibited" (type 1, code 1), and the client learns of it (EACCES).""")
def admin_prohibited6(lab):
    lab.reject("tcp dport %d" % (PORT + 2), "icmpx admin-prohibited")
    tries(lab, 41008, "EACCES", SERVER6)


@case("connect-refused/host-firewall-rejects", seconds=8, title="the host's own firewall: ICMP port unreachable",
      expect=refused("server", code=3, sender=SERVER), story=DESK + """Then it connects to another port of the same host.
      That the host's own firewall does not allow: the host answers each SYN with ICMP port unreachable (type 3, code 3),
      and the client learns of it (ECONNREFUSED).""")
def host_firewall(lab):
    elsewhere(lab, 41009)
    lab.reject("tcp dport %d" % (PORT + 2), "icmpx port-unreachable", at="server")
    tries(lab, 41010, "ECONNREFUSED")
