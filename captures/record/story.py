"""The STORY beside a trace: what happened, who did it, and what the programs saw, from their own logs. It is the ground
truth that the expectation was written from."""
import os
import re
import textwrap
import time

import lab


def clock(at):
    return time.strftime("%H:%M:%S", time.gmtime(at)) + ".%03d" % int(at % 1 * 1000)


def hosts(network):
    return (lab.CLIENT6, lab.SERVER6) if network.get("ipv6") else (lab.CLIENT, lab.SERVER)


def path(network):
    middle = "bridge" if network.get("bridge") else "router that masquerades" if network.get("nat") else "router"
    if not network.get("rtt_ms"):
        return "client - %s - server, no delay added" % middle
    words = "client - %s with a delay line - server\n    round trip of %d ms" % (middle, network["rtt_ms"])
    if network.get("jitter_ms"):
        words += ", up to %d ms more or less" % network["jitter_ms"]
    if network.get("loss_percent"):
        words += ", %g %% of the packets lost" % network["loss_percent"]
    if network.get("rate_mbit"):
        words += ", %g Mbit/s" % network["rate_mbit"]
    return words


def where(case):
    return "bridge" if case.network.get("bridge") and case.at == "router" else case.at


def address(end):
    return ("[%s]:%d" if ":" in end[0] else "%s:%d") % end


# Of very many connections the first ones are told.
TOLD = 20


def flow_lines(flow):
    took = "no handshake" if flow.rtt() is None else "SYN to SYN-ACK %.3f ms" % (flow.rtt() * 1000)
    yield "  %s -> %s: %s" % (address(flow.client), address(flow.server), took)
    for side in ("client", "server"):
        yield "    %s: payload bytes %d, segments %d, repeats %d" % (side, flow.bytes(side), len(flow.data(side)),
                                                                 flow.repeats(side))


def tell(case, net, capture, trace):
    kernel = re.match(r"[\d.]+", os.uname().release).group()
    congestion = net.inside("client", "sysctl", "-n", "net.ipv4.tcp_congestion_control").strip()
    lines = [case.name, ""] + textwrap.wrap(" ".join(case.story.split()), 100) + ["", "Where"]
    lines += ["  Linux %s, congestion control %s, %s." % (kernel, congestion, case.sysctls),
              "  client %s, server %s: %s" % (hosts(case.network) + (path(case.network),)),
              "  Captured at the %s: %s" % (where(case), capture.words())]
    lines += ["  " + line for line in textwrap.wrap(" ".join(case.edited.split()), 98)]
    lines += ["", "What the programs saw (UTC of %s; seconds since the first frame)" %
              time.strftime("%Y-%m-%d", time.gmtime(trace.start))]
    log = net.log()
    width = max(len(who) for _, who, _ in log)
    lines += ["  %s %+10.3f  %-*s  %s" % (clock(at), at - trace.start, width, who, what) for at, who, what in log]
    lines += ["", "On the wire", "  %d frames in %.3f s, none dropped by the kernel." % (trace.frames,
                                                                                  trace.end - trace.start)]
    if trace.twice:
        lines.append("  %d of them show a packet a second time." % trace.twice)
    told = trace.flows if len(trace.flows) <= 2 * TOLD else trace.flows[:TOLD]
    lines += [line for flow in told for line in flow_lines(flow)]
    if len(told) < len(trace.flows):
        lines.append("  and %d other connections" % (len(trace.flows) - len(told)))
    return "\n".join(lines) + "\n"
