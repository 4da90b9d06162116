"""Two hosts and a router between them, each a network namespace of the running kernel: what a capture shows here is
what this kernel's TCP really does. Drops, delays and hangs are made from outside (nftables, a delay line, signals), so
that neither kernel nor programs know that they take part in an experiment."""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT, SERVER = "10.1.0.2", "10.1.0.9"
# The two hosts look like neighbours and are not: each has a network of four addresses, with the router in it.
ROUTER_AT_CLIENT, ROUTER_AT_SERVER = "10.1.0.1", "10.1.0.10"
# The same over IPv6, for the cases that ask for it.
CLIENT6, SERVER6 = "fd00:1::2", "fd00:9::2"
ROUTER6_AT_CLIENT, ROUTER6_AT_SERVER = "fd00:1::1", "fd00:9::1"
NEEDED = ("ip", "nft", "tcpdump")
# Where Debian keeps what is not in PATH: the programs of a PostgreSQL server, by version, and libraries.
ELSEWHERE = ("/usr/lib/postgresql/*/bin/", "/usr/lib/*/")


def found(tool):
    """Where this machine has a program, or a library, or None."""
    others = [path for folder in ELSEWHERE for path in sorted(glob.glob(folder + tool), reverse=True)]
    return shutil.which(tool) or next(iter(others), None)


def sh(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(words), done.stdout.strip()))
    return done.stdout


class Program:
    """A process of ours in one namespace, with a group of its own so that its forked workers are ended with it."""

    def __init__(self, name, words, log, at=""):
        self.name, self.log, self.at = name, log, at
        with open(log, "wb") as out:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                            start_new_session=True)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for(self, pattern, seconds=20):
        """The first match of a line of its log, as soon as it is there."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.text(), re.M)
            if found:
                return found
            if time.monotonic() > end:
                raise RuntimeError("%s never said %r: %s" % (self.name, pattern, self.text()))
            time.sleep(0.001)

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def wait(self, seconds):
        if self.process.wait(seconds):
            raise RuntimeError("%s ended with %d: %s" % (self.name, self.process.returncode, self.text()))

    def end(self):
        """The group may outlive its first process (workers), so it is signalled in any case."""
        try:
            self.signal(signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Lab:
    def __init__(self, rtt_ms=0, jitter_ms=0, loss_percent=0, rate_mbit=0, hold_seconds=0, seed=1, ipv6=False,
                 bridge=False, nat=False):
        self.rtt_ms, self.jitter_ms, self.loss_percent, self.seed = rtt_ms, jitter_ms, loss_percent, seed
        self.rate_mbit, self.hold_seconds, self.line = rate_mbit, hold_seconds, None
        self.ipv6, self.bridge, self.nat = ipv6, bridge, nat
        self.space = {at: "flrec%d%s" % (os.getpid(), at) for at in ("client", "router", "server")}
        self.made, self.programs, self.events = [], [], []
        self.files = tempfile.TemporaryDirectory(prefix="flrec")

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.end()
        for name in self.made:
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)
        self.files.cleanup()

    def ip(self, at, *words):
        return sh("ip", "-n", self.space[at], *words)

    def inside(self, at, *words):
        return sh("ip", "netns", "exec", self.space[at], *words)

    def sysctl(self, at, **settings):
        """For instance sysctl("client", tcp_retries2=5): settings of net.ipv4 in that host's namespace."""
        for name, value in settings.items():
            self.inside(at, "sysctl", "-q", "-w", "net.ipv4.%s=%s" % (name.replace("__", "."), value))

    def sysctl6(self, at, scope, **settings):
        for name, value in settings.items():
            self.inside(at, "sysctl", "-q", "-w", "net.ipv6.conf.%s.%s=%s" % (scope, name, value))

    def build(self):
        for at, name in self.space.items():
            self.made.append(name)
            self.host(at)
        if self.bridge:
            self.ip("router", "link", "add", "br0", "type", "bridge")
            self.ip("router", "link", "set", "br0", "up")
        self.wire("client", CLIENT, ROUTER_AT_CLIENT)
        self.wire("server", SERVER, ROUTER_AT_SERVER)
        self.sysctl("router", ip_forward=1, conf__all__rp_filter=0, conf__default__rp_filter=0)
        if self.ipv6:
            self.sysctl6("router", "all", forwarding=1)
            self.route6("client", CLIENT6, ROUTER6_AT_CLIENT)
            self.route6("server", SERVER6, ROUTER6_AT_SERVER)
        if self.nat:
            self.inside("router", "nft", "table ip flnat { chain out { type nat hook postrouting priority 100;"
                                         " oifname server masquerade; }; }")
        if self.rtt_ms:
            self.delay()

    def host(self, at):
        sh("ip", "netns", "add", self.space[at])
        # IPv6 autoconfiguration would add frames to every capture that belong to no case.
        for scope in ("all", "default"):
            self.sysctl6(at, scope, disable_ipv6=int(not self.ipv6), accept_ra=0, accept_dad=0)
        self.ip(at, "link", "set", "lo", "up")

    def wire(self, at, address, gateway):
        last = int(address.rsplit(".", 1)[1])
        sh("ip", "link", "add", "eth0", "netns", self.space[at], "address", "02:00:00:00:00:%02x" % last,
           "type", "veth",
           "peer", "name", at, "netns", self.space["router"], "address", "02:00:00:00:01:%02x" % last)
        self.ip("router", "link", "set", at, "up")
        self.ip(at, "link", "set", "eth0", "up")
        if self.bridge:
            self.ip("router", "link", "set", at, "master", "br0")
            self.ip(at, "address", "add", address + "/24", "dev", "eth0")
            return
        self.ip("router", "address", "add", gateway + "/30", "dev", at)
        self.ip(at, "address", "add", address + "/30", "dev", "eth0")
        self.ip(at, "route", "add", "default", "via", gateway)

    def route6(self, at, address, gateway):
        self.ip("router", "address", "add", gateway + "/64", "dev", at, "nodad")
        self.ip(at, "address", "add", address + "/64", "dev", "eth0", "nodad")
        self.ip(at, "route", "add", "default", "via", gateway)

    def delay(self):
        """Sends what enters from either host through one end of the delay line; what leaves it is routed as usual."""
        self.line = self.start("router", "delay line", os.path.join(HERE, "delay.py"), "--one-way-ms", self.rtt_ms / 2,
                               "--jitter-ms", self.jitter_ms / 2, "--loss-percent", self.loss_percent,
                               "--rate-mbit", self.rate_mbit, "--hold-seconds", self.hold_seconds, "--seed", self.seed)
        self.line.wait_for("ready")
        for table, at, end in ((101, "client", "near"), (102, "server", "far")):
            self.ip("router", "link", "set", end, "up", "txqueuelen", "5000")
            self.sysctl("router", **{"conf__%s__rp_filter" % end: 0})
            self.ip("router", "route", "add", "default", "dev", end, "table", str(table))
            self.ip("router", "rule", "add", "iif", at, "lookup", str(table))

    def start(self, at, name, program, *words):
        log = os.path.join(self.files.name, "%d.log" % len(self.programs))
        command = ["ip", "netns", "exec", self.space[at], sys.executable, program] + [str(word) for word in words]
        self.programs.append(Program(name, command, log, at))
        return self.programs[-1]

    def run(self, at, name, program, *words):
        """A program of programs/, by its file's name."""
        return self.start(at, name, os.path.join(HERE, "programs", program), *words)

    def real(self, at, name, *words, tell=".", typed=()):
        """A program of a package, among a case's needs. Of its lines those that match are told; lines may be typed into
        it, each with the seconds that it comes after the one before."""
        options = ["--tell", tell] + [word for pair in typed for word in ("--type",) + pair]
        return self.run(at, name, "real.py", *options, *words)

    def drop(self, what="ip protocol tcp"):
        """Drops, at the router, what the words of an nftables rule match: "ip saddr 10.1.0.9"; else all TCP."""
        rule = "table inet flrec { chain forward { type filter hook forward priority 0; %s drop; }; }" % what
        self.inside("router", "nft", rule)
        self.note("the router drops what matches: " + what)

    def reject(self, what, how, at="router"):
        """The router, or a host, refuses what matches, and says so: how is "icmpx host-unreachable", "tcp reset" or
        another."""
        how = "with tcp reset" if how == "tcp reset" else "with %s type %s" % tuple(how.split())
        hook = "forward" if at == "router" else "input"
        rule = "table inet flrec { chain %s { type filter hook %s priority 0; %s reject %s; }; }" % (hook, hook, what, how)
        self.inside(at, "nft", rule)
        self.note("the %s rejects (%s) what matches: %s" % (at if at == "router" else at + "'s host", how, what))

    def firewall(self, seconds, then):
        """The router follows the connections (conntrack), forgets those that are idle for so long, and does then with
        the packets of a connection that it does not know: "drop", or "reject with tcp reset"."""
        rule = "table inet flfw { chain forward { type filter hook forward priority 0; ct state invalid %s; }; }" % then
        self.inside("router", "nft", rule)
        for name, value in (("loose", 0), ("timeout_established", seconds), ("timeout_unacknowledged", seconds)):
            self.inside("router", "sysctl", "-q", "-w", "net.netfilter.nf_conntrack_tcp_%s=%s" % (name, value))
        self.note("the router is a firewall that forgets connections after %g s without a packet: %s" % (seconds, then))

    def crash(self, at):
        """The host loses its power: its link goes down first, so that nothing of what its kernel has to say gets out."""
        self.sysctl(at, tcp_orphan_retries=1)
        self.ip(at, "link", "set", "eth0", "down")
        for program in self.programs:
            if program.at == at:
                program.end()
        self.note("the %s's host loses its power" % at)

    def boot(self, at):
        """The host anew, in a namespace of its own, with its old addresses and without any of its connections."""
        self.ip("router", "link", "delete", at)
        sh("ip", "netns", "delete", self.space[at])
        self.host(at)
        self.wire(at, *{"client": (CLIENT, ROUTER_AT_CLIENT), "server": (SERVER, ROUTER_AT_SERVER)}[at])
        if self.ipv6:
            self.route6(at, *{"client": (CLIENT6, ROUTER6_AT_CLIENT), "server": (SERVER6, ROUTER6_AT_SERVER)}[at])
        self.note("the %s's host has started again" % at)

    def undrop(self):
        self.inside("router", "nft", "delete", "table", "inet", "flrec")
        self.note("the router forwards everything again")

    def hold(self):
        """The delay line keeps everything back for hold_seconds; it says so itself."""
        self.line.signal(signal.SIGUSR1)

    def note(self, what):
        """What the recorder itself did, for the STORY."""
        self.events.append((time.time(), "recorder", what))

    def log(self):
        """What everyone said, in order of time: (epoch seconds, who, what)."""
        lines = list(self.events)
        for program in self.programs:
            for line in program.text().splitlines():
                stamp, _, what = line.partition(" ")
                if not re.fullmatch(r"\d+\.\d+", stamp):
                    raise RuntimeError("%s failed: %s" % (program.name, program.text()))
                if what != "ready":
                    lines.append((float(stamp), program.name, what))
        return sorted(lines)


class Capture:
    """tcpdump in one namespace, from before the first SYN (unless the case begins before the capture does)."""

    def __init__(self, lab, path, case):
        self.at, self.path, self.filter = case.at, path, case.filter
        interface = case.interface or ("eth0" if case.at != "router" else "client")
        self.options = ["-n", "-U", "-s", str(case.snaplen), "-i", interface]
        if case.direction:
            self.options += ["-Q", case.direction]
        words = ["ip", "netns", "exec", lab.space[case.at], "tcpdump", "-Z", "root"] + self.options + ["-w", path]
        log = os.path.join(lab.files.name, "tcpdump.log")
        self.program = Program("tcpdump", words + case.filter.split(), log)
        self.program.wait_for("listening on")

    def words(self):
        return " ".join(["tcpdump"] + self.options + self.filter.split())

    def stop(self):
        """The ring is read about once a second: what arrived last must be given the time to be written."""
        time.sleep(1.2)
        self.program.signal(signal.SIGINT)
        self.program.process.wait(10)
        dropped = self.program.wait_for(r"(\d+) packets? dropped by kernel")
        if dropped.group(1) != "0":
            raise RuntimeError("the capture lost packets: " + self.program.text())

    def end(self):
        self.program.end()
