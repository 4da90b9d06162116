"""`flatline live --exec`: the gateway's process hangs, and a program is told of it. Whatever that does, the capture goes on
and tells what happens next. Usage: hooks.py"""
import glob
import json
import os
import signal
import subprocess
import sys
import time

from live_lab import FLATLINE, Gateway, end, events, main, read, start, test, until, watch

SOON = ("--set", "answer_owed=1s")  # after which a login is overdue


def hook(name, *lines):
    with open(name, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n" + "\n".join(lines) + "\n")
    os.chmod(name, 0o755)
    return name if "/" in name else "./" + name


def watch_with(program, *arguments):
    return watch("events", *SOON, "--exec", program, *arguments, "port 9001")


def kinds():
    return [event["event"] for event in events("events")]


def runners():
    """Processes that run programs, and that are not over."""
    found = []
    for name in glob.glob("/proc/[0-9]*/stat"):
        stat = read(name)
        if "(flatline-hooks)" in stat and stat.split(") ")[1][0] != "Z":
            found.append(stat)
    return found


def is_gone(pid):
    return (read("/proc/%d/stat" % pid) or "(gone) Z").split(") ")[1][0] == "Z"


@test
def a_program_gets_the_event_and_is_run_once():
    live = watch_with(hook("hook", "cat > got.$$.$#"))
    with open("told", "wb") as out:
        text = start(FLATLINE, "live", "-i", "lo", *SOON, "--exec=" + hook("other", "cat > other.$$"), "port 9001", out=out)
    assert b"watching" in text.stderr.readline()
    with Gateway() as gateway:
        until("both are run", 15, lambda: glob.glob("got.*") and glob.glob("other.*"))
        os.kill(gateway.worker, signal.SIGCONT)
        until("what comes next is told", 15, lambda: len(events("events")) > 1)
        assert end(live) == 0 and end(text) == 0
    until("nobody is left", 5, lambda: not runners())
    assert kinds()[0] == "found" and "hook" not in kinds() and "drops" not in kinds(), kinds()
    critical = [event for event in events("events") if event["flow"]["verdict"]["severity"] == "critical"]
    assert len(critical) == 1, critical
    (got,), (other,) = glob.glob("got.*"), glob.glob("other.*")
    assert got.endswith(".0"), "it has arguments: " + got
    assert read(got) == read("events").split("\n")[0] + "\n", read(got)
    event = json.loads(read(other))  # also where the output is text
    assert event["event"] == "found" and event["flow"]["verdict"]["id"] == "auth-unanswered", event
    assert "critical  auth-unanswered" in read("told"), read("told")


@test
def one_that_hangs_is_ended_and_told():
    live = watch_with(hook("hook", "trap '' TERM", "echo $$ > pid", "sleep 1000"), "--exec-timeout=1")
    with Gateway() as gateway:
        until("it is told", 15, lambda: "hook" in kinds())
        told = events("events")[kinds().index("hook")]
        assert told["message"] == "./hook: took longer than 1 s, and was ended", told
        assert told["device"] is None and told["flow"] is None, told
        until("it is gone", 5, lambda: is_gone(int(read("pid"))))
        os.kill(gateway.worker, signal.SIGCONT)
        until("what comes next is told", 15, lambda: kinds()[-1] != "hook")
        assert end(live) == 0
    until("nobody is left", 5, lambda: not runners())


@test
def the_capture_goes_on_while_one_runs():
    live = watch_with(hook("hook", "echo $$ > begun", "exec sleep 1000"), "--exec-timeout=60")
    with Gateway() as gateway:
        until("it runs", 15, lambda: read("begun"))
        os.kill(gateway.worker, signal.SIGCONT)
        until("what comes next is told", 15, lambda: len(kinds()) > 1)
        assert kinds()[0] == "found" and "hook" not in kinds(), kinds()
        assert end(live, seconds=5) == 0
    assert runners(), "it has not waited"
    os.kill(int(read("begun")), signal.SIGKILL)
    until("nobody is left", 5, lambda: not runners())


@test
def one_that_floods_its_output_disturbs_nobody():
    """Standard error is a pipe here that nobody reads."""
    with open("told", "wb") as out:
        live = start(FLATLINE, "live", "-i", "lo", "-f", "ndjson", *SOON, "--exec", hook("hook", "echo > begun", "exec yes"),
                     "--exec-timeout=3", "port 9001", out=out)
    assert b"watching" in live.stderr.readline()
    with Gateway() as gateway:
        until("it runs", 15, lambda: read("begun"))
        os.kill(gateway.worker, signal.SIGCONT)
        until("its end and what comes next is told", 15, lambda: len(events("told")) > 2)
        assert end(live) == 0
    assert [event["event"] for event in events("told")].count("hook") == 1, read("told")
    until("nobody is left", 5, lambda: not runners())
    live.stderr.close()


@test
def what_fails_is_told():
    live = watch_with(hook("hook", "exit 7"))
    with Gateway():
        until("it is told", 15, lambda: "hook" in kinds())
        assert end(live) == 0
    assert events("events")[1]["message"] == "./hook: exited with 7", events("events")[1]


@test
def a_name_is_no_command():
    os.mkdir("programs")
    name = "a;touch b $(touch c) `touch d`"
    hook("programs/" + name, "echo > run")
    os.environ["PATH"] += ":" + os.path.abspath("programs")
    live = watch_with(name)
    with Gateway():
        until("it is run", 15, lambda: read("run"))
        assert end(live) == 0
    assert not {"b", "c", "d"} & set(os.listdir(".")), os.listdir(".")


def outlives(send):
    """A program runs while flatline ends by what is sent to it; its exit status."""
    program = hook("hook", "echo > begun", "while ! [ -e go ]; do sleep 0.1; done", "cat > got", "echo > finished")
    live = subprocess.Popen([FLATLINE, "live", "-i", "lo", "-f", "ndjson", *SOON, "--exec", program, "port 9001"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    assert b"watching" in live.stderr.readline()
    with Gateway():
        until("it runs", 15, lambda: read("begun"))
        send(live.pid)
        status = live.wait(10)
    time.sleep(0.3)
    assert runners() and not read("got"), "it has not waited"
    hook("go")
    until("it ends in its own time", 10, lambda: read("finished"))
    assert json.loads(read("got"))["event"] == "found", read("got")
    until("nobody is left", 5, lambda: not runners())
    live.stderr.close()
    return status


@test
def a_program_outlives_what_a_terminal_ends():
    assert outlives(lambda pid: os.killpg(pid, signal.SIGINT)) == 0


@test
def a_program_outlives_a_flatline_that_was_killed():
    assert outlives(lambda pid: os.kill(pid, signal.SIGKILL)) == -signal.SIGKILL


@test
def what_cannot_be_run_is_refused():
    os.mkdir("directory")
    with open("data", "w", encoding="utf-8"):
        pass
    os.chmod(hook("of-root"), 0o700)
    for arguments, message in ((("--exec", "./of-root"), b"./of-root: --exec cannot run it as user nobody: "),
                               (("--exec", "./absent"), b"./absent: --exec cannot run it: No such file"),
                               (("--exec", "absent-program"), b"absent-program: --exec cannot run it: it is not in PATH"),
                               (("--exec", "./directory"), b"./directory: --exec cannot run it: it is no file"),
                               (("--exec", "./data"), b"./data: --exec cannot run it: Permission denied"),
                               (("--exec", "true", "--exec-timeout", "0"), b"--exec-timeout takes a number from 1 to 3600"),
                               (("--exec-timeout", "5"), b"--exec-timeout goes with --exec")):
        done = subprocess.run([FLATLINE, "live", "-i", "lo", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, timeout=10)
        assert done.returncode == 2 and message in done.stderr and done.stdout == b"", (arguments, done)
    # What comes after it fails: nobody is left behind.
    done = subprocess.run([FLATLINE, "live", "-i", "absent0", "--exec", "true"], stderr=subprocess.PIPE, check=False)
    assert done.returncode == 3 and b"absent0: " in done.stderr, done
    until("nobody is left", 5, lambda: not runners())


if __name__ == "__main__":
    sys.exit(main())
