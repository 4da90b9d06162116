#!/usr/bin/env python3
"""`flatline live` beside `tcpdump -w /dev/null` on one interface, for half an hour of real connections (traffic.c) over a
pair of veths between two network namespaces: what either loses, what the capture costs, whether its memory grows, and
whether it calls anything that works broken. Numbers to look at; it fails (exit 1) on a false alarm, on losses beyond
tcpdump's, and on a capture that ends. It records (--record) and counts (--metrics) all the while. Needs root.

FLATLINE_SOAK_SECONDS (1800), FLATLINE_SOAK_PACKETS a second (100000), FLATLINE_SOAK_CONNECTIONS (2000)."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("FLATLINE_BUILD", ".")
FLATLINE = os.environ.get("FLATLINE", os.path.join(BUILD, "flatline"))
TRAFFIC = os.path.join(BUILD, "tests", "bench", "traffic")
SECONDS = int(os.environ.get("FLATLINE_SOAK_SECONDS", "1800"))
PACKETS = int(os.environ.get("FLATLINE_SOAK_PACKETS", "100000"))
CONNECTIONS = int(os.environ.get("FLATLINE_SOAK_CONNECTIONS", "2000"))
PER_REQUEST = 3  # packets: question, answer, its ACK
REQUESTS = 500  # of a connection, then another one takes its place
EVERY = 60
ADDRESS, PORT = "10.9.0.2", "7000"
NEAR, FAR = ("flsoak%d%s" % (os.getpid(), end) for end in ("near", "far"))
TICK = os.sysconf("SC_CLK_TCK")


def sh(*words):
    subprocess.run(words, check=True)


def inside(space, *words, **how):
    return subprocess.Popen(["ip", "netns", "exec", space, *words], **how)


def build():
    for space in (NEAR, FAR):
        sh("ip", "netns", "add", space)
        sh("ip", "-n", space, "link", "set", "lo", "up")
    sh("ip", "link", "add", "eth0", "netns", NEAR, "type", "veth", "peer", "name", "eth0", "netns", FAR)
    for space, last in ((NEAR, 1), (FAR, 2)):
        sh("ip", "-n", space, "address", "add", "10.9.0.%d/24" % last, "dev", "eth0")
        sh("ip", "-n", space, "link", "set", "eth0", "up")


def threads(pid):
    """Seconds of processor time that each thread of it took, by its name and number."""
    took = {}
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/stat" % (pid, task), encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        took[int(task)] = (int(fields[11]) + int(fields[12])) / TICK
    return took


def resident(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s*(\d+)", status.read()).group(1)) / 1024


def packets():
    """That the interface saw so far, either way."""
    shown = subprocess.run(["ip", "-n", NEAR, "-s", "-j", "link", "show", "eth0"], stdout=subprocess.PIPE, check=True)
    stats = json.loads(shown.stdout)[0]["stats64"]
    return stats["rx"]["packets"] + stats["tx"]["packets"]


def lost_by_tcpdump(text):
    return int(re.search(r"(\d+) packets? dropped by kernel", text).group(1))


def lost_by_flatline(events):
    return sum(int(re.search(r"kernel dropped ([\d,]+)", event["message"]).group(1).replace(",", ""))
               for event in events if event["event"] == "drops" and "kernel" in event["message"])


def watch(live, running):
    """Looks at it every minute; the sizes that it had."""
    sizes, begun = [], time.monotonic()
    at, seen, took = begun, packets(), threads(live.pid)
    print("%6s %12s %10s %14s" % ("s", "packets/s", "MiB", "of a core"))
    while running.poll() is None and live.poll() is None:
        time.sleep(min(EVERY, SECONDS / 10))
        now, seen_now, took_now = time.monotonic(), packets(), threads(live.pid)
        capture = max(took_now[task] - took.get(task, 0) for task in took_now) / (now - at)
        sizes.append(resident(live.pid))
        print("%6d %12.0f %10.1f %13.1f%%" % (now - begun, (seen_now - seen) / (now - at), sizes[-1], 100 * capture),
              flush=True)
        at, seen, took = now, seen_now, took_now
    return sizes


def soak(folder, started):
    name = os.path.join(folder, "events")
    server = inside(FAR, TRAFFIC, "serve", PORT, stdout=subprocess.PIPE)
    started.append(server)
    assert server.stdout.readline() == b"serving\n"
    with open(os.path.join(folder, "tcpdump"), "wb") as words:
        dump = inside(NEAR, "tcpdump", "-Z", "root", "-n", "-i", "eth0", "-s", "256", "-w", "/dev/null", stderr=words)
    live = inside(NEAR, FLATLINE, "live", "-i", "eth0", "-f", "ndjson", "-o", name, "--record", folder, "--metrics",
                  os.path.join(folder, "live.prom"), stderr=subprocess.PIPE)
    started += [dump, live]
    while b"watching" not in live.stderr.readline():
        assert live.poll() is None, "live ended"
    time.sleep(1)
    asking = inside(NEAR, TRAFFIC, "ask", ADDRESS, PORT, str(CONNECTIONS), str(PACKETS // PER_REQUEST), str(SECONDS),
                    str(REQUESTS), stdout=subprocess.PIPE)
    started.append(asking)
    before = threads(live.pid)
    begun = time.monotonic()
    sizes = watch(live, asking)
    took = max(seconds - before.get(task, 0) for task, seconds in threads(live.pid).items())
    share = 100 * took / (time.monotonic() - begun)
    said = asking.communicate()[0].decode().strip()
    for process in (live, dump):
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    with open(name, encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    with open(os.path.join(folder, "tcpdump"), encoding="ascii") as words:
        lost = lost_by_flatline(events), lost_by_tcpdump(words.read())
    alarms = [event for event in events if event["flow"] or event["incident"]]
    print(said)
    print("%.1f %% of a core for the capture; lost: %d, tcpdump %d; %.1f MiB after the first minute, %.1f at the end" %
          ((share,) + lost + (sizes[0], sizes[-1])))
    for event in alarms[:10]:
        print("FALSE ALARM: %s %s: %s" % (event["event"], event["at"],
                                          (event["flow"] or {"verdict": event["incident"]})["verdict"]["summary"]))
    return bool(alarms) or lost[0] > lost[1] or live.returncode != 0


def main():
    started = []
    if os.geteuid() != 0:
        sys.exit("soak: needs root, for network namespaces")
    try:
        build()
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            return soak(folder, started)
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()
        for space in (NEAR, FAR):
            subprocess.run(["ip", "netns", "delete", space], check=False)


if __name__ == "__main__":
    sys.exit(main())
