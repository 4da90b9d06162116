"""The clerk that does errands, and its client: what the cases are played with in which one side does its part no more.
And the words for their expectations."""
from cases.expect import port
from lab import SERVER

PORT = 9070
# "closed with a notice": the words leave open whether the notice is the verdict's own or that of a finding.
CALM = {"verdict.severity": {"one_of": ["ok", "notice"]}, "verdict.side": "none", "verdict.layer": "none"}


def clerk(lab, *options, at="server", name="clerk"):
    server = lab.run(at, name, "clerk.py", "server", *options)
    server.wait_for("listening")
    return server


def errands(lab, from_port, *options, host=SERVER, name="client"):
    return lab.run("client", name, "clerk.py", "client", host, "--from-port", from_port, *options)


def frames(first, last):
    """Where the words do not say which frame it is, all from the first one on that it may be."""
    return {"at_least": first.frame, "at_most": last.frame}


def is_called(flow, verdict, severity, side=None, layer=None, end="none", onset=None, **more):
    """The entry for one flow. A side or a layer that the words do not tell is not asked for."""
    match = {"verdict.id": verdict, "verdict.severity": severity}
    if side:
        match["verdict.side"] = side
    if layer:
        match["verdict.layer"] = layer
    if onset is not None:
        match["verdict.onset_frame"] = onset if isinstance(onset, dict) else onset.frame
    match.update(port(flow))
    match.update({"end": end}, **more)
    return match, 1


def is_well(flow, verdict, end="none"):
    return dict(CALM, **dict(port(flow), **{"verdict.id": verdict, "end": end})), 1
