"""What a person meets at the command line, through the program itself: an output that is a capture, frames left out, ^C,
requests that cannot be met, and what the words say then. Usage: cli.py"""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

SOURCE = os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FLATLINE = os.environ.get("FLATLINE") or os.path.join(SOURCE, "flatline")
CAPTURES = os.path.join(SOURCE, "captures")
HANG = os.path.join(CAPTURES, "auth-unanswered", "gateway-hang", "trace.pcap")
EXPECT = os.path.join(CAPTURES, "auth-unanswered", "gateway-hang", "expect.json")
HEALTHY = os.path.join(CAPTURES, "healthy", "gateway", "trace.pcap")
SYN, ACK, PSH = 2, 16, 8
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def run(*arguments, stdin=b""):
    """Exit status, standard output, standard error."""
    process = subprocess.run([FLATLINE, *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             check=False, timeout=60)
    return process.returncode, process.stdout.decode(), process.stderr.decode()


def expect(found, *wanted):
    """`found`, a run, ended with this status; then what stands in its output and in its messages (None: nothing)."""
    status, *words = wanted
    assert found[0] == status, "exit status %d: %s" % (found[0], found[2])
    for text, word in zip(found[1:], words):
        assert (text == "") if word is None else (word in text), "%r is not %r" % (text, word)


def refused(message, *arguments):
    expect(run(*arguments), 2, None, message)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)
    return name


def condition(text):
    """Checks the hung gateway for one condition, as it stands in JSON."""
    name = write("expect.json", ('{"flows":[{"match":{%s}}]}' % text).encode())
    return run("check", "--expect", name, HANG)


class Connection:
    """Packets of one connection as raw IPv4, written by hand: only the times and the sizes matter."""

    def __init__(self):
        self.records, self.sent, self.at = [], [100, 500], 1768381200.0

    def packet(self, side, flags, payload=b""):
        addresses = [bytes([10, 1, 0, 2]), bytes([10, 1, 0, 9])]
        ports = [40122, 9001]
        tcp = struct.pack(">HHIIBBHHH", ports[side], ports[1 - side], self.sent[side],
                          self.sent[1 - side] if flags & ACK else 0, 5 << 4, flags, 60000, 0, 0)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), 1, 0, 64, 6, 0) + addresses[side] + addresses[1 - side]
        data = ip + tcp + payload
        self.records.append(struct.pack("<IIII", int(self.at), int(self.at % 1 * 1e6), len(data), len(data)) + data)
        self.sent[side] += len(payload) + (1 if flags & SYN else 0)
        self.at += 0.001

    def say(self, side, length):
        self.packet(side, ACK | PSH, b"x" * length)
        self.packet(1 - side, ACK)

    def pcap(self, link=101):
        return struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link) + b"".join(self.records)


def recovering():
    """Heartbeats that are answered, then for a while only ACKed, then answered again."""
    connection = Connection()
    connection.packet(0, SYN)
    connection.packet(1, SYN | ACK)
    connection.packet(0, ACK)
    connection.say(0, 64)
    connection.say(1, 32)
    for beat in range(60):
        connection.at += 2
        connection.say(0, 24)
        if not 20 <= beat < 40:
            connection.say(1, 24)
    return connection.pcap()


@test
def the_report_never_overwrites_a_capture():
    shutil.copy(HANG, "x.pcap")
    os.link("x.pcap", "hard.pcap")
    os.symlink("x.pcap", "soft.pcap")
    for output in ("x.pcap", "hard.pcap", "soft.pcap"):
        refused("is one of the captures", "-o", output, HEALTHY, "x.pcap")
    with open("x.pcap", "rb") as file:
        status = subprocess.run([FLATLINE, "-o", "x.pcap", "-"], stdin=file, stderr=subprocess.PIPE, check=False)
    assert status.returncode == 2
    assert read("x.pcap") == read(HANG), "the capture was overwritten"


@test
def an_output_is_overwritten_only_by_a_report():
    write("old.txt", b"old")
    expect(run("-o", "old.txt", "missing.pcap"), 3, None, "cannot be opened")
    refused("--until", "-o", "old.txt", "--until", "2026-11-24T21:01:00Z", HANG)
    assert read("old.txt") == b"old"
    expect(run("-o", "new.txt", "missing.pcap"), 3)
    assert not os.path.exists("new.txt"), "an output without a report stays"
    write("old.txt", b"old" * 10000)
    expect(run("-o", "old.txt", HANG), 0, None, None)
    assert read("old.txt").decode() == run(HANG)[1]
    refused("cannot be written", "-o", "nowhere/report.txt", HANG)
    if os.path.exists("/dev/full"):
        expect(run("-o", "/dev/full", HANG), 3, None, "No space left")


def report(*arguments):
    status, text, _ = run("-f", "json", *arguments)
    assert status == 0, status
    return json.loads(text)


@test
def stream_numbers_are_none_when_frames_are_hidden():
    assert report(HANG)["flows"][0]["tcp_stream"] == 0
    for option in ("--filter=tcp", "--from=2020-01-01T00:00:00Z", "--to=2100-01-01T00:00:00Z"):
        assert report(option, HANG)["flows"][0]["tcp_stream"] is None, option


@test
def silence_counts_no_further_than_to():
    to = "2026-11-24T21:01:00Z"
    capture = report("--to", to, HANG)["capture"]
    assert capture["observed_until"] == "2026-11-24T21:01:00.000000000Z", capture
    assert capture["last"].startswith("2026-11-24T21:02:08"), capture
    capture = report("--to", "2026-11-24T22:00:00Z", HANG)["capture"]
    assert capture["observed_until"] == capture["last"], capture
    capture = report("--to", to, "--until", "2026-11-24T21:01:30Z", HANG)["capture"]
    assert capture["observed_until"] == "2026-11-24T21:01:30.000000000Z", capture
    text = run("--to", to, HANG)[1]
    assert "57 of 127 frames" in text and "21:00:06 - 21:00:58 UTC" in text, text
    assert "for at least 53.1 s" in text, text


@test
def spans_without_frames_are_refused():
    refused("the capture goes on after --until", "--until", "2026-11-24T21:02:00Z", HANG)
    refused("no frame can be", "--from", "2026-11-24T21:02:00Z", "--to", "2026-11-24T21:02:00Z", HANG)
    expect(run("--until", "2026-11-24T21:02:08.945975Z", HANG), 0)


def interrupted(arguments, data, number):
    """The run whose standard input stays open behind `data`, and that gets signal `number` then."""
    def listen(): # a shell starts what runs in its background with ^C ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen([FLATLINE, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=listen) as process:
        process.stdin.write(data)
        process.stdin.flush()
        time.sleep(0.5)
        process.send_signal(number)
        try:
            process.wait(20)
        finally:
            process.kill()
        return process.returncode, process.stdout.read().decode(), process.stderr.read().decode()


@test
def an_interrupt_reports_what_is_known():
    data = read(HANG)
    message = "interrupted after frame 127: the rest was not read"
    for number in (signal.SIGINT, signal.SIGTERM):
        expect(interrupted(["-"], data, number), 3, "auth-unanswered", message)
        expect(interrupted(["-"], data[:-5], number), 3, "126 frames", "interrupted after frame 126")
    expect(interrupted(["-"], data, signal.SIGINT), 3, "standard input was not read to its end: interrupted")
    expect(interrupted(["check", "--expect", EXPECT, "-"], data, signal.SIGINT), 3,
           "standard input: not checked: interrupted", message)
    expect(interrupted(["-"], b"", signal.SIGINT), 3, None, "standard input: reading was interrupted")


@test
def expectations_that_mean_nothing_are_refused():
    for text, message in (('"rtt_ms":NaN', "NaN"), ('"rtt_ms":{"above":Infinity}', "Infinity"),
                          ('"first":"today"', "is a time"), ('"server.port":65536', "at most 65535"),
                          ('"verdict.onset_frame":-1', "never negative"),
                          ('"id":{"above":1,"below":1}', "can never be"),
                          ('"id":{"at_least":2,"at_most":1}', "can never be")):
        expect(condition(text), 2, None, message)


@test
def times_are_compared_as_times():
    for text, status in (("2026-11-24T21:00:06.943791Z", 0), ("2026-11-24T22:00:06.943791+01:00", 0),
                         ("2026-11-24T21:00:06.943Z", 1)):
        expect(condition('"verdict.onset":"%s"' % text), status)
    expect(condition('"verdict.onset":{"at_most":"2026-11-24T21:00:06.943791Z"}'), 0)
    expect(condition('"verdict.onset":{"below":"2026-11-24T21:00:06.943791Z"}'), 1)


@test
def check_says_when_it_could_not_check():
    expect(run("check", "--expect", EXPECT, HANG), 0, "as expected (1 flow)", None)
    for arguments in (["missing.pcap"], [HANG, "missing.pcap"]):
        found = run("check", "--expect", EXPECT, *arguments)
        expect(found, 3, "not checked", "missing.pcap: cannot be opened")
        assert "as expected" not in found[1], found[1]


@test
def requests_that_make_no_sense_are_named():
    refused('"closed" is one too many', "explain", "alive", "closed")
    refused('"extra" is one too many', "list", "verdicts", "extra")
    refused("--format, --filter, --from, --flow, --fail-on", "--f", HANG)
    refused("explain takes the id of a verdict, finding or incident", "explain")
    refused("list takes verdicts, incidents, detectors, profiles, settings or formats", "list")
    refused("--all takes no value", "--all=3", HANG)
    refused("there is no option --colour", "--colour", HANG)
    refused("there is no option -x", "-qx", HANG)
    refused("--format needs a value", HANG, "--format")
    refused("--flow does not go with check", "check", "--flow", "1", "--expect", EXPECT, HANG)
    refused("--today takes a date", "check", "--today", "tomorrow", HANG)
    refused("--expect does not go with analyze", "--expect", EXPECT, HANG)
    refused("--quiet does not go with list", "list", "-q", "verdicts")
    refused("never a verdict", "--only", "heartbeat-before-auth", HANG)
    refused('did you mean "flatline analyze"', "analyse", HANG)
    expect(run("analyze", "analyse"), 3, None, "analyse: cannot be opened")


GATEWAY = """{ "profile": "gateway", "title": "our gateway", "ports": [9001], /* its own */
  "messages": [ { "is": "login", "from": "client", "bytes": ".... 0001", "length": 64 },
                { "is": "beat", "from": "either", "bytes": ".... 0003" } ] }"""


@test
def a_protocol_that_is_named_makes_a_verdict_sure():
    def flow(*arguments):
        return report(HANG, *arguments)["flows"][0]

    write("gateway.json", GATEWAY.encode())
    found = flow("--profile", "gateway.json")
    assert found["profile"] == "gateway" and found["verdict"]["confidence"] == "high", found
    assert found["verdict"]["id"] == "auth-unanswered" and found["verdict"]["alternatives"] == [], found
    assert any("our gateway, as --profile says" in reason for reason in found["verdict"]["because"]), found
    assert flow("--profile", "./gateway.json@9001,9002")["profile"] == "gateway"
    assert flow("--profile", "gateway.json@9002")["profile"] is None
    assert flow("--profile", "gateway.json", "--profile", "redis@9001")["profile"] == "redis"
    assert flow()["profile"] is None


@test
def a_profile_that_is_none_is_refused():
    for old, new, message in (('"title"', '"Title"', '"Title" is not known here'),
                              ('"length": 64', '"length": -1', 'message 1: "length" is to be a number'),
                              ('"length": 64', '"length": [9, 3]', 'message 1: "length" is to be a number, or'),
                              (".... 0003", "0x03", 'message 2: "bytes" is to be hex digits'),
                              (".... 0003", "003", 'message 2: "bytes" is to be hex digits'),
                              ('"beat"', '"beats"', 'message 2: "is" is to be hello, login'),
                              ('"either"', '"both"', 'message 2: "from" is to be client, server or either'),
                              ('"length": 64', '"tells": false', 'message 1: "tells" is true, or'),
                              ('"length": 64', '"starts": "x"', "message 1: \"starts\", and its bytes are given"),
                              ('"length": 64', '"at": 256', 'message 1: "at" is to be a number from 0 to 255'),
                              (', "bytes": ".... 0003"', "", "message 2: it needs"),
                              ('"is": "beat", ', "", 'message 2: "is" is missing'),
                              ("[9001]", "[70000]", '"ports" is to be a number from 0 to 65535'),
                              ('"messages": [', '"messages": [ 7,', "message 1: it is to be an object"),
                              ("/*", "", "line 1, column")):
        assert old in GATEWAY, old
        write("bad.json", GATEWAY.replace(old, new).encode())
        refused("bad.json: " + message, "--profile", "bad.json", HANG)
    refused("missing.json: No such file", "--profile", "missing.json", HANG)
    refused('no profile "telnet"', "--profile", "telnet", HANG)
    for ports in ("", "x", "1,", "-1", "65536", "1;2"):
        refused("is no list of ports", "--profile", "redis@" + ports, HANG)


@test
def what_cannot_be_read_is_told_once():
    write("empty.pcap", b"")
    for arguments, message in ((["-"], "flatline: standard input: empty\n"),
                               (["empty.pcap"], "flatline: empty.pcap: empty file\n")):
        found = run(*arguments)
        expect(found, 3, None)
        assert found[2] == message, found[2]
    found = run("-f", "json", "empty.pcap")
    expect(found, 3, '"flows":[]')
    json.loads(found[1])
    expect(run("empty.pcap", HANG), 3, "auth-unanswered", "empty.pcap: empty file")


@test
def two_runs_are_compared():
    many = os.path.join(CAPTURES, "auth-unanswered", "one-of-four", "trace.pcap")
    write("old.json", run("-f", "json", HEALTHY)[1].encode())
    write("new.json", run("-f", "json", HANG)[1].encode())
    pair = "   10.1.0.2 -> 10.1.0.9:9001   1 connection\n"
    for old, new in ((HEALTHY, HANG), ("old.json", HANG), (HEALTHY, "new.json"), ("old.json", "new.json")):
        assert run("diff", old, new) == (1, "moved  critical  alive -> auth-unanswered" + pair, ""), (old, new)
    assert run("diff", "old.json", HEALTHY) == (0, "no difference: 1 connection in both\n", "")
    text = run("diff", HANG, many)[1]
    assert text == "new    ok        alive   10.1.0.2 -> 10.1.0.9:9001   3 connections\n", text
    assert run("diff", many, HANG)[1] == text.replace("new ", "gone"), text
    refused("diff takes two files", "diff", HANG)
    refused("diff knows the format text alone", "diff", "-f", "json", HANG, HANG)
    refused("--expect does not go with diff", "diff", "--expect", EXPECT, HANG, HANG)
    refused("--all does not go with diff", "diff", "--all", HANG, HANG)
    for text, message in (('{"format": "flatline/2", "flows": []}', "is no report of flatline"),
                          ('{"format": "flatline/1", "flows": [{}]}', "flows[0] is no connection of a report"),
                          ('{"format": ', "the file ends too early")):
        write("bad.json", text.encode())
        expect(run("diff", "bad.json", HANG), 3, None, message)
    expect(run("diff", "missing.pcap", HANG), 3, None, "missing.pcap: cannot be opened")


@test
def what_was_not_selected_is_counted():
    found = run("--flow", "9", HANG)
    expect(found, 2, "1 flow, none selected.", "there is no flow 9")
    expect(run("--flow", "0", HANG), 0, "CRITICAL", None)
    expect(run("--only", "alive", HANG), 0, "1 flow, none selected.", None)
    expect(run("--min-severity", "critical", HEALTHY), 0, "1 flow, none selected.", None)
    many = os.path.join(CAPTURES, "auth-unanswered", "one-of-four", "trace.pcap")
    text = run("--only", "auth-unanswered", many)[1]
    assert "   4 flows\n" in text and "4 flows, 1 selected." in text, text


@test
def a_failure_that_is_over_is_told():
    write("over.pcap", recovering())
    text = run("over.pcap")[1]
    assert "\nWARNING   degraded   " in text, text
    assert "\n  It works again, after 40.0 s of heartbeat-ack-only from 09:00:42.086 on.\n" in text, text
    assert "\n  Earlier: heartbeat-ack-only from 09:00:42.086 to 09:01:22.128 (40.0 s), recovered\n" in text, text
    verdict = report("over.pcap")["flows"][0]["verdict"]
    assert verdict["blind_seconds"] == 40.042 and verdict["blind_open"] is False, verdict
    # Healthy flows have the short form.
    assert "findings" not in report(HEALTHY)["flows"][0]


@test
def who_knew_of_it_is_told():
    def text(name):
        return run("--flow", "0", os.path.join(CAPTURES, "peer-vanished", name, "trace.pcap"))[1]

    # The kernel gave up and told its application, of which nothing is seen; in the other, it connected anew.
    silent, anew = text("host-death-retries2-5-150ms"), text("host-death-retries2-5")
    assert re.search(r"  Unnoticed for [\d.]+ s to [\d.]+ s, until the kernel gave up, and told the application if",
                     silent), silent
    # Its program noted ETIMEDOUT 13.704 s after the first frame, as the STORY says.
    probing = text("behind-a-closed-window")
    assert re.search(r"  Unnoticed for 3\.\d s to 5\.\d s, until the kernel gave up, and told the application if",
                     probing), probing
    assert "\n  Why not sooner: " in silent and "Why nobody noticed" not in silent, silent
    assert "\n  Why not sooner: " in anew and "Why nobody" not in anew, anew
    assert "and told the application" not in anew, anew


def syns_sent_twice(count):
    """As many connections, none of which is answered: first all SYNs, then all of them again."""
    frames = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)]
    for again in range(2):
        for i in range(count):
            tcp = struct.pack(">HHIIBBHHH", 1024 + i, 80, 1000, 0, 5 << 4, 2, 1024, 0, 0)
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + bytes((10, 0, 0, 1, 10, 9, 0, 1))
            frames.append(struct.pack("<IIII", 1000 + again, i, 40, 40) + ip + tcp)
    return b"".join(frames)


@test
def connections_that_fall_sick_stay_within_the_memory():
    count = 12000
    write("sick.pcap", syns_sent_twice(count))
    # All fit while they are well. What is kept of their repeats does not, and no new one comes that others could make
    # room for.
    got = report("--memory=16M", "sick.pcap")
    assert any("left memory before the end" in caveat for caveat in got["capture"]["caveats"]), got["capture"]
    assert count < len(got["flows"]) < 2 * count, len(got["flows"]) # one that left and comes back is another
    assert sum(flow["packets"]["client"] for flow in got["flows"]) == 2 * count
    got = report("--memory=1G", "sick.pcap")
    assert not got["capture"]["caveats"] and len(got["flows"]) == count, got["capture"]


def simple_packets(pcap):
    """The same frames as pcapng simple packet blocks, which have no time."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + size + body + size

    blocks, at = [block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)), block(1, struct.pack("<HHI", 1, 0, 0))], 24
    while at < len(pcap):
        size = struct.unpack_from("<I", pcap, at + 8)[0]
        blocks.append(block(3, struct.pack("<I", size) + pcap[at + 16:at + 16 + size]))
        at += 16 + size
    return b"".join(blocks)


@test
def a_capture_without_times_is_judged_by_none():
    name = write("simple.pcapng", simple_packets(read(HANG)))
    found = run("--format", "json", "--all", name)
    expect(found, 0, "", None)
    report = json.loads(found[1])
    assert "1970" not in found[1], "a time that nobody told"
    assert report["capture"]["observed_until"] is None and report["flows"][0]["first"] is None, report["capture"]
    assert report["flows"][0]["verdict"]["id"] == "inconclusive", report["flows"][0]["verdict"]
    assert report["flows"][0]["tcp_stream"] == 0 and report["flows"][0]["packets"] == {"client": 64, "server": 63}


def records(pcap):
    """The records of a little-endian pcap, as [seconds, microseconds, bytes]."""
    at, found = 24, []
    while at < len(pcap):
        seconds, fraction, size = struct.unpack_from("<III", pcap, at)
        found.append([seconds, fraction, pcap[at + 16:at + 16 + size]])
        at += 16 + size
    return found


def pcap_of(found, link=1):
    head = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link)
    return head + b"".join(struct.pack("<IIII", s, f, len(b), len(b)) + b for s, f, b in found)


@test
def one_traffic_captured_twice_is_refused():
    there = pcap_of([[s + 7, f, b[:22] + bytes([b[22] - 1]) + b[23:]] for s, f, b in records(read(HANG))])
    expect(run(HANG, write("there.pcap", there)), 2, None, "holds the same packets as")
    expect(run(HANG, "there.pcap"), 2, None, "7.0 s later")
    expect(run(HANG, HANG), 2, None, "at the same times")


@test
def keepalives_that_cannot_be_told_apart_are_no_second_capture():
    """IPv6 has no IP-ID, and these no timestamps: each is the same bytes as the last."""
    def keepalives(start):
        tcp = struct.pack(">HHIIBBHHH", 40122, 9001, 99, 500, 5 << 4, ACK, 60000, 0, 0)
        ip = struct.pack(">IHBB", 6 << 28, 20, 6, 64) + bytes(15) + b"\x01" + bytes(15) + b"\x02"
        return pcap_of([[start + 60 * i, 0, ip + tcp] for i in range(20)], 101)

    write("first.pcap", keepalives(1768381200))
    write("second.pcap", keepalives(1768384800))
    expect(run("second.pcap", "first.pcap"), 0, "40 frames", None)


@test
def frames_without_a_time_among_others_prove_no_wait():
    timed, simple = read(HEALTHY), simple_packets(read(HANG))
    write("timed.pcap", timed)
    write("simple.pcapng", simple)
    found = run("simple.pcapng", "timed.pcap")
    expect(found, 0, "inconclusive", None)
    assert "CRITICAL" not in found[1] and "1970" not in found[1], found[1]


@test
def a_link_type_that_is_not_known_is_named():
    write("odd.pcap", Connection.pcap(type("Odd", (), {"records": [struct.pack("<IIII", 1768381200, 0, 4, 4) + b"abcd"]}),
                                      147))
    expect(run("odd.pcap"), 3, "100 % of its frames are of link type 147", "is not supported")


def main():
    print("1..%d" % len(TESTS))
    failed = False
    for number, function in enumerate(TESTS, 1):
        name = "%d - %s" % (number, function.__name__.replace("_", " "))
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                function()
                print("ok " + name, flush=True)
            except (AssertionError, KeyError, ValueError, subprocess.SubprocessError) as error:
                failed = True
                print("not ok " + name, flush=True)
                print("# " + "\n# ".join(str(error).split("\n")), flush=True)
            os.chdir("/")
    sys.exit(failed)


if __name__ == "__main__":
    SOURCE, FLATLINE, HANG, HEALTHY, EXPECT, CAPTURES = map(
        os.path.abspath, (SOURCE, FLATLINE, HANG, HEALTHY, EXPECT, CAPTURES))
    main()
