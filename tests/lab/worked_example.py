"""The example of flatline-check(1), played: tcpdump -U runs beside an integration test, and `flatline check` reads what it
wrote. The client with the fault that this tool was made for fails the check, the fixed one passes. Both talk to a
gateway of which the first worker hangs, in network namespaces of this kernel. Usage: worked_example.py"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FLATLINE = os.environ.get("FLATLINE") or os.path.join(SOURCE, "flatline")
RECORD = os.path.join(SOURCE, "captures", "record")
sys.path.insert(0, RECORD)

from lab import Lab, SERVER  # pylint: disable=wrong-import-position,import-error

# What the team keeps in its tree. The capture lasts until tcpdump is ended, which a plain pcap does not say: --until does.
EXPECT = """{ "assert": [
    { "noticed_within": "5s", "port": 9001, "name": "a gateway that does not answer is noticed" },
    { "no_finding": "heartbeat-before-auth", "name": "no heartbeat before the login is answered" },
    { "loses_nothing": true } ],
  "flows": [ { "name": "in the end the client is logged in and beats",
               "match": { "server.port": 9001, "verdict.id": "alive" }, "count": { "at_least": 1 } } ] }
"""


def integration_test(folder, *client):
    """Twelve seconds of it: the gateway's first worker hangs before it reads the login. Returns the capture."""
    capture = os.path.join(folder, "run.pcap")
    with Lab() as lab:
        dump = lab_dump(lab, capture)
        server = lab.run("server", "gateway", "gateway.py", "--warm-up", 0.5)
        server.wait_for("listening")
        lab.run("client", "client", "gateway_client.py", SERVER, "--from-port", 40122, "--beat", 1, *client)
        worker = int(server.wait_for(r"worker (\d+) accepted .*:40122$").group(1))
        os.kill(worker, signal.SIGSTOP)
        time.sleep(12)
        dump.send_signal(signal.SIGINT)
        dump.wait(10)
    return capture


def lab_dump(lab, capture):
    dump = subprocess.Popen(["ip", "netns", "exec", lab.space["client"], "tcpdump", "-i", "eth0", "-U", "-w", capture,
                             "port 9001"], stderr=subprocess.PIPE)
    line = b""
    while b"listening on" not in line:
        line = dump.stderr.readline()
        if not line:
            raise RuntimeError("tcpdump ended")
    return dump


def check(capture, *arguments):
    until = "%.6f" % os.path.getmtime(capture)
    done = subprocess.run([FLATLINE, "check", "--until", until, *arguments, capture], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=60)
    return done.returncode, done.stdout.decode()


def main():
    lacking = subprocess.run([sys.executable, os.path.join(RECORD, "record.py"), "--missing"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
    if lacking.returncode:
        print("1..0 # SKIP " + lacking.stdout.decode().strip())
        return 0
    number = failed = 0

    def say(holds, name, why):
        nonlocal number, failed
        number += 1
        failed += not holds
        print("%sok %d - %s" % ("" if holds else "not ", number, name))
        if not holds:
            print("# " + why.replace("\n", "\n# "))
        sys.stdout.flush()

    with tempfile.TemporaryDirectory(prefix="flatline-example") as folder:
        expected = os.path.join(folder, "expect.json")
        with open(expected, "w", encoding="utf-8") as file:
            file.write(EXPECT)
        faulty = integration_test(folder)
        status, said = check(faulty)
        say(status == 1 and "auth-unanswered" in said and re.search(r"#\d+  login sent, 64 bytes", said),
            "the client with the fault fails the check", said)
        status, said = check(faulty, "--expect", expected)
        say(status == 1 and all(words in said for words in ("a gateway that does not answer is noticed: ",
                                                            "no heartbeat before the login is answered: ",
                                                            "in the end the client is logged in and beats: ")),
            "and every expectation of the team but that nothing is lost", said)
        say("the capture loses" not in said, "which holds", said)
        fixed = integration_test(folder, "--reply-within", 3)
        status, said = check(fixed)
        say(status == 0, "the fixed client passes", said)
        status, said = check(fixed, "--expect", expected)
        say(status == 0 and "as expected (2 flows)" in said, "and meets every expectation", said)
    print("1..%d" % number)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
