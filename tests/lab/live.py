"""`flatline live`, on the loopback interface of a network namespace of its own: the gateway's process hangs, and it is told
while it happens, as the same packets are judged afterwards. Usage: live.py"""
import json
import os
import signal
import subprocess
import sys
import time

from live_lab import FLATLINE, Gateway, end, events, main, moment, read, start, test, until, watch

WAIT = 5.0  # after which a login is overdue (list settings)


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
    assert "In Wireshark: tcp.port == " in read("told")


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
    for arguments, message in ((("-i", "absent0"), b"absent0: there is no such interface"),
                               (("-i", "lo", "-i", "lo"), b"-i lo is given twice"), (("-i", "lo", "prt 1"), b"can't parse filter"),
                               ((), b"live wants -i"), (("-i", "lo", "-f", "json"), b"text, ndjson"),
                               (("-i", "lo", "-o", "/nowhere/x"), b"/nowhere/x: cannot be written"),
                               (("-i", "lo", "--until", "1"), b"--until does not go with live")):
        done = subprocess.run([FLATLINE, "live", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              timeout=10)
        status = 3 if "absent0" in arguments else 2
        assert done.returncode == status and message in done.stderr and done.stdout == b"", (arguments, done)


if __name__ == "__main__":
    sys.exit(main())
