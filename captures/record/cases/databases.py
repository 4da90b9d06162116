"""PostgreSQL and MariaDB of Debian's packages, with their own clients: logins of several messages, accepted, rejected
and left without an answer; with MariaDB the server speaks first."""
import os
import re
import signal
import time

import lab as machine
from cases import case
from cases.errands import is_called
from cases.expect import calm, ensure, flows, healthy
from cases.services import is_rejected, one, said, waits
from lab import SERVER, sh
from trace import FIN, RST

POSTGRESQL = ("postgres", "initdb", "psql", "setpriv", "unshare")
MARIADB = ("mariadbd", "mariadb-install-db", "mariadb")
POSTGRESQL_PORT, MARIADB_PORT = "tcp port 5432", "tcp port 3306"
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
# PostgreSQL does not run as root.
AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
# Its processes are sessions of their own: one namespace of process ids ends them together, with its shared memory.
TOGETHER = ("unshare", "--pid", "--ipc", "--fork", "--kill-child")


def folder(lab, owner):
    """A new one for the server's data, which its user may reach."""
    os.chmod(lab.files.name, 0o711)
    path = os.path.join(lab.files.name, "data")
    sh("install", "-d", "-m", "700", "-o", owner, path)
    return path


def postgresql(lab):
    data = folder(lab, "postgres")
    password = os.path.join(lab.files.name, "password")
    with open(password, "w", encoding="utf-8") as file:
        file.write("right\n")
    sh(*AS_POSTGRES, machine.found("initdb"), "-D", data, "-U", "lamp", "--no-locale", "-E", "UTF8", "--no-sync",
       "--pwfile", password)
    with open(os.path.join(data, "pg_hba.conf"), "w", encoding="utf-8") as file:
        file.write("host all all 0.0.0.0/0 scram-sha-256\n")
    settings = ("listen_addresses=0.0.0.0", "unix_socket_directories=", "log_line_prefix=", "max_connections=10",
                "shared_buffers=4MB", "ssl=off")
    server = lab.real("server", "postgres", *TOGETHER, *AS_POSTGRES, machine.found("postgres"), "-D", data,
                      *[word for setting in settings for word in ("-c", setting)],
                      tell="starting Post.*|listening.*|database system is ready.*|FATAL.*|DETAIL.*")
    server.wait_for("ready to accept connections")
    return server


def psql(lab, password, options, *words, typed=()):
    return lab.real("client", "psql", "env", "PGPASSWORD=" + password, "psql", "-w", "-X", "-A", "-t",
                    "host=%s user=lamp dbname=postgres %s" % (SERVER, options), *words, typed=typed)


def postgresql_rejected(trace):
    calm(trace, 1)
    flow = trace.flow()
    proofs = [segment for segment in flow.data("client") if segment.payload[:1] == b"p"]
    no = one(flow, "server", b"C28P01\0")
    ensure(len(proofs) == 2 and no.payload[:1] == b"E" and b"SCRAM-SHA-256" in proofs[0].payload, "SCRAM")
    return flows(is_rejected(flow, [flow.data("client")[0]] + proofs, no))


@case("auth-rejected/postgresql-wrong-password", seconds=8, title="ErrorResponse 28P01", needs=POSTGRESQL,
      filter=POSTGRESQL_PORT, expect=postgresql_rejected, story="""PostgreSQL asks for a password (SCRAM-SHA-256). psql
      has a wrong one, and its proof fails: it is told so (28P01), and both close.""")
def postgresql_wrong(lab):
    postgresql(lab)
    psql(lab, "wrong", "sslmode=disable", "-c", "SELECT 1").wait_for("^.* ended with")
    time.sleep(0.5)


# The second query is the slowest before the one of 6 s: an answer is not late before it takes four times as long.
QUERIES = (("0.4", "SELECT now();"), ("0.8", "SELECT pg_sleep(1.9);"),
           ("3", "CREATE TEMP TABLE lamp (id int, lit bool);"),
           ("0.2", "INSERT INTO lamp SELECT n, n % 3 = 0 FROM generate_series(1, 40) n;"),
           ("1.1", "SELECT pg_sleep(6);"), ("7.5", "SELECT count(*) FROM lamp WHERE lit;"),
           ("0.3", "TABLE lamp LIMIT 5;"), ("1.4", ""))


def takes(flow, words):
    """For how long this query had no answer."""
    asked = one(flow, "client", words)
    return next(segment for segment in flow.data("server") if segment.at > asked.at).at - asked.at


def session(trace):
    flow = trace.flow()
    ensure(said(flow, "client")[-5:] == b"X\0\0\0\x04" and b"R\0\0\0\x08\0\0\0\0" in said(flow, "server"), "the login")
    before, long = takes(flow, b"pg_sleep(1.9)"), takes(flow, b"pg_sleep(6)")
    ensure(1.8 < before < 2.2 and 5.9 < long < 4 * before, "queries of %.3f s and %.3f s" % (before, long))
    return healthy("closed", "fin")(trace)


@case("healthy/postgresql-session", seconds=24, title="queries of some milliseconds, of 1.9 s and of 6 s",
      needs=POSTGRESQL, filter=POSTGRESQL_PORT, expect=session, story="""PostgreSQL asks for a password
      (SCRAM-SHA-256), and psql has it. Queries are typed into it at an uneven pace: most take no time, one 1.9 s and
      one 6 s, and each is answered. Then its input ends; it says so (Terminate) and closes.""")
def postgresql_session(lab):
    postgresql(lab)
    psql(lab, "right", "sslmode=disable", typed=QUERIES).wait_for("^.* ended with", 40)
    time.sleep(0.5)


def no_answer(request):
    """The first message was ACKed, and nothing came back until the client gave up."""
    def expect(trace):
        calm(trace, 1)
        flow = trace.flow()
        asked, fin = flow.data("client"), flow.first("client", FIN)
        ensure(len(asked) == 1 and request(asked[0].payload) and flow.acked("client"), "the client's first message")
        ensure(not flow.bytes("server") and not flow.first("server", FIN | RST), "the server sent something")
        ensure(11 < fin.at - asked[0].at < 14, "it waited for %.3f s" % (fin.at - asked[0].at))
        return flows(waits(flow, asked[0], end="fin", **{"verdict.noticed": fin.moment()}))
    return expect


GIVES_UP = """Its kernel completes psql's connection and ACKs its first message (%s), which no process ever reads.
After 12 s (connect_timeout) psql gives up and closes: FIN."""


def postgresql_stopped(lab, options):
    postgresql(lab).signal(signal.SIGSTOP)
    lab.note("SIGSTOP to the postmaster: it listens, and nobody has connected")
    psql(lab, "right", "connect_timeout=12 " + options, "-c", "SELECT 1").wait_for("^.* ended with", 40)
    time.sleep(1)


@case("auth-unanswered/postgresql-hangs", seconds=18, title="StartupMessage is ACKed and never answered",
      needs=POSTGRESQL, filter=POSTGRESQL_PORT, expect=no_answer(lambda said: said[4:8] == b"\0\x03\0\0"),
      story="The postmaster hangs (SIGSTOP) before anybody connects. " + GIVES_UP % "StartupMessage")
def postgresql_hangs(lab):
    postgresql_stopped(lab, "sslmode=disable")


@case("auth-unanswered/postgresql-hangs-sslrequest", seconds=18, title="SSLRequest is ACKed and never answered",
      needs=POSTGRESQL, filter=POSTGRESQL_PORT, expect=no_answer(lambda said: said == SSL_REQUEST),
      story="The postmaster hangs (SIGSTOP) before anybody connects. " + GIVES_UP % "SSLRequest")
def postgresql_hangs_ssl(lab):
    postgresql_stopped(lab, "sslmode=prefer")


def late_answer(trace):
    calm(trace, 1)
    flow = trace.flow()
    ensure(5.9 < takes(flow, b"pg_sleep(6)") < 6.5 and said(flow, "client")[-5:] == b"X\0\0\0\x04", "the query")
    return flows(is_called(flow, "degraded", "warning", "server", end="fin"))


@case("degraded/postgresql-slow-query", seconds=16, title="6 s where the others took some milliseconds",
      needs=POSTGRESQL, filter=POSTGRESQL_PORT, expect=late_answer, story="""PostgreSQL asks for a password
      (SCRAM-SHA-256), and psql has it. Queries are typed into it; each takes some milliseconds, and one takes 6 s. All
      are answered. Then its input ends; it says so (Terminate) and closes.""")
def postgresql_slow(lab):
    postgresql(lab)
    psql(lab, "right", "sslmode=disable", typed=QUERIES[:1] + QUERIES[2:]).wait_for("^.* ended with", 40)
    time.sleep(0.5)


def mariadb(lab):
    data = folder(lab, "root")
    # Two of them remove each other's tables from one folder of temporary files.
    small = ("--user=root", "--datadir=" + data, "--tmpdir=" + lab.files.name, "--innodb-log-file-size=4M")
    sh("mariadb-install-db", "--no-defaults", "--skip-test-db", *small)
    users = os.path.join(lab.files.name, "users.sql")
    with open(users, "w", encoding="utf-8") as file:
        file.write("CREATE DATABASE street;\nCREATE USER lamp IDENTIFIED BY 'right';\nGRANT ALL ON street.* TO lamp;\n")
    server = lab.real("server", "mariadbd", "mariadbd", "--no-defaults", *small, "--init-file=" + users, "--port=3306",
                      "--bind-address=0.0.0.0", "--skip-name-resolve", "--socket=" + os.path.join(data, "socket"),
                      "--pid-file=" + os.path.join(data, "pid"), tell="ready for connections.*|Version:.*")
    server.wait_for("Version")
    return server


def client(lab, password, *words, typed=()):
    return lab.real("client", "mariadb", "mariadb", "--no-defaults", "-h", SERVER, "-u", "lamp", "-p" + password,
                    "--skip-ssl", *words, typed=typed)


def mysql_rejected(trace):
    calm(trace, 1)
    flow = trace.flow()
    greeting, no, login = flow.data("server")[0], one(flow, "server", b"\xff\x15\x04#28000"), flow.data("client")[0]
    ensure(greeting.payload[3:5] == b"\0\x0a" and greeting.at < login.at and login.payload[3] == 1, "the greeting")
    return flows(is_rejected(flow, flow.data("client"), no))


@case("auth-rejected/mysql-access-denied", seconds=10, title="ERR 1045", needs=MARIADB, filter=MARIADB_PORT,
      expect=mysql_rejected, story="""MariaDB greets whoever connects. The client answers with a login of a wrong
      password, is told that access is denied (error 1045), and both close.""")
def mysql_wrong(lab):
    mariadb(lab)
    client(lab, "wrong", "-e", "SELECT 1").wait_for("^.* ended with")
    time.sleep(0.5)


COMMANDS = (("0.4", "USE street;"), ("0.7", "CREATE TABLE lamp (id INT PRIMARY KEY, lit BOOL);"),
            ("0.1", "INSERT INTO lamp VALUES (1, TRUE), (2, FALSE), (3, TRUE);"), ("2.3", "SELECT * FROM lamp;"),
            ("0.9", "SELECT SLEEP(1.2);"), ("3.4", "SELECT COUNT(*) FROM lamp WHERE lit;"), ("0.6", "DROP TABLE lamp;"),
            ("1.5", ""))


def mysql_session(trace):
    flow = trace.flow()
    ensure(flow.data("server")[1].payload[3:5] == b"\2\0" and said(flow, "client")[-5:] == b"\1\0\0\0\1", "OK and quit")
    return healthy("closed", "fin")(trace)


@case("healthy/mysql-session", seconds=18, title="greeted, logged in, queries, COM_QUIT", needs=MARIADB,
      filter=MARIADB_PORT, expect=mysql_session, story="""MariaDB greets whoever connects. The client logs in with the
      right password. Queries are typed into it at an uneven pace; each is answered, one after 1.2 s. Then its input
      ends; it says so (COM_QUIT) and closes.""")
def mysql_well(lab):
    mariadb(lab)
    client(lab, "right", typed=COMMANDS).wait_for("^.* ended with", 40)
    time.sleep(0.5)


def greeted(lab):
    """Waits until the greeting has left the server's host, which takes a while to be at the client's."""
    for _ in range(2000):
        if re.search(r"bytes_sent:[1-9]", lab.inside("server", "ss", "-tniH", "state", "established", "sport = :3306")):
            return
        time.sleep(0.005)
    raise RuntimeError("mariadbd greeted nobody")


def login_unanswered(trace):
    calm(trace, 1)
    flow = trace.flow()
    greeting, login, fin = flow.data("server"), flow.data("client"), flow.first("client", FIN)
    ensure(len(greeting) == len(login) == 1 and greeting[0].at < login[0].at and flow.acked("client"), "the messages")
    ensure(not flow.first("server", FIN | RST) and fin.at - login[0].at > 11, "how long it waited")
    return flows(waits(flow, login[0], end="fin", **{"verdict.noticed": fin.moment()}))


@case("auth-unanswered/mysql-hangs-after-greeting", seconds=24, title="greeted; the login is ACKed and never answered",
      needs=MARIADB + ("ss",), filter=MARIADB_PORT, network={"rtt_ms": 400}, expect=login_unanswered,
      story="""The server is far away. MariaDB accepts the client's connection, greets it, and hangs (SIGSTOP)
      while the greeting is on its way. The client logs in; the server's kernel ACKs the login, which no process ever
      reads. After 12 s (connect-timeout) the client gives up and closes: FIN.""")
def mysql_hangs(lab):
    server = mariadb(lab)
    asker = client(lab, "right", "--connect-timeout=12", "-e", "SELECT 1")
    greeted(lab)
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to mariadbd: its greeting has left")
    asker.wait_for("^.* ended with", 40)
    time.sleep(1)


def never_greeted(trace):
    """The server owes the greeting from the moment when the connection was made: at the third segment."""
    calm(trace, 1)
    flow = trace.flow()
    fin = flow.first("client", FIN)
    ensure(not flow.data("server") and not flow.data("client"), "somebody said something")
    ensure(not flow.first("server", FIN | RST) and fin.at - flow.segments[0].at > 11, "how long it waited")
    first = flow.segments[0].frame
    return flows(is_called(flow, "auth-unanswered", "critical", "server", "application", end="fin",
                           **{"verdict.onset_frame": {"one_of": [first, first + 1, first + 2]},
                              "verdict.noticed": fin.moment()}))


@case("auth-unanswered/mysql-never-greets", seconds=24, title="connected, and the server, which is to speak first, is mute",
      needs=MARIADB, filter=MARIADB_PORT, expect=never_greeted,
      story="""MariaDB greets whoever connects; it hangs (SIGSTOP) before the client does. Its kernel makes the
      connection all the same. The client waits for the greeting and has nothing to say before it; after 12 s
      (connect-timeout) it gives up and closes: FIN.""")
def mysql_mute(lab):
    server = mariadb(lab)
    server.signal(signal.SIGSTOP)
    lab.note("SIGSTOP to mariadbd: nobody has connected yet")
    asker = client(lab, "right", "--connect-timeout=12", "-e", "SELECT 1")
    asker.wait_for("^.* ended with", 40)
    time.sleep(1)
