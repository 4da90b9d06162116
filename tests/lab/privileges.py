"""What `flatline live` may do while it runs: as another user, without capabilities and with few system calls, and that it
does its work all the same. In network namespaces, as live.py. Usage: privileges.py"""
import ctypes
import os
import platform
import pty
import pwd
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

from live_lab import FLATLINE, Gateway, end, events, main, moment, read, test, until

VERSION = subprocess.run([FLATLINE, "--version"], stdout=subprocess.PIPE, check=False).stdout if os.path.exists(FLATLINE) else b""
IS_CONFINED = b"restricts system calls: yes" in VERSION
HAS_SANITIZERS = b"(sanitizers)" in VERSION
NET_RAW = 1 << 13
SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def is_here(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def setpriv(*arguments):
    """Words before a command."""
    return [is_here("setpriv"), *arguments]


def live(*arguments, before=(), program=FLATLINE, sudo=None, out=subprocess.DEVNULL):
    """A live run, which somebody called through sudo, or nobody."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUDO_")}
    environment.update(sudo or {})
    return subprocess.Popen([*before, program, "live", *arguments], stdout=out, stderr=subprocess.PIPE, env=environment,
                            bufsize=0)  # told() asks the pipe itself


def told(process):
    """The next line of what it says, which comes soon."""
    assert select.select([process.stderr], [], [], 10)[0], "it says nothing"
    return process.stderr.readline().decode()


def watching(*arguments, **keywords):
    process = live(*arguments, **keywords)
    line = told(process)
    while line and "watching" not in line:
        line = told(process)
    assert line, "it ended with %s" % process.wait()
    return process


def refused(message, *arguments, code=2, **keywords):
    process = live(*arguments, **keywords)
    said = process.communicate(timeout=10)[1].decode()
    assert process.returncode == code and message in said, (process.returncode, said)


def status(process):
    """What the kernel says of each thread: a list of {name: words}."""
    threads = []
    for thread in os.listdir("/proc/%d/task" % process.pid):
        lines = read("/proc/%d/task/%s/status" % (process.pid, thread)).splitlines()
        threads.append({line.split(":")[0]: line.split(":")[1].split() for line in lines})
    assert len(threads) >= 2, threads  # one reads, one writes
    return threads


def has_given_up(process, uid, gid, kept=0, bounds=0, is_confined=IS_CONFINED):
    for thread in status(process):
        assert thread["Uid"] == [str(uid)] * 4 and thread["Gid"] == [str(gid)] * 4, thread
        found = {name: int(thread[name][0], 16) for name in SETS}
        assert found == {"CapInh": 0, "CapPrm": kept, "CapEff": kept, "CapBnd": bounds, "CapAmb": 0}, found
        assert thread["NoNewPrivs"] == ["1"], thread
        assert thread["Seccomp"] == ["2" if is_confined else "0"], thread
    # The kernel gives these to root when a process is not dumpable.
    if not HAS_SANITIZERS:
        assert os.stat("/proc/%d/fd" % process.pid).st_uid == 0


def nobody():
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


@test
def root_becomes_nobody_and_does_its_work():
    before = setpriv("--groups", "4,24", "--inh-caps", "+net_raw,+net_admin", "--ambient-caps", "+net_raw")
    process = watching("-i", "lo", "-f", "ndjson", "-o", "first", "port 9001", before=before)
    has_given_up(process, *nobody())
    assert all(thread["Groups"] == [] for thread in status(process)), status(process)
    with Gateway():
        until("it is told", 15, lambda: events("first"))
        os.rename("first", "second")
        process.send_signal(signal.SIGHUP)
        until("the file is made again", 5, lambda: os.path.exists("first"))
        process.send_signal(signal.SIGUSR1)
        until("what is open is told", 5, lambda: events("first"))
        assert end(process) == 0
    assert os.stat("first").st_uid == nobody()[0]
    found = events("second")[0]
    assert found["event"] == "found" and found["flow"]["verdict"]["id"] == "auth-unanswered", found
    assert moment(found["at"]) > 0 and events("first")[0]["event"] == "state"


@test
def with_sudo_it_becomes_who_called_it():
    daemon = pwd.getpwnam("daemon")
    for sudo, uid, gid in (({"SUDO_UID": str(daemon.pw_uid), "SUDO_GID": "99"}, daemon.pw_uid, daemon.pw_gid),
                           ({"SUDO_UID": "54321", "SUDO_GID": "54322"}, 54321, 54322),
                           ({"SUDO_UID": "54321"}, *nobody()), ({"SUDO_UID": "0", "SUDO_GID": "0"}, *nobody()),
                           ({"SUDO_UID": "1x", "SUDO_GID": "1"}, *nobody()), ({"SUDO_UID": "-1", "SUDO_GID": "1"}, *nobody()),
                           ({"SUDO_UID": "4294967295", "SUDO_GID": "1"}, *nobody())):
        process = watching("-i", "lo", sudo=sudo)
        has_given_up(process, uid, gid)
        assert end(process) == 0


@test
def another_user_can_be_named():
    daemon = pwd.getpwnam("daemon")
    process = watching("-i", "lo", "--user", "daemon", sudo={"SUDO_UID": "54321", "SUDO_GID": "54321"})
    has_given_up(process, daemon.pw_uid, daemon.pw_gid)
    assert end(process) == 0
    refused('--user: there is no user "nosuchuser"', "-i", "lo", "--user", "nosuchuser")


@test
def root_that_stays_root_has_no_capabilities():
    process = live("-i", "lo", "--user", "root")
    assert "goes on as root" in told(process)
    assert "watching" in told(process)
    has_given_up(process, 0, 0)
    assert end(process) == 0


@test
def the_output_is_opened_by_the_user_that_it_becomes():
    os.mkdir("roots", 0o755)
    refused("roots/x: cannot be written as user nobody: Permission denied", "-i", "lo", "-o", "roots/x")
    assert os.listdir("roots") == []


@test
def a_rotation_that_fails_is_told_and_loses_nothing():
    os.mkdir("logs")
    os.chmod("logs", 0o777)
    process = watching("-i", "lo", "-f", "ndjson", "-o", "logs/x", "--min-severity", "notice", "tcp")
    os.chmod("logs", 0o755)
    os.rename("logs/x", "logs/y")
    process.send_signal(signal.SIGHUP)
    line = told(process)
    assert "logs/x: cannot be written as user nobody: Permission denied; lines go on" in line, line
    assert socket.socket().connect_ex(("127.0.0.1", 8123)) != 0
    until("the refusal is told in the old file", 10, lambda: events("logs/y"))
    assert end(process) == 0


@test
def who_is_not_root_gives_up_what_it_was_given():
    daemon = pwd.getpwnam("daemon")
    shutil.copy(FLATLINE, "flatline")  # where it was built may be closed to others
    os.chmod("flatline", 0o755)
    others = setpriv("--reuid", "daemon", "--regid", "daemon", "--clear-groups", "--inh-caps", "+net_raw", "--ambient-caps",
                     "+net_raw")
    # Without CAP_SETPCAP nobody can change the bounding set; it gives nothing to one without new privileges.
    bounds = int(read("/proc/self/status").split("CapBnd:")[1].split()[0], 16)
    for option, kept in ((), 0), (("--keep-net-raw",), NET_RAW):
        process = watching("-i", "lo", *option, before=others, program="./flatline")
        has_given_up(process, daemon.pw_uid, daemon.pw_gid, kept, bounds)
        assert end(process) == 0
    refused("--user: only root can go on as nobody", "-i", "lo", "--user", "nobody", before=others, program="./flatline")
    refused('--user: there is no user "nosuchuser"', "-i", "lo", "--user", "nosuchuser", before=others, program="./flatline")
    without = setpriv("--reuid", "daemon", "--regid", "daemon", "--clear-groups")
    refused("takes CAP_NET_RAW", "-i", "lo", code=3, before=without, program="./flatline")
    os.chown("flatline", 0, 0)
    os.chmod("flatline", 0o4755)
    if os.statvfs(".").f_flag & os.ST_NOSUID:
        print("# not tried: set-user-ID, on a file system without")
    else:
        refused("not made to be set-user-ID", "-i", "lo", before=without, program="./flatline")


def veth():
    subprocess.run(["ip", "link", "del", "v0"], stderr=subprocess.DEVNULL, check=False)  # of a test that failed
    subprocess.run(["ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"], check=True)
    for name in ("v0", "v1"):
        subprocess.run(["ip", "link", "set", name, "up"], check=True)


def vanish():
    subprocess.run(["ip", "link", "del", "v0"], check=True)


def refusal_passes(port):
    """A SYN and its RST, seen on v0."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind(("v1", 0))
        for source, target, ports, seq, ack, flags in (("10.9.0.1", "10.9.0.2", (40000, port), 1000, 0, 0x02),
                                                       ("10.9.0.2", "10.9.0.1", (port, 40000), 0, 1001, 0x14)):
            tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 1024, 0, 0)
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, 6, 0, socket.inet_aton(source), socket.inet_aton(target))
            link.send(b"\x02" * 6 + b"\x04" * 6 + b"\x08\x00" + ip + tcp)


def of_devices(name):
    return [event for event in events(name) if event["event"] == "device"]


@test
def with_the_right_to_an_interface_that_vanished_is_taken_up_again():
    veth()
    # A name with several addresses: looking it up makes connections, to sort them. It must not be looked up again.
    with open("hosts", "w", encoding="utf-8") as file:
        file.write("127.0.0.1 localhost\n192.0.2.1 flatline.test\n192.0.2.2 flatline.test\n")
    subprocess.run(["mount", "--bind", "hosts", "/etc/hosts"], check=True)
    try:
        process = watching("-i", "v0", "-f", "ndjson", "-o", "events", "--keep-net-raw", "--min-severity", "notice",
                           "tcp or host flatline.test")
        is_taken_up_again(process)
    finally:
        subprocess.run(["umount", "/etc/hosts"], check=True)


def is_taken_up_again(process):
    has_given_up(process, *nobody(), NET_RAW)
    vanish()
    until("it is told", 10, lambda: of_devices("events"))
    veth()
    until("it is back", 15, lambda: len(of_devices("events")) > 1)
    has_given_up(process, *nobody(), NET_RAW)
    assert process.poll() is None
    until("its packets are seen", 10, lambda: refusal_passes(8123) or any(event["flow"] for event in events("events")))
    assert end(process) == 0
    gone, back = of_devices("events")[:2]
    assert "cannot be opened" not in gone["message"] and back["message"] == "is back", (gone, back)


@test
def without_it_one_that_vanished_is_lost_and_the_last_ends_the_run():
    veth()
    with open("told", "wb") as out:
        process = watching("-i", "lo", "-i", "v0", out=out)
    refusal_passes(8123)
    vanish()
    until("it is told", 10, lambda: "--keep-net-raw" in read("told"))
    assert "v0: " in read("told") and "cannot be opened again" in read("told"), read("told")
    veth()
    time.sleep(2.5)
    assert "is back" not in read("told") and process.poll() is None
    assert end(process) == 0
    with open("told", "wb") as out:
        process = watching("-i", "v0", out=out)
    vanish()
    assert process.wait(10) == 3
    assert b"no interface is left" in process.stderr.read()
    # What is known is reported.
    assert "cannot be opened again" in read("told") and "v0" in read("told").splitlines()[1], read("told")


@test
def on_a_terminal_it_says_how_it_stands():
    leader, follower = pty.openpty()
    process = subprocess.Popen([FLATLINE, "live", "-i", "lo"], stdout=subprocess.DEVNULL, stderr=follower)
    os.close(follower)
    shown = b""
    limit = time.monotonic() + 10
    while shown.count(b"packets/s") < 2 and select.select([leader], [], [], max(0, limit - time.monotonic()))[0]:
        shown += os.read(leader, 4096)
    assert shown.count(b"packets/s") >= 2, shown
    process.terminate()
    assert process.wait(10) == 0
    os.close(leader)


class Tracer:
    """ptrace(2), as far as it takes to make another system call of the next one that a process makes."""
    ATTACH, DETACH, SYSCALL, SETOPTIONS, GETREGSET, SETREGSET, GET_SYSCALL_INFO = 16, 17, 24, 0x4200, 0x4204, 0x4205, 0x420e
    PRSTATUS, ARM_SYSTEM_CALL, SYSGOOD, ENTRY, WALL = 1, 0x404, 1, 1, 0x40000000
    EXECVE = {"x86_64": 59, "aarch64": 221}

    def __init__(self, pid):
        self.pid = pid
        self.call = ctypes.CDLL(None, use_errno=True).ptrace
        self.call.restype = ctypes.c_long
        self.call.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def do(self, request, address=0, data=0):
        result = self.call(request, self.pid, address, data)
        if result < 0:
            raise OSError(ctypes.get_errno(), "ptrace: " + os.strerror(ctypes.get_errno()))
        return result

    def is_entry(self):
        info = (ctypes.c_uint8 * 128)()
        self.do(self.GET_SYSCALL_INFO, len(info), ctypes.addressof(info))
        return info[0] == self.ENTRY

    def change_number(self, number):
        if platform.machine() == "aarch64":
            value = ctypes.c_int(number)
            self.regset(self.SETREGSET, self.ARM_SYSTEM_CALL, value)
        else:
            registers = (ctypes.c_uint64 * 27)()
            self.regset(self.GETREGSET, self.PRSTATUS, registers)
            registers[15] = number  # orig_rax
            self.regset(self.SETREGSET, self.PRSTATUS, registers)

    def regset(self, request, kind, buffer):
        vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), ctypes.sizeof(buffer))
        self.do(request, kind, ctypes.addressof(vector))

    def make_it_run_a_program(self):
        self.do(self.ATTACH)
        os.waitpid(self.pid, self.WALL)
        self.do(self.SETOPTIONS, 0, self.SYSGOOD)
        while True:
            self.do(self.SYSCALL)
            os.waitpid(self.pid, self.WALL)
            if self.is_entry():
                break
        self.change_number(self.EXECVE[platform.machine()])
        self.do(self.DETACH)


@test
def a_call_that_it_never_makes_kills_it():
    if platform.machine() not in Tracer.EXECVE:
        print("# not tried: on " + platform.machine())
        return
    for options in ((), ("--no-sandbox",)):
        process = watching("-i", "lo", *options)
        has_given_up(process, *nobody(), is_confined=IS_CONFINED and not options)
        try:
            Tracer(process.pid).make_it_run_a_program()
        except OSError as error:
            process.kill()
            print("# not tried: %s" % error)
            return
        if IS_CONFINED and not options:
            assert process.wait(10) == -signal.SIGSYS, process.returncode
        else:
            # The kernel refuses to run what poll() waits for; the loop knows nothing of it.
            time.sleep(0.5)
            assert process.poll() is None and end(process) == 0


if __name__ == "__main__":
    if os.geteuid() == 0 and not is_here("setpriv"):
        print("1..0 # SKIP no setpriv")
        sys.exit(0)
    sys.exit(main())
