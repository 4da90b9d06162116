"""Recorded cases (captures/record) once more, with `flatline live` beside tcpdump: each failure is told within a second
of the moment from which the packets prove it, what works is never called broken, and in the end the verdicts are those
of an analysis of tcpdump's file. FLATLINE_LAB=few plays some of them. Usage: live_cases.py [CASE...]"""
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.abspath(os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(__file__), "..", ".."))
RECORD = os.path.join(SOURCE, "captures", "record")
sys.path.insert(0, RECORD)

import cases  # noqa: E402  pylint: disable=wrong-import-position
import lab  # noqa: E402  pylint: disable=wrong-import-position
import record  # noqa: E402  pylint: disable=wrong-import-position
from live_lab import FLATLINE, moment  # noqa: E402  pylint: disable=wrong-import-position

# The three that this tool is there for, and one of each other kind; short ones.
CASES = ("auth-unanswered/gateway-hang-before-accept", "peer-vanished/host-death-user-timeout-5000",
         "accept-queue-overflow/nobody-accepts", "accept-queue-overflow/nobody-accepts-at-client",
         "peer-vanished/three-sessions", "peer-vanished/behind-a-closed-window", "app-silent/hangs-after-ten",
         "heartbeat-stopped/ticker-hangs", "receiver-stalled/server-does-not-read",
         "keepalive-unanswered/host-dies-while-idle", "unreachable/host-unreachable", "peer-restarted/while-asking",
         "connect-refused/port-without-listener", "connect-unanswered/syn-blackhole-then-new-port",
         "healthy/quotes-40ms", "healthy/request-response", "healthy/loss-1-percent",
         "healthy/sigstop-2s", "healthy/long-polls-of-one-client")
FEW = CASES[:3] + CASES[-2:]
BAD = ("warning", "critical")
SECOND = 1.0
STEP = 0.05


def named(flow):
    """Whose it is: a connection by its ends and the second in which it began (a port may come again)."""
    ends = tuple("%s:%d" % (flow[side]["address"], flow[side]["port"]) for side in ("client", "server"))
    return ends + (round(moment(flow["first"]), 1),)


def analyzed(trace, until, cut=False):
    """Verdicts by connection, as if the capture had ended at that moment; with `cut` what came later is not known."""
    words = [FLATLINE, "-f", "json", "--until", "%.9f" % until]
    if cut:
        words += ["--to", "%.9f" % until]
    done = subprocess.run(words + [trace], stdout=subprocess.PIPE, check=True)
    flows = json.loads(done.stdout)["flows"]
    return {named(flow): (flow["verdict"]["id"], flow["verdict"]["severity"], flow["verdict"]["side"]) for flow in flows}


def provable(trace, flow, told):
    """Since when the packets had proved it, going back in time from the moment that it was told; None: they had not."""
    at = told
    while analyzed(trace, at, cut=True).get(flow, ("", "", ""))[1] in BAD:
        at -= STEP
    return None if at == told else at + STEP


def play(case, folder):
    """The events of the live run, tcpdump's file, and when both ended."""
    trace, events = os.path.join(folder, "trace.pcap"), os.path.join(folder, "events")
    with lab.Lab(**case.network) as net:
        capture = lab.Capture(net, trace, case)
        interface = case.interface or ("eth0" if case.at != "router" else "client")
        words = ["ip", "netns", "exec", net.space[case.at], FLATLINE, "live", "-i", interface, "--snaplen",
                 str(case.snaplen or 65535), "-f", "ndjson", "-o", events, *case.filter.split()]
        live = lab.Program("live", words, os.path.join(folder, "live.log"), case.at)
        try:
            live.wait_for("watching")
            case.play(net)
            capture.stop()
            until = time.time()
            live.signal(signal.SIGTERM)
            live.wait(20)
        finally:
            capture.end()
            live.end()
    with open(events, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines], trace, until


def faults(events, trace, until):
    """What is not as it should be, in words; and how long after they were provable failures were told."""
    wrong, took, last = [], [], {}
    for event in (event for event in events if event["flow"]):
        flow, verdict = named(event["flow"]), event["flow"]["verdict"]
        last[flow] = (verdict["id"], verdict["severity"], verdict["side"])
        if event["event"] != "found" or verdict["severity"] not in BAD:
            continue
        since = provable(trace, flow, moment(event["at"]))
        if since is None:
            wrong.append("%s %s was told before it was provable" % (flow, verdict["id"]))
        else:
            took.append((moment(event["at"]) - since, verdict["id"]))
    in_the_end = analyzed(trace, until)
    for flow in sorted(set(last) | {flow for flow, verdict in in_the_end.items() if verdict[1] in BAD}):
        if last.get(flow) != in_the_end.get(flow):
            wrong.append("%s: told %s, in the end it is %s" % (flow, last.get(flow), in_the_end.get(flow)))
    return wrong, took


def patience():
    """What is told within a second on a machine that has time is told later on one that has none."""
    return SECOND if os.getloadavg()[0] < 2 * os.cpu_count() else 5 * SECOND


def run(name):
    with tempfile.TemporaryDirectory(prefix="flrec") as folder:
        os.chmod(folder, 0o777)  # live is not root when it opens its file
        events, trace, until = play(cases.CASES[name], folder)
        wrong, took = faults(events, trace, until)
    told = ["%s was told %.2f s after it was provable" % (verdict, seconds) for seconds, verdict in took]
    for seconds, verdict in took:
        if seconds > patience():
            wrong.append("%s was told late, after %.2f s" % (verdict, seconds))
    if name.startswith("healthy/") == bool(took):
        wrong.append("something was told of what works" if took else "nothing was told")
    return wrong, told


def main():
    names = sys.argv[1:] or (FEW if os.environ.get("FLATLINE_LAB") == "few" else CASES)
    lacking = "a lab (FLATLINE_LAB=no)" if os.environ.get("FLATLINE_LAB") == "no" else record.missing()
    if lacking:
        print("1..0 # SKIP needs " + lacking)
        return 0
    print("1..%d" % len(names), flush=True)
    failed = False
    with concurrent.futures.ProcessPoolExecutor(len(names)) as pool:
        for number, (name, result) in enumerate(zip(names, [pool.submit(run, name) for name in names]), 1):
            try:
                wrong, told = result.result()
            except Exception as error:  # pylint: disable=broad-except
                wrong, told = ["%s: %s" % (type(error).__name__, error)], []
            failed |= bool(wrong)
            print("%s %d - %s" % ("not ok" if wrong else "ok", number, re.sub("[#\\\\]", "", name)))
            print("".join("# %s\n" % line for line in told + wrong), end="", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
