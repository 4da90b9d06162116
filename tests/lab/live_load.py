"""`flatline live` when there is much to do: a flood of SYNs, files that are rotated while events come in crowds, a kill
that nobody expects. In a network namespace of its own. Usage: live_load.py"""
import collections
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

from live_lab import FLATLINE, Gateway, end, events, main, read, test, until, watch

CONNECT = """import socket
for port in range(%d):
    s = socket.socket()
    s.bind(("127.0.0.1", 20000 + port))
    s.connect_ex(("127.0.0.1", 8123))
    s.close()
"""


def refused(count):
    """So many connections that are refused, each from a port of its own; each is an event."""
    return subprocess.Popen([sys.executable, "-c", CONNECT % count])


def syn(number):
    """An Ethernet frame of a SYN from an address of its own."""
    source = socket.inet_aton("10.%d.%d.%d" % (number >> 16 & 255, number >> 8 & 255, number & 255))
    address = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, number & 0xffff, 0, 64, 6, 0, source,
                          socket.inet_aton("192.0.2.1"))
    return b"\2" * 12 + b"\x08\0" + address + struct.pack("!HHIIBBHHH", 1024 + number % 60000, 9001, number, 0, 0x50, 2,
                                                          65535, 0, 0)


@test
def a_flood_of_syns_drives_nobody_out_and_hides_nothing():
    flood, memory_mib = 200000, 16
    subprocess.run(["ip", "link", "add", "from", "type", "veth", "peer", "name", "to"], check=True)
    for interface in ("from", "to"):
        subprocess.run(["ip", "link", "set", interface, "up"], check=True)
    name = "events"
    process = watch(name, "-i", "to", "--memory", "%dM" % memory_mib, "port 9001")
    with Gateway():
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sender.bind(("from", 0))
        for number in range(flood):
            sender.send(syn(number))
        until("it is told", 15, lambda: any(event["event"] == "found" for event in events(name)))
        with open("/proc/%d/status" % process.pid, encoding="ascii") as status:
            resident = int(status.read().split("VmRSS:")[1].split()[0]) // 1024
        assert end(process) == 0
    told = [event for event in events(name) if event["event"] == "found"]
    assert len(told) == 1, [event["flow"]["verdict"] for event in told]
    flow = told[0]["flow"]
    assert flow["verdict"]["id"] == "auth-unanswered" and flow["server"]["port"] == 9001, flow["verdict"]
    assert flow["start"] == "handshake", "its beginning was forgotten"
    assert flow["client"]["address"] == "127.0.0.1", flow["client"]
    print("# %d MiB resident, with --memory %dM" % (resident, memory_mib))
    version = subprocess.run([FLATLINE, "--version"], stdout=subprocess.PIPE, check=True).stdout
    beside = 256 if b"(sanitizers)" in version else 64  # these keep a shadow of it, and what was freed
    assert resident < memory_mib + beside, "%d MiB resident" % resident


@test
def rotations_under_load_lose_no_event_and_break_no_line():
    count = 3000
    process = watch("0", "--min-severity", "ok", "port 8123")
    os.rename("0", "start")
    load, rotated = refused(count), 0
    while load.poll() is None or rotated < 5:
        process.send_signal(signal.SIGHUP)
        until("the file is made again", 5, lambda: os.path.exists("0"))
        rotated += 1
        os.rename("0", "%d.old" % rotated)
        time.sleep(0.02)
    time.sleep(1)
    assert end(process) == 0
    names = ["start"] + ["%d.old" % number for number in range(1, rotated + 1)] + (["0"] if os.path.exists("0") else [])
    ports = collections.Counter()
    for name in names:
        text = read(name)
        assert not text or text.endswith("\n"), "the last line of %s is cut" % name
        for line in text.splitlines():
            event = json.loads(line)
            if event["event"] == "found":
                ports[event["flow"]["client"]["port"]] += 1
            else:
                assert event["event"] != "drops", event
    print("# %d rotations" % rotated)
    assert ports == collections.Counter(range(20000, 20000 + count)), \
        "%d of %d were told, the most often %s" % (len(ports), count, ports.most_common(1))


@test
def a_kill_loses_no_event_that_was_printed():
    for kill_after in (1, 40, 400):
        name = "events%d" % kill_after
        process = watch(name, "--min-severity", "ok", "port 8123")
        load = refused(1500)
        until("there are events", 10, lambda: read(name).count("\n") >= kill_after)  # pylint: disable=cell-var-from-loop
        before = read(name)
        process.send_signal(signal.SIGKILL)
        process.wait()
        load.kill()
        load.wait()
        after = read(name)
        assert after.startswith(before) and after.endswith("\n"), after[-200:]
        kinds = {json.loads(line)["event"] for line in after.splitlines()}
        assert kinds <= {"found", "incident"}, kinds


if __name__ == "__main__":
    sys.exit(main())
