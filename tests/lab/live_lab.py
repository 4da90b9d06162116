"""What tests of `flatline live` share: the loopback interface of a network namespace of their own, a gateway whose process
hangs, and runs that are watched while they go on. Each such test is a function with @test; main() is the script's end."""
import contextlib
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
TESTS = []


class Skip(Exception):
    """A test cannot be run here."""


def test(function):
    TESTS.append(function)
    return function


def slow(function):
    """A test that takes long, and is left out with FLATLINE_LAB=few."""
    function.is_slow = True
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


def moment(text):
    """Seconds since 1970 of RFC 3339 with nanoseconds."""
    whole, fraction = text.rstrip("Z").split(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone + float("0." + fraction)


def make_folder(name):
    """One that live can write into, when it is no longer root."""
    os.mkdir(name)
    os.chmod(name, 0o777)


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
        with contextlib.suppress(ProcessLookupError):  # one that runs again ends with its gateway
            os.kill(self.worker, signal.SIGKILL)
        self.client.wait()
        self.gateway.wait()


def missing(others=()):
    if os.environ.get("FLATLINE_LAB") == "no":
        return "FLATLINE_LAB=no"
    if os.geteuid() != 0:
        return "needs root for namespaces"
    for program in ("unshare", "ip", "tcpdump", *others):
        if not shutil.which(program):
            return "no " + program
    probe = subprocess.run([*NAMESPACES, "ip", "link", "set", "lo", "up"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           check=False)
    return "no namespaces: " + probe.stdout.decode().strip() if probe.returncode else None


def inside():
    # Who is started in the background of a script ignores it, and so would all that is started from here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    print("1..%d" % len(TESTS))
    failed = False
    for number, function in enumerate(TESTS, 1):
        name = "%d - %s" % (number, function.__name__.replace("_", " "))
        with tempfile.TemporaryDirectory() as scratch:
            os.chmod(scratch, 0o777)  # live is no longer root when it opens its output
            os.chdir(scratch)
            try:
                if hasattr(function, "is_slow") and os.environ.get("FLATLINE_LAB") == "few":
                    raise Skip("it takes long (FLATLINE_LAB=few)")
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


def main(*needs):
    """Runs the tests, in a network namespace of their own; `needs`: programs beside those that each test needs."""
    if sys.argv[1:] == ["inside"]:
        return inside()
    why = missing(needs)
    if why:
        print("1..0 # SKIP " + why)
        return 0
    # The kernel ends what is left in the process namespace with its first process.
    return subprocess.run([*NAMESPACES, sys.executable, os.path.abspath(sys.argv[0]), "inside"], check=False,
                          timeout=300).returncode
