"""The metrics of `flatline live`, in a network namespace of its own as in live.py: a real Prometheus scrapes them, and its
promtool reads the file, what comes over HTTP, and the rules of the manual page. Debian's package of it is fetched once for a
build, below prometheus/ there, and not installed: it would run as a service. Usage: metrics.py"""
import glob
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

from live_lab import FLATLINE, SOURCE, Gateway, Skip, end, events, main, make_folder, missing, read, slow, test, until, watch

BUILD = os.path.abspath(os.environ.get("FLATLINE_BUILD") or os.path.dirname(FLATLINE))
PROGRAMS = os.path.join(BUILD, "prometheus", "usr", "bin")
PORT = 9810
LISTEN = "--metrics-listen=127.0.0.1:%d" % PORT
LAST = "flatline_output_dropped_total 0\n"
EVERY = 5  # seconds between two pages of the file
PARSE = """import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    print(family.name, family.type, len(family.samples))
"""


def program(name):
    found = shutil.which(name, path=PROGRAMS) or shutil.which(name)
    if not found:
        raise Skip("no %s, and apt-get cannot fetch it" % name)
    return found


def fetch():
    """Outside of the namespace, which has no network. Tests that miss it say so."""
    if shutil.which("promtool") or os.path.exists(PROGRAMS) or not shutil.which("apt-get"):
        return
    folder = os.path.join(BUILD, "prometheus.new")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    done = subprocess.run(["apt-get", "-q", "download", "prometheus"], cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False, timeout=120)
    for package in glob.glob(os.path.join(folder, "*.deb")):
        if done.returncode == 0 and subprocess.run(["dpkg-deb", "-x", package, folder], check=False).returncode == 0:
            os.remove(package)
            os.rename(folder, os.path.join(BUILD, "prometheus"))
    shutil.rmtree(folder, ignore_errors=True)


def need_http():
    if "metrics over HTTP: yes" not in subprocess.run([FLATLINE, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode():
        raise Skip("built without libmicrohttpd")


def ask(method="GET", path="/metrics", body=None, port=PORT, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def promtool(text, *arguments):
    return subprocess.run([program("promtool"), *arguments], input=text.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)


def rules():
    """The example of the manual page, as a reader sees it."""
    page = read(os.path.join(SOURCE, "man", "flatline.1"))
    block, = re.findall(r"^\.Bd -literal.*?\n(groups:\n.*?)^\.Ed$", page, re.M | re.S)
    return block.replace("\\e", "\\").replace("\\-", "-")


class Prometheus:
    """Scrapes flatline every second, and evaluates the manual page's rules as often."""

    def __enter__(self):
        with open("rules.yml", "w", encoding="utf-8") as file:
            file.write(rules())
        with open("prometheus.yml", "w", encoding="utf-8") as file:
            json.dump({"global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
                       "rule_files": ["rules.yml"],
                       "scrape_configs": [{"job_name": "flatline",
                                           "static_configs": [{"targets": ["127.0.0.1:%d" % PORT]}]}]}, file)
        with open("prometheus.log", "wb") as log:
            self.process = subprocess.Popen([program("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                                             "--web.listen-address=127.0.0.1:9090"], stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    @staticmethod
    def get(path):
        try:
            answer, body = ask(path="/api/v1/" + path, port=9090)
        except OSError:
            return None  # it is not up yet
        return json.loads(body)["data"] if answer.status == 200 else None

    def value(self, query):
        data = self.get("query?" + urllib.parse.urlencode({"query": query}))
        return [float(item["value"][1]) for item in data["result"]] if data else None

    def alerts(self):
        data = self.get("alerts")
        return {(alert["labels"]["alertname"], alert["state"]) for alert in data["alerts"]} if data else set()


@test
@slow
def prometheus_learns_of_what_hangs_and_that_it_is_over():
    need_http()
    process = watch("events", LISTEN, "port 9001")
    with Prometheus() as prometheus:
        until("it scrapes", 30, lambda: prometheus.value('flatline_open_connections{verdict="auth-unanswered"}') == [0.0])
        with Gateway():
            until("it knows of it", 30,
                  lambda: prometheus.value('flatline_open_connections{verdict="auth-unanswered"} == 1') == [1.0])
            assert prometheus.value('flatline_open_connections_by_severity{severity="critical"}') == [1.0]
            assert prometheus.value('sum(flatline_open_connections)') == [1.0]
            until("it counts what was told", 5, lambda: prometheus.value(
                'flatline_verdicts_total{verdict="auth-unanswered",severity="critical"}') == [1.0])
            until("the rule acts", 10, lambda: ("ConnectionsHang", "pending") in prometheus.alerts())
            assert ("FlatlineLosesPackets", "pending") not in prometheus.alerts()
            assert prometheus.value('flatline_events_total{event="found"}') == [1.0]
            packets, frames = prometheus.value("flatline_tcp_packets_total"), prometheus.value("flatline_frames_total")
            assert packets and packets[0] > 4 and frames and frames[0] >= packets[0], (packets, frames)
            assert prometheus.value("time() - flatline_last_frame_timestamp_seconds < bool 10") == [1.0]
            assert prometheus.value('flatline_interface_frames_total{interface="lo"}') == prometheus.value("flatline_frames_total")
        until("it knows that it is over", 30,
              lambda: prometheus.value('flatline_open_connections{verdict="auth-unanswered"}') == [0.0])
        assert prometheus.value("flatline_connections") == [1.0]
    assert end(process) == 0


@test
def the_page_is_one_that_promtool_likes():
    process = watch("events", "--metrics=x.prom", "port 9001")
    with Gateway():
        until("a page tells of it", 30, lambda: 'flatline_open_connections{verdict="auth-unanswered"} 1\n' in read("x.prom"))
        assert end(process) == 0
    done = promtool(read("x.prom"), "check", "metrics")
    assert done.returncode == 0 and done.stdout == b"", done.stdout


@test
def the_rules_of_the_manual_page_are_ones():
    with open("rules.yml", "w", encoding="utf-8") as file:
        file.write(rules())
    done = promtool("", "check", "rules", "rules.yml")
    assert done.returncode == 0 and b"SUCCESS: 3 rules found" in done.stdout, done.stdout
    names = set(re.findall(r"\bflatline_[a-z_]+", rules()))
    process = watch("events", "--metrics=x.prom")
    until("there is a page", 5, lambda: read("x.prom"))
    assert end(process) == 0
    assert names and not [name for name in names if "\n# TYPE %s " % name not in read("x.prom")], names


@test
def the_manual_page_tells_of_each_metric_and_no_other():
    process = watch("events", "--metrics=x.prom")
    until("there is a page", 5, lambda: read("x.prom"))
    assert end(process) == 0
    page = read(os.path.join(SOURCE, "man", "flatline.1"))
    listed = re.findall(r"^\.It Va (flatline_[a-z_]+)", page, re.M)
    assert sorted(listed) == sorted(re.findall(r"^# TYPE (\S+)", read("x.prom"), re.M)), listed


@test
@slow
def a_reader_has_a_whole_page():
    process = watch("events", "--metrics=x.prom")
    until("there is a page", 5, lambda: os.path.exists("x.prom"))
    with open("x.prom", encoding="utf-8") as first:
        inode = os.fstat(first.fileno()).st_ino
        until("another takes its place", EVERY + 5, lambda: whole() and os.stat("x.prom").st_ino != inode)
        was = first.read()
    assert was.endswith(LAST) and was != read("x.prom"), was
    assert os.stat("x.prom").st_mode & 0o777 == 0o644
    assert end(process) == 0
    assert [name for name in os.listdir(".") if name.startswith("x")] == ["x.prom"]
    assert whole()


def whole():
    """True; asserts that what stands there is a page to its end."""
    text = read("x.prom")
    assert text.startswith("# HELP flatline_build_info ") and text.endswith(LAST), text
    return True


@test
def a_page_is_written_at_the_end():
    process = watch("events", "--metrics=x.prom", "port 8123")
    until("there is a page", 5, lambda: read("x.prom"))
    subprocess.run([sys.executable, "-c", "import socket\nsocket.socket().connect_ex(('127.0.0.1', 8123))"], check=True)
    until("it is told", 5, lambda: events("events"))
    assert end(process) == 0
    assert 'flatline_verdicts_total{verdict="connect-refused",severity="critical"} 1\n' in read("x.prom")
    # The last look is at all connections, and this one is over.
    assert 'flatline_open_connections{verdict="connect-refused"} 0\n' in read("x.prom")
    assert "flatline_frames_total 2\n" in read("x.prom") and "flatline_connections_seen_total 1\n" in read("x.prom")


@test
@slow
def what_the_kernel_gave_up_is_open_no_more():
    if not shutil.which("nft"):
        raise Skip("no nft")
    subprocess.run(["nft", "-f", "-"], check=True,
                   input=b"table inet t {\nchain c {\ntype filter hook input priority 0\ntcp dport 8124 drop\n}\n}\n")
    with open("/proc/sys/net/ipv4/tcp_syn_retries", "w", encoding="ascii") as file:
        file.write("2")  # SYNs at 0, 1 and 3 s; given up at 7 s
    process = watch("events", "--metrics=x.prom", "port 8124")
    client = subprocess.Popen([sys.executable, "-c", "import socket\nsocket.socket().connect_ex(('127.0.0.1', 8124))"])
    unanswered = 'flatline_open_connections{verdict="connect-unanswered"} %d\n'
    until("it tries", 15, lambda: unanswered % 1 in read("x.prom"))
    assert client.wait(20) == 0
    until("it is over", 15, lambda: unanswered % 0 in read("x.prom"))
    assert end(process) == 0
    assert "flatline_connections 1\n" in read("x.prom")
    subprocess.run(["nft", "delete", "table", "inet", "t"], check=True)


@test
def an_interface_that_is_away_is_not_up():
    process = watch("events", "--metrics=x.prom")
    until("it is up", 5, lambda: 'flatline_interface_up{interface="lo"} 1\n' in read("x.prom"))
    subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
    try:
        until("it is not", EVERY + 5, lambda: 'flatline_interface_up{interface="lo"} 0\n' in read("x.prom"))
    finally:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    assert end(process) == 0


def complaints():
    return [event["message"] for event in events("events") if event["event"] == "drops"]


@test
@slow
def a_file_that_cannot_be_written_is_told_once_until_it_can():
    make_folder("there")
    process = watch("events", "--metrics=there/x.prom")
    until("there is a page", 5, lambda: read("there/x.prom"))
    for count in (1, 2):
        os.rename("there", "away")
        until("it is told", EVERY + 5, lambda expected=count: len(complaints()) == expected)
        time.sleep(EVERY + 2)
        assert complaints() == ["there/x.prom: the metrics cannot be written: No such file or directory"] * count, complaints()
        os.rename("away", "there")
        before = os.stat("there/x.prom").st_ino
        until("it is written again", EVERY + 5, lambda inode=before: os.stat("there/x.prom").st_ino != inode)
        time.sleep(2)  # it is seen each second that this is well again
    assert end(process) == 0
    assert 'flatline_events_total{event="drops"} 2\n' in read("there/x.prom")


@test
def http_gives_what_is_asked_for():
    need_http()
    process = watch("events", LISTEN)
    answer, text = ask()
    assert answer.status == 200 and answer.getheader("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    assert text.endswith(LAST) and promtool(text, "check", "metrics").stdout == b""
    answer, text = ask(path="/metrics?name=x", Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert answer.status == 200
    assert answer.getheader("Content-Type") == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert text.endswith("\n# EOF\n") and "# TYPE flatline_frames counter\n" in text
    for path in ("/", "/metrics/", "/metrics2", "//metrics"):
        assert ask(path=path)[0].status == 404, path
    for method, body in (("POST", "a=b"), ("PUT", "x" * 1000000), ("DELETE", None), ("HEAD", None)):
        try:
            answer = ask(method, body=body)[0]
        except (BrokenPipeError, ConnectionResetError):
            assert method == "PUT"  # a body that large is not read
            continue
        assert answer.status == 405 and answer.getheader("Allow") == "GET", method
    try:
        assert ask(Large="x" * 100000)[0].status in (413, 431)
    except (BrokenPipeError, ConnectionResetError):
        pass
    # One connection for several scrapes, as Prometheus has it.
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    for _ in range(2):
        connection.request("GET", "/metrics")
        assert connection.getresponse().read().decode().endswith(LAST)
        kept = connection.sock
        assert kept
    connection.close()
    assert end(process) == 0


@test
def openmetrics_is_read_by_the_client_librarys_parser():
    need_http()
    process = watch("events", LISTEN)
    text = ask(Accept="application/openmetrics-text")[1]
    assert end(process) == 0
    for python in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run([python, "-c", PARSE], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        if b"ModuleNotFoundError" not in done.stderr:
            break
    else:
        raise Skip("no python3-prometheus-client")
    assert done.returncode == 0, done.stderr
    assert "flatline_events counter 9\n" in done.stdout.decode(), done.stdout
    families = re.findall(r"^# TYPE (\S+)", text, re.M)
    assert [line.split()[0] for line in done.stdout.decode().splitlines()] == families


@test
def clients_that_say_nothing_hold_up_nothing():
    need_http()
    process = watch("events", LISTEN, "port 9001")
    silent = []
    for begun in (b"", b"GET /metr", b"GET /metrics HTTP/1.1\r\nHost: x\r\n") * 8:
        silent.append(socket.create_connection(("127.0.0.1", PORT), timeout=5))
        silent[-1].sendall(begun)
    with Gateway():
        until("it is told", 15, lambda: events("events"))
        assert events("events")[0]["flow"]["verdict"]["id"] == "auth-unanswered"
    # They are left after ten seconds, sixteen at a time; then there is room for others.
    answer, text = ask_until_answered()
    assert answer.status == 200 and 'flatline_events_total{event="found"} 1\n' in text
    for one in silent:
        one.close()
    assert end(process) == 0


def ask_until_answered():
    for _ in range(2):
        try:
            return ask()
        except OSError:
            pass
    return ask()


@test
def a_client_that_reads_nothing_is_no_reason_to_stay():
    need_http()
    process = watch("events", LISTEN)
    hog = socket.socket()
    hog.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    hog.connect(("127.0.0.1", PORT))
    hog.setblocking(False)
    for _ in range(2000):
        try:
            hog.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        except BlockingIOError:
            break
    assert ask()[0].status == 200
    assert end(process) == 0
    hog.close()


@test
def ipv6_is_listened_on():
    need_http()
    process = watch("events", "--metrics-listen=[::1]:%d" % PORT)
    connection = http.client.HTTPConnection("::1", PORT, timeout=10)
    connection.request("GET", "/metrics")
    assert connection.getresponse().read().decode().endswith(LAST)
    connection.close()
    assert end(process) == 0


@test
def requests_that_cannot_be_met_are_refused():
    version = subprocess.run([FLATLINE, "--version"], stdout=subprocess.PIPE, check=True).stdout
    os.mkdir("folder")
    cases = [("--metrics=/nowhere/x.prom", b"/nowhere/x.prom: cannot be written: No such file"),
             ("--metrics=folder", b"folder: cannot be written: Is a directory"),
             ("--metrics=/dev/null", b"/dev/null: cannot be written: ")]
    if b"metrics over HTTP: yes" in version:
        cases += [("--metrics-listen=9810", b'like 127.0.0.1:9810 or [::1]:9810, not "9810"'),
                  ("--metrics-listen=192.0.2.1:9810", b"192.0.2.1:9810: cannot be listened on: ")]
    else:
        cases += [("--metrics-listen=127.0.0.1:9810", b"built without libmicrohttpd")]
    for argument, message in cases:
        done = subprocess.run([FLATLINE, "live", "-i", "lo", argument], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, timeout=10)
        assert done.returncode == 2 and message in done.stderr and done.stdout == b"", (argument, done)
    done = subprocess.run([FLATLINE, "--metrics=x.prom", "x.pcap"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2 and b"--metrics does not go with analyze" in done.stderr, done


if __name__ == "__main__":
    if sys.argv[1:] != ["inside"] and not missing():
        fetch()
    sys.exit(main())
