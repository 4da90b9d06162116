#!/usr/bin/env python3
"""Records the golden captures: record.py [--list] [--all] [--jobs N] -o DIR CASE...

Each CASE (say auth-unanswered/gateway-hang) becomes DIR/CASE/ with trace.pcap (or trace.pcap.gz), STORY and
expect.json. Cases run beside each other, each in network namespaces of its own. See README in this folder."""
import argparse
import fnmatch
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import cases
import lab
import story
from trace import Trace

LARGE = 64 * 1024
HERE = os.path.abspath(__file__)


def lacks(tools):
    """Those of these programs that this machine has not, in words, or nothing."""
    return ", ".join(tool for tool in tools if not lab.found(tool))


def missing():
    """What this machine lacks for any case, in words, or nothing."""
    lacking = lacks(lab.NEEDED)
    if os.geteuid():
        return "root"
    if lacking:
        return lacking
    name = "flrec%dprobe" % os.getpid()
    made = subprocess.run(["ip", "netns", "add", name], stderr=subprocess.DEVNULL).returncode == 0
    # Entering one mounts anew, which a chroot's root cannot.
    entered = made and subprocess.run(["ip", "netns", "exec", name, "true"], stderr=subprocess.DEVNULL).returncode == 0
    subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)
    return "" if entered else "network namespaces that can be entered"


def record(case, folder):
    """One case, into a folder that is only replaced when all went well."""
    with tempfile.TemporaryDirectory(prefix="flrec") as work, lab.Lab(**case.network) as net:
        path = os.path.join(work, "trace.pcap")
        if case.before:
            case.before(net)
        capture = lab.Capture(net, path, case)
        try:
            case.play(net)
            net.note("the capture is ended")
            capture.stop()
        finally:
            capture.end()
        if case.edit:
            case.edit(path)
        trace = Trace(path)
        if trace.midflow and not case.midflow:
            raise RuntimeError("a connection whose SYN was not captured")
        expectation = case.expect(trace)
        text = story.tell(case, net, capture, trace)
        os.makedirs(folder, exist_ok=True)
        put(path, folder)
        put_knobs(case.knobs, folder)
        with open(os.path.join(folder, "STORY"), "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(folder, "expect.json"), "w", encoding="utf-8") as file:
            file.write(json.dumps(expectation, indent=2) + "\n")


def put(path, folder):
    """The trace; a large one is compressed, without the time of day in its header."""
    for name in ("trace.pcap", "trace.pcap.gz"):
        if os.path.exists(os.path.join(folder, name)):
            os.remove(os.path.join(folder, name))
    if os.path.getsize(path) < LARGE:
        shutil.copyfile(path, os.path.join(folder, "trace.pcap"))
        return
    with open(path, "rb") as plain, open(os.path.join(folder, "trace.pcap.gz"), "wb") as file:
        file.write(gzip.compress(plain.read(), 9, mtime=0))


def put_knobs(knobs, folder):
    """What a kernel was set to where the recording shows it at work: the client's port, name and value, a line each."""
    path = os.path.join(folder, "knobs.tsv")
    if os.path.exists(path):
        os.remove(path)
    if knobs:
        with open(path, "w", encoding="utf-8") as file:
            file.writelines("%d\t%s\t%s\n" % knob for knob in knobs)


def chosen(patterns, every):
    if every:
        return sorted(cases.CASES.values(), key=lambda case: -case.seconds)
    found = []
    for pattern in patterns:
        names = fnmatch.filter(sorted(cases.CASES), pattern)
        if not names:
            sys.exit("record.py: no case %s; --list shows them" % pattern)
        found += [cases.CASES[name] for name in names if cases.CASES[name] not in found]
    return found


def playable(wanted):
    """Those of the cases whose programs are here; the others are told."""
    for case in wanted:
        if lacks(case.needs):
            print("skipped %s: needs %s" % (case.name, lacks(case.needs)), flush=True)
    return [case for case in wanted if not lacks(case.needs)]


def several(wanted, out, jobs):
    """A process for each case, so that each has its namespaces, its clean-up and its failure for itself."""
    waiting, running, failed = list(wanted), {}, []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                case = waiting.pop(0)
                words = [sys.executable, HERE, "--here", "-o", out, case.name]
                running[case.name] = subprocess.Popen(words)
            time.sleep(0.1)
            for name, process in list(running.items()):
                if process.poll() is not None:
                    del running[name]
                    failed += [name] if process.returncode else []
                    print("%s %s" % ("not ok" if process.returncode else "ok", name), flush=True)
    finally:
        for process in running.values():
            process.terminate()
            process.wait()
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("case", nargs="*", help="a case's name, or a pattern: 'healthy/*'")
    parser.add_argument("--list", action="store_true", help="the cases, and how long each takes")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--missing", action="store_true",
                        help="say what this machine lacks, for any case and for those named; status 1 if anything")
    parser.add_argument("--jobs", type=int, default=8, help="so many cases beside each other (they mostly sleep)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("-o", metavar="DIR", help="where the cases' folders are made")
    options = parser.parse_args()
    if options.list:
        for name, case in sorted(cases.CASES.items()):
            print("%-60s %4d s   %s" % (name, case.seconds, case.title))
        return
    wanted = chosen(options.case, options.all)
    lacking = missing()
    if options.missing and not lacking:
        lacking = lacks(sorted({tool for case in wanted for tool in case.needs}))
    if options.missing or lacking:
        sys.exit("needs " + lacking if lacking else 0)
    if not wanted or not options.o:
        parser.error("name cases (or --all), and -o DIR")
    # A terminated recorder leaves through its finally clauses, and so removes its namespaces and processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.here:
        record(wanted[0], os.path.join(options.o, wanted[0].name))
        return
    here = playable(wanted)
    if several(here, options.o, options.jobs) or not here:
        sys.exit(1)


if __name__ == "__main__":
    main()
