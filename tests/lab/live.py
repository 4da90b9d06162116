"""`flatline live`, on the loopback interface of a network namespace of its own: the gateway's process hangs, and it is told
while it happens, as the same packets are judged afterwards. Usage: live.py"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.abspath(os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(__file__), "..", ".."))
FLATLINE = os.path.abspath(os.environ.get("FLATLINE") or os.path.join(SOURCE, "flatline"))
PROGRAMS = os.path.join(SOURCE, "captures", "record", "programs")
NAMESPACES = ["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
WAIT = 5.0  # after which a login is overdue (list settings)
TESTS = []


class Skip(Exception):
    """A test cannot be run here."""


def test(function):
    TESTS.append(function)
    return function


def start(*arguments, out):
    return subprocess.Popen(arguments, stdout=out, stderr=subprocess.PIPE)


def until(what, seconds, holds):
    """Waits until it holds; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "not within %s s: %s" % (seconds, what)
        time.sleep(0.05)


def read(name):
    try:
        with open(name, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def events(name):
    """Those that are written whole."""
    return [json.loads(line) for line in read(name).split("\n")[:-1]]


def end(process, number=signal.SIGTERM, seconds=10):
    process.send_signal(number)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError("it does not end") from None


def watch(name, *arguments):
    """A live run whose events go to that file, once it watches."""
    process = start(FLATLINE, "live", "-i", "lo", "-f", "ndjson", "-o", name, *arguments, out=subprocess.DEVNULL)
    assert b"watching" in process.stderr.readline()
    return process


class Gateway:
    """A gateway whose first worker hangs, and its client, which beats on."""

    def __enter__(self):
        with open("gateway.log", "wb") as log:
            self.gateway = start(sys.executable, PROGRAMS + "/gateway.py", "--warm-up", "0.5", out=log)
        until("the gateway listens", 5, lambda: "listening" in read("gateway.log"))
        with open("client.log", "wb") as log:
            self.client = start(sys.executable, PROGRAMS + "/gateway_client.py", "127.0.0.1", "--beat", "1", out=log)
        until("it accepts", 5, lambda: "accepted" in read("gateway.log"))
        self.worker = int(read("gateway.log").split("worker ")[1].split()[0])
        os.kill(self.worker, signal.SIGSTOP)
        return self

    def __exit__(self, *_):
        self.client.kill()
        self.gateway.kill()
        os.kill(self.worker, signal.SIGKILL)
        self.client.wait()
        self.gateway.wait()


@test
def what_hangs_is_told_within_a_second_and_as_afterwards():
    dump = subprocess.Popen(["tcpdump", "-i", "lo", "--time-stamp-precision=nano", "-U", "-w", "run.pcap", "port 9001"],
                            stderr=subprocess.PIPE)
    while b"listening on" not in dump.stderr.readline():
        pass
    live = watch("events", "port 9001")
    with open("told", "wb") as out:
        text = start(FLATLINE, "live", "-i", "lo", "port 9001", out=out)
    assert b"watching" in text.stderr.readline()
    with Gateway():
        until("it is told", 15, lambda: events("events") and "critical" in read("told"))
        time.sleep(1)
        assert end(dump) == 0 and end(live) == 0 and end(text) == 0
    told = events("events")
    flow = told[0]["flow"]
    assert told[0]["event"] == "found" and flow["verdict"]["id"] == "auth-unanswered", told[0]
    began = moment(flow["verdict"]["onset"])
    took = moment(told[0]["at"]) - began
    print("# told %.3f s after it was provable" % (took - WAIT))
    assert WAIT <= took < WAIT + 5, "told after %.3f s" % took  # a second, on a machine that does nothing else
    done = subprocess.run([FLATLINE, "-f", "json", "run.pcap"], stdout=subprocess.PIPE, check=True)
    afterwards = json.loads(done.stdout)
    offline = afterwards["flows"][0]["verdict"]
    last = told[-1]["flow"]["verdict"]
    for member in ("id", "severity", "layer", "side", "noticed", "confidence"):
        assert last[member] == offline[member], (member, last[member], offline[member])
    # Two captures stamp the same packet one after the other.
    assert abs(moment(last["onset"]) - moment(offline["onset"])) < 0.01, (last["onset"], offline["onset"])
    # At the end the whole report, with the same words.
    assert "critical  auth-unanswered  127.0.0.1:" in read("told") and "\nCRITICAL  auth-unanswered   127" in read("told")
    assert "In Wireshark: frame.number in {" in read("told")


def moment(text):
    """Seconds since 1970 of RFC 3339 with nanoseconds."""
    whole, fraction = text.rstrip("Z").split(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone + float("0." + fraction)


@test
def a_rotation_loses_no_event():
    live = watch("first", "port 9001")
    with Gateway():
        until("it is told", 15, lambda: events("first"))
        os.rename("first", "second")
        live.send_signal(signal.SIGHUP)
        until("the file is made again", 5, lambda: os.path.exists("first"))
        live.send_signal(signal.SIGUSR1)
        until("what is open is told", 5, lambda: events("first"))
        assert end(live) == 0
    assert [event["event"] for event in events("second")] == ["found"]
    state = events("first")
    assert state[0]["event"] == "state" and state[0]["flow"]["verdict"]["id"] == "auth-unanswered", state


@test
def what_is_well_again_is_told():
    live = watch("events", "port 9001")
    with Gateway() as gateway:
        until("it is told", 15, lambda: events("events"))
        os.kill(gateway.worker, signal.SIGCONT)
        until("it is told that it works", 15, lambda: events("events")[-1]["event"] in ("recovered", "changed"))
        assert end(live) == 0
    last = events("events")[-1]
    assert last["before"] == "auth-unanswered" and last["flow"]["verdict"]["severity"] in ("ok", "warning"), last


@test
def an_interface_that_goes_away_is_told_and_taken_up_again():
    live = watch("events", "tcp")
    subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
    try:
        until("it is told", 10, lambda: events("events"))
    finally:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    until("it is back", 10, lambda: len(events("events")) > 1)
    assert end(live) == 0
    gone, back = events("events")[:2]
    assert gone["event"] == back["event"] == "device" and gone["device"] == "lo", (gone, back)
    assert "down" in gone["message"] and back["message"] == "is back", (gone, back)


@test
def a_pipe_that_nobody_reads_stops_nothing():
    inner, outer = os.pipe()
    live = start(FLATLINE, "live", "-i", "lo", "--min-severity", "ok", "-f", "ndjson", "tcp", out=outer)
    os.close(outer)
    assert b"watching" in live.stderr.readline()
    # More refusals, and so events, than the pipe and the queue hold.
    subprocess.run([sys.executable, "-c", "import socket\nfor i in range(3000):\n s = socket.socket()\n"
                    " s.connect_ex(('127.0.0.1', 8123))\n s.close()"], check=True)
    time.sleep(2)
    status = end(live, seconds=10)
    os.close(inner)
    assert status in (0, 3), status


@test
def requests_that_cannot_be_met_are_refused():
    for arguments, message in ((("-i", "absent0"), b"absent0: "), (("-i", "lo", "prt 1"), b"can't parse filter"),
                               ((), b"live wants -i"), (("-i", "lo", "-f", "json"), b"text, ndjson"),
                               (("-i", "lo", "-o", "/nowhere/x"), b"/nowhere/x: cannot be written"),
                               (("-i", "lo", "--until", "1"), b"--until does not go with live")):
        done = subprocess.run([FLATLINE, "live", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              timeout=10)
        assert done.returncode == 2 and message in done.stderr and done.stdout == b"", (arguments, done)


def missing():
    if os.geteuid() != 0:
        return "needs root for namespaces"
    for program in ("unshare", "ip", "tcpdump"):
        if not shutil.which(program):
            return "no " + program
    probe = subprocess.run([*NAMESPACES, "ip", "link", "set", "lo", "up"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           check=False)
    return "no namespaces: " + probe.stdout.decode().strip() if probe.returncode else None


def inside():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    print("1..%d" % len(TESTS))
    failed = False
    for number, function in enumerate(TESTS, 1):
        name = "%d - %s" % (number, function.__name__.replace("_", " "))
        with tempfile.TemporaryDirectory() as scratch:
            os.chdir(scratch)
            try:
                function()
                print("ok " + name)
            except Skip as why:
                print("ok %s # SKIP %s" % (name, why))
            except Exception as error:  # pylint: disable=broad-except
                failed = True
                print("not ok " + name)
                print("# " + "\n# ".join(("%s: %s" % (type(error).__name__, error)).splitlines()))
            os.chdir("/")
        sys.stdout.flush()
    return failed


def main(script=__file__):
    if sys.argv[1:] == ["inside"]:
        return inside()
    why = missing()
    if why:
        print("1..0 # SKIP " + why)
        return 0
    # The kernel ends what is left in the process namespace with its first process.
    return subprocess.run([*NAMESPACES, sys.executable, os.path.abspath(script), "inside"], check=False,
                          timeout=300).returncode


if __name__ == "__main__":
    sys.exit(main())
