"""Expectations: what VERDICTS.md's words say of what really happened. Before one is written, the wire is asked whether
it really happened; a recording in which it did not is thrown away."""
from trace import ACK, FIN, SYN, below

OK = {"verdict.severity": "ok", "verdict.side": "none", "verdict.layer": "none"}


def ensure(true, what):
    if not true:
        raise RuntimeError("not what was to be recorded: " + what)


def flows(*entries):
    return {"flows": [{"match": match, "count": count} for match, count in entries], "others": 0}


def calm(trace, count, least=0, most=0):
    """So many connections, and repeats only where the path loses packets."""
    ensure(len(trace.flows) == count, "%d connections, not %d" % (len(trace.flows), count))
    repeats = sum(flow.repeats(side) for flow in trace.flows for side in ("client", "server"))
    ensure(least <= repeats <= most, "%d repeated segments" % repeats)


def healthy(verdict, end="none", count=1, least=0, most=0, answered=True, start="handshake"):
    def expect(trace):
        calm(trace, count, least, most)
        for flow in trace.flows:
            ensure(bool(flow.bytes("server")) == answered, "the server sent %d bytes" % flow.bytes("server"))
            ensure(flow.acked("client") and flow.acked("server"), "bytes that were never ACKed")
        match = dict(OK)
        if verdict:
            match["verdict.id"] = verdict
        match.update({"server.port": trace.flow().server[1], "end": end, "start": start})
        return flows((match, count))
    return expect


def silent(flow, beats):
    """The whole of the incident on the wire: login and beats ACKed, not a byte back."""
    ensure(flow.bytes("server") == 0, "the server sent payload")
    ensure(flow.acked("client"), "the client's bytes were not all ACKed")
    sizes = [segment.length for segment in flow.data("client")]
    ensure(sizes[:1] == [64] and set(sizes[1:]) == {24} and len(sizes) >= beats + 1, "other messages: %s" % sizes)


def unanswered_login(flow, **more):
    """The match for a login of this flow that was ACKed and never answered."""
    match = {"verdict.id": "auth-unanswered", "verdict.severity": "critical", "verdict.side": "server",
             "verdict.layer": "application", "verdict.onset_frame": flow.data("client")[0].frame,
             "server.port": flow.server[1], "client.port": flow.client[1]}
    match.update(more)
    return match


def hung_from_login(beats, least=0, most=0):
    """No profile, no siblings: the shape of a login and heartbeats, hence medium, and one-way is not excluded."""
    def expect(trace):
        calm(trace, 1, least, most)
        silent(trace.flow(), beats)
        more = {"verdict.confidence": "medium", "verdict.alternatives": {"contains": "one-way"},
                "verdict.noticed": None, "end": "none"}
        match = unanswered_login(trace.flow(), **more)
        return flows((match, 1))
    return expect


def port(flow):
    """What tells this flow from the trace's others."""
    return {"server.port": flow.server[1], "client.port": flow.client[1]}


def well(flow, verdict, end="none"):
    """The entry for one flow among others that are not."""
    return dict(OK, **dict(port(flow), **{"verdict.id": verdict, "end": end})), 1


def next_syn(flows_after):
    """The client's next SYN to the service is when it noticed."""
    return flows_after[0].segments[0].moment() if flows_after else None


def vanished(flow, onset, side="server", severity="critical", **more):
    """Data repeated and never ACKed. The onset is the original, or, where either end's first unanswered segment may be
    called so, one of several."""
    frames = [segment.frame for segment in onset] if isinstance(onset, list) else onset.frame
    match = {"verdict.id": "peer-vanished", "verdict.severity": severity, "verdict.side": side, "verdict.layer": "path",
             "verdict.onset_frame": {"one_of": frames} if isinstance(onset, list) else frames}
    match.update(port(flow))
    match.update(more)
    return match, 1


def unanswered_syn(flow, after=(), severity="critical"):
    match = {"verdict.id": "connect-unanswered", "verdict.severity": severity, "verdict.side": "server",
             "verdict.layer": "path", "verdict.onset_frame": flow.segments[0].frame, "end": "none",
             "verdict.noticed": next_syn(after)}
    match.update(port(flow))
    return match, 1


def standstills(flow, side, least):
    """How long, where it was at least so long, data of this side was under way and no ACK took it further. Seen from
    this side: at the other end the ACKs leave as soon as the data arrives."""
    own = flow.client if side == "client" else flow.server
    top = acked = since = None
    found = []
    for segment in flow.segments:
        if segment.source == own:
            end = (segment.seq + segment.length + bool(segment.flags & (SYN | FIN))) & 0xFFFFFFFF
            if top is None or below(top, end):
                since = segment.at if top is None or top == acked else since
                top = end
        elif segment.flags & ACK and top is not None and (acked is None or below(acked, segment.ack)):
            found += [segment.at - since] if segment.at - since >= least else []
            acked, since = segment.ack, segment.at
    return found


def doubling(series, what):
    """Repeats that come after longer and longer gaps, as a retransmission timer makes them; a tail loss probe before
    them makes the first two gaps alike."""
    gaps = [b.at - a.at for a, b in zip(series, series[1:])]
    ensure(len(gaps) >= 3, "%d repeats of %s" % (len(gaps), what))
    ensure(all(1.6 < b / a < 2.5 or b > 100 for a, b in zip(gaps[1:], gaps[2:])), "gaps of %s: %s" % (what, gaps))
