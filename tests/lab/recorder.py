"""`flatline live --record`, in a network namespace of its own: the packets of what turns bad are in a file, from before it
did, and that says the same as was told; disk, memory and time are kept within their bounds. Usage: recorder.py"""
import glob
import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import live_lab
from live_lab import FLATLINE, Gateway, end, events, start, until

NAME = re.compile(r"flatline-\d{8}T\d{6}Z-flow(\d+)-([a-z-]+?)(-\d+)?\.pcapng")
RULES = """table ip t { chain c { type filter hook input priority 0;
 tcp dport 9009 tcp flags syn reject with icmp host-unreachable
}
}
"""


def options_of(data):
    """Of a pcapng block, by code."""
    at, found = 0, {}
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            break
        found[code] = data[at + 4:at + 4 + length].decode("utf-8", "replace")
        at += 4 + (length + 3) // 4 * 4
    return found


def pcapng(path):
    """(comment of the section, [(name, snaplen) of each interface], [(ns, bytes, comment) of each packet])."""
    with open(path, "rb") as file:
        data = file.read()
    at, section, interfaces, packets = 0, "", [], []
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + size - 4]
        if kind == 0x0a0d0d0a:
            section = options_of(body[16:])[1]
        elif kind == 1:
            interfaces.append((options_of(body[8:])[2], struct.unpack_from("<I", body, 4)[0]))
        elif kind == 6:
            high, low, length = struct.unpack_from("<III", body, 4)
            packets.append((high << 32 | low, body[20:20 + length],
                            options_of(body[20 + (length + 3) // 4 * 4:]).get(1)))
        at += size
    return section, interfaces, packets


def flags(frame):
    """Of TCP in IPv4 in Ethernet."""
    return frame[14 + (frame[14] & 15) * 4 + 13]


def reads(path):
    done = subprocess.run([FLATLINE, "-f", "json", path], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def of(kind, told):
    return [event for event in told if event["event"] == kind]


def watch(name, folder, *arguments):
    if not os.path.isdir(folder):
        live_lab.make_folder(folder)
    return live_lab.watch(name, "--record", folder, *arguments)


def refuse(count):
    """Connections that nobody wants: each is critical at once, and has two packets."""
    for _ in range(count):
        with socket.socket() as sock:
            sock.connect_ex(("127.0.0.1", 8123))


def files(folder):
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


@live_lab.test
def the_hang_is_in_a_file_from_its_syn_on_and_says_what_was_told():
    process = watch("events", "d", "port 9001")
    with open("told", "wb") as out:
        text = start(FLATLINE, "live", "-i", "lo", "--record", "d", "--snaplen", "100", "port 9001", out=out)
    assert b"watching" in text.stderr.readline()
    with Gateway():
        until("both are recorded", 20, lambda: of("recorded", events("events")) and "  recorded  " in live_lab.read("told"))
        assert end(process) == 0 and end(text) == 0
    found, recorded = of("found", events("events"))[0], of("recorded", events("events"))[0]
    told, recording = found["flow"]["verdict"], recorded["recording"]
    path = recording["file"]
    name = NAME.fullmatch(os.path.basename(path))
    assert os.path.dirname(path) == "d" and name and name.group(2) == told["id"] == "auth-unanswered", path
    assert int(name.group(1)) == recording["flow"] == found["flow"]["id"] and recording["onset"] == told["onset"]
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(live_lab.moment(found["at"])))
    assert stamp in path, (stamp, path)
    assert len(files("d")) == 2 and not [name for name in os.listdir("d") if name.startswith(".")], os.listdir("d")
    for file in glob.glob("d/*"):
        assert os.stat(file).st_mode & 0o7777 == 0o600, oct(os.stat(file).st_mode)
    until_then = live_lab.moment(reads(path)["capture"]["observed_until"]) - live_lab.moment(found["at"])
    assert -0.201 < until_then < 0.001, until_then  # where what was told ends
    flow = reads(path)["flows"][0]
    for member in ("id", "severity", "side"):
        assert flow["verdict"][member] == told[member], (member, flow["verdict"], told)
    assert flow["start"] == "handshake" and reads(path)["capture"]["frames"] == recording["packets"]
    section, interfaces, packets = pcapng(path)
    assert interfaces == [("lo", 256)] and len(packets) == recording["packets"]
    assert flags(packets[0][1]) == 2 and any(at % 1000 for at, _, _ in packets), packets[0]
    assert len(packets[3][1]) == 14 + 20 + 32 + 64, "the login is there as it was"
    for words in ("flow %d: 127.0.0.1:" % recording["flow"], "verdict: auth-unanswered (critical), side: server",
                  "since %s, frame %d\n" % (told["onset"], told["onset_frame"]), told["summary"], "up to 256 bytes of each"):
        assert words in section, (words, section)
    assert "begins later" not in section and "was under way" not in section
    remarks = [comment for _, _, comment in packets if comment]
    assert any("flatline: here begins auth-unanswered (critical): " + told["summary"] in remark for remark in remarks), remarks
    assert all(re.search(r" \[frame \d+ of the run\]$", remark) for remark in remarks), remarks
    line = re.search(r"  recorded  flow \d+: (d/\S+) \((\d+) packets, from \S+ m?s before the onset\)\n", live_lab.read("told"))
    assert line, live_lab.read("told")
    _, interfaces, packets = pcapng(line.group(1))
    assert interfaces == [("lo", 100)] and len(packets) == int(line.group(2)), (interfaces, line.group())
    assert max(len(data) for _, data, _ in packets) == 100
    if shutil.which("tshark"):
        done = subprocess.run(["tshark", "-n", "-r", path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        assert b"here begins auth-unanswered" in done.stdout, done.stdout


@live_lab.test
def an_icmp_error_that_quotes_it_is_there():
    subprocess.run(["nft", "-f", "-"], input=RULES.encode(), check=True)
    try:
        process = watch("events", "d", "tcp port 9009 or icmp")
        with socket.socket() as sock:
            assert sock.connect_ex(("127.0.0.1", 9009)) != 0
        until("it is recorded", 20, lambda: of("recorded", events("events")))
        assert end(process) == 0
    finally:
        subprocess.run(["nft", "delete", "table", "ip", "t"], check=True)
    recording = of("recorded", events("events"))[0]["recording"]
    _, _, packets = pcapng(recording["file"])
    protocols = [data[14 + 9] for _, data, _ in packets]
    assert protocols[0] == 6 and 1 in protocols, protocols
    assert reads(recording["file"])["flows"][0]["verdict"]["id"] == of("found", events("events"))[0]["flow"]["verdict"]["id"]


class Noise:
    """A connection that is well, with some hundred packets a second."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 8124))
        self.client = socket.create_connection(("127.0.0.1", 8124))
        self.server = self.listener.accept()[0]
        self.goes_on = True
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        while self.goes_on:
            self.client.sendall(b"x" * 100)
            self.server.recv(100)
            self.server.sendall(b"y" * 100)
            self.client.recv(100)
            time.sleep(0.002)

    def __exit__(self, *_):
        self.goes_on = False
        self.thread.join()
        for sock in (self.client, self.server, self.listener):
            sock.close()


@live_lab.test
def what_is_kept_no_more_is_missing_and_that_is_said():
    small = watch("small", "by-size", "--record-buffer", "64K", "tcp")
    short = watch("short", "by-age", "--record-seconds", "2", "tcp")
    with Noise(), Gateway():
        until("both are recorded", 20, lambda: of("recorded", events("small")) and of("recorded", events("short")))
        assert end(small) == 0 and end(short) == 0
    for name, folder, words in (("small", "by-size", "out of the 65,536 bytes of --record-buffer"),
                                ("short", "by-age", "packets are kept for 2 s (--record-seconds)")):
        recording = of("recorded", events(name))[0]["recording"]
        assert os.path.dirname(recording["file"]) == folder
        section, _, packets = pcapng(recording["file"])
        assert "This begins later than the connection, which is there since " in section and words in section, section
        assert recording["packets"] == len(packets) > 0 and flags(packets[0][1]) & 2 == 0, recording
        assert recording["first"] > recording["onset"], recording  # RFC 3339 sorts as text
        assert all(struct.unpack_from(">HH", data, 34).count(9001) == 1 for _, data, _ in packets), "another's packets"


@live_lab.test
def ten_files_a_minute_and_no_more():
    process = watch("events", "d", "tcp")
    refuse(15)
    until("what is left out is told", 10, lambda: of("drops", events("events")))
    refuse(2)
    until("and again", 10, lambda: len(of("drops", events("events"))) == 2)
    assert end(process) == 0
    told = events("events")
    assert len(of("found", told)) == 17 and len(of("recorded", told)) == len(files("d")) == 10, files("d")
    assert [event["message"] for event in of("drops", told)] == [
        "%d recordings were left out: no more than 10 are made in a minute" % count for count in (5, 2)], of("drops", told)


@live_lab.test
def a_full_directory_stops_it_until_there_is_room():
    live_lab.make_folder("d")
    earlier = "d/flatline-20250101T000000Z-flow3-reset-2.pcapng"
    for name, size in ((earlier, 20000), ("d/other.pcapng", 1000000), ("d/flatline-2025.pcapng", 1000000)):
        with open(name, "wb") as file:
            file.truncate(size)
    process = watch("events", "d", "--record-limit", "20000", "tcp")
    refuse(2)
    until("that there is no room is told", 10, lambda: of("drops", events("events")))
    refuse(1)
    until("the third is found", 10, lambda: len(of("found", events("events"))) == 3)
    time.sleep(1.5)  # nothing more is told
    assert len(of("drops", events("events"))) == 1 and not of("recorded", events("events"))
    os.truncate(earlier, 20000 - 6000)
    refuse(1)
    until("it goes on", 10, lambda: of("recorded", events("events")) and len(of("drops", events("events"))) == 2)
    refuse(5)
    until("it is full again", 10, lambda: len(of("drops", events("events"))) == 3)
    assert end(process) == 0
    messages = [event["message"] for event in of("drops", events("events"))]
    assert re.fullmatch(r"the recordings in d take 20,000 bytes, and --record-limit allows 20,000: no more are written until "
                        r"there is room", messages[0]), messages
    assert messages[1] == "there is room for recordings again; 3 were left out meanwhile", messages
    assert "no more are written" in messages[2], messages
    own = [name for name in os.listdir("d") if NAME.fullmatch(name)]
    assert sum(os.stat("d/" + name).st_size for name in own if name != os.path.basename(earlier)) + 14000 <= 20000, own
    assert len(of("recorded", events("events"))) == len(own) - 1 > 0, own


def limited(size, action):
    """Before a program begins: it can write no more than that into a file; the signal that tells it does that."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, action)
    return limit


def watch_limited(action):
    # pylint: disable-next=subprocess-popen-preexec-fn
    process = subprocess.Popen([FLATLINE, "live", "-i", "lo", "-f", "ndjson", "--record", "d", "tcp"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limited(600, action))
    assert b"watching" in process.stderr.readline()
    return process


@live_lab.test
def a_run_that_is_killed_leaves_no_part_under_a_name():
    live_lab.make_folder("d")
    killed = watch_limited(signal.SIG_DFL)  # in the middle of a file
    refuse(1)
    assert killed.wait(10) == -signal.SIGXFSZ, killed.returncode
    left = os.listdir("d")
    assert len(left) == 1 and left[0].startswith(".flatline-") and os.stat("d/" + left[0]).st_size == 600, left
    others = [".flatline-notes", ".flatline-20250101T000000Z-flow1-reset.pcapng", "." + left[0], "x" + left[0]]
    for name in others:
        with open("d/" + name, "wb"):
            pass
    assert end(watch("events", "d", "tcp")) == 0
    assert sorted(os.listdir("d")) == sorted(others), os.listdir("d")


@live_lab.test
def what_another_run_is_writing_stays():
    first = watch("first", "d", "tcp")
    unfinished = "d/.flatline-20250101T000000Z-flow1-reset.pcapng.12-0"
    with open(unfinished, "wb"):
        pass
    assert end(watch("second", "d", "tcp")) == 0
    assert os.path.exists(unfinished)
    assert end(first) == 0
    assert end(watch("third", "d", "tcp")) == 0
    assert not os.path.exists(unfinished)


@live_lab.test
def a_file_that_cannot_be_written_is_told_and_the_run_goes_on():
    live_lab.make_folder("d")
    process = watch_limited(signal.SIG_IGN)
    refuse(1)
    told = []
    while "drops" not in told and "recorded" not in told:
        event = json.loads(process.stdout.readline())
        told.append(event["event"])
    assert told == ["found", "drops"], told
    assert re.fullmatch(r"1 recording was left out: d/flatline-\S+-connect-refused\.pcapng: cannot be written: File too large",
                        event["message"]), event
    assert process.poll() is None and os.listdir("d") == [], os.listdir("d")
    assert end(process) == 0


@live_lab.test
def the_last_look_is_recorded_too():
    process = watch("events", "d", "tcp")
    time.sleep(0.3)  # it waits for packets now
    process.send_signal(signal.SIGSTOP)
    refuse(1)
    time.sleep(0.3)  # the kernel has it ready
    process.send_signal(signal.SIGTERM)
    assert end(process, signal.SIGCONT) == 0
    assert [event["event"] for event in events("events")] == ["found", "recorded"], events("events")
    assert len(files("d")) == 1, files("d")


@live_lab.test
def requests_that_cannot_be_met_are_refused():
    with open("file", "wb"):
        pass
    live_lab.make_folder("only-read")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", "only-read"], check=True)
    try:
        check_refusals()
    finally:
        subprocess.run(["umount", "only-read"], check=True)


def check_refusals():
    for arguments, message in ((("--record", "absent"), b"absent: recordings cannot be written there: No such file"),
                               (("--record", "file"), b"file: recordings cannot be written there: Not a directory"),
                               (("--record", "only-read"), b"only-read: recordings cannot be written there: Read-only file "),
                               (("--record-limit", "1M"), b"--record-limit goes with --record"),
                               (("--record", ".", "--record-buffer", "63K"), b"--record-buffer takes 64K or more"),
                               (("--record", ".", "--record-limit", "x"), b"--record-limit takes a size"),
                               (("--record", ".", "--record-seconds", "0"), b"--record-seconds takes a number from 1")):
        done = subprocess.run([FLATLINE, "live", "-i", "lo", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, timeout=10)
        assert done.returncode == 2 and message in done.stderr, (arguments, done)


if __name__ == "__main__":
    sys.exit(live_lab.main("nft"))
