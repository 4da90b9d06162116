"""Expectations: what VERDICTS.md's words say of what really happened. Before one is written, the wire is asked whether
it really happened; a recording in which it did not is thrown away."""
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


def healthy(verdict, end="none", count=1, least=0, most=0, answered=True):
    def expect(trace):
        calm(trace, count, least, most)
        for flow in trace.flows:
            ensure(bool(flow.bytes("server")) == answered, "the server sent %d bytes" % flow.bytes("server"))
            ensure(flow.acked("client") and flow.acked("server"), "bytes that were never ACKed")
        match = dict(OK)
        if verdict:
            match["verdict.id"] = verdict
        match.update({"server.port": trace.flow().server[1], "end": end, "start": "handshake"})
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
