"""The lines that a report advises are copied by somebody in a hurry: in the reports of all captures C compiles without a
warning, Python compiles, and what is set by it is accepted by a socket; JavaScript and nft are checked where node and nft
are there. Tables are tables: each row has as many cells as its heading, and nothing is HTML. Usage: remedies.py"""
import glob
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading

SOURCE = os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FLATLINE = os.path.abspath(os.environ.get("FLATLINE") or os.path.join(SOURCE, "flatline"))
CAPTURES = sorted(glob.glob(os.path.join(SOURCE, "captures", "*", "*", "trace.pcap*")))
FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)\n\1$", re.S | re.M)
# Every remedy of a socket is in some capture; these are the languages.
LANGUAGES = ("c", "go", "ini", "java", "javascript", "python", "sh")

C = """#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int advised(int fd, const struct sockaddr *address, socklen_t length, void *buffer, size_t size);
int advised(int fd, const struct sockaddr *address, socklen_t length, void *buffer, size_t size)
{
	(void)fd, (void)address, (void)length, (void)buffer, (void)size;
	{
%s
	}
	return 0;
}
"""

# Products' libraries are not here; their calls are only to be Python.
PRODUCTS = ("await ", "redis.", "pymysql.", "pika.", "Cluster(", "session.", "client.", "websockets.", "stomp.", "Client(")


class Skip(Exception):
    pass


def reports():
    texts = {}
    for path in CAPTURES:
        process = subprocess.run([FLATLINE, "-f", "markdown", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                                 timeout=60)
        assert process.returncode == 0, "%s: exit status %d" % (path, process.returncode)
        texts[os.path.relpath(path, SOURCE)] = process.stdout.decode()
    return texts


REPORTS = reports()
SNIPPETS = sorted({(language, code) for text in REPORTS.values() for _, language, code in FENCE.findall(text)})


def of(language):
    found = [code for name, code in SNIPPETS if name == language]
    assert found, "no lines of %s in any report" % language
    return found


def run(command, name, text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        process = subprocess.run([*command, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    assert process.returncode == 0, "%s\n%s" % (text, process.stdout.decode())


def need(program):
    if not shutil.which(program):
        raise Skip("no " + program)


def all_languages_are_there():
    assert set(LANGUAGES) <= {name for name, _ in SNIPPETS}, sorted({name for name, _ in SNIPPETS})


def c_compiles():
    need("gcc")
    for code in of("c"):
        if "mysql_options" in code:
            continue
        run(["gcc", "-D_GNU_SOURCE", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c"], "advised.c", C % code)


def answer(other):
    """A peer that says something, takes all, and closes."""
    try:
        other.sendall(b"accepted")
        while other.recv(65536):
            pass
    except ConnectionError:
        pass
    other.close()


def python_runs():
    for code in of("python"):
        body = "".join("    %s\n" % line for line in code.split("\n"))
        text = "def advised():\n    global sock, data\n" + body
        if any(word in code for word in PRODUCTS):
            compile("async " + text, "advised.py", "exec")
            continue
        server = socket.create_server(("127.0.0.1", 0))
        names = {"socket": socket, "time": __import__("time"), "random": __import__("random"), "call": lambda: None,
                 "data": b"data", "login": b"login", "is_accepted": bool, "start_heartbeats": lambda sock: None,
                 "host": "127.0.0.1", "port": server.getsockname()[1]}
        names["sock"] = socket.create_connection(server.getsockname())
        peer = threading.Thread(target=answer, args=(server.accept()[0],), daemon=True)
        peer.start()
        if "listen(" in code:
            names["sock"].close()
            names["sock"] = socket.socket()
        first = names["sock"]
        exec(text + "advised()\n", names)  # pylint: disable=exec-used
        first.close()
        names["sock"].close()
        peer.join(5)
        server.close()


def javascript_parses():
    need("node")
    for code in of("javascript"):
        run(["node", "--check"], "advised.js", code + "\n")


def nft_takes_the_rules():
    need("nft")
    rules = [line for code in of("sh") for line in code.split("\n") if line.startswith("nft ")]
    assert rules, "no rule in any report"
    if os.geteuid() != 0:
        raise Skip("not root")
    text = "\n".join(line[len("nft "):].strip("'") for line in rules) + "\n"
    process = subprocess.run(["nft", "-c", "-f", "-"], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             check=False, timeout=60)
    if b"Operation not permitted" in process.stdout:
        raise Skip("nft may not look at rules here")
    assert process.returncode == 0, text + process.stdout.decode()


def cells(line):
    return len(re.findall(r"(?<!\\)\|", line))


def tables_are_tables():
    for name, text in REPORTS.items():
        lines = FENCE.sub("", text).split("\n")
        for number, line in enumerate(lines):
            if not line.startswith("|"):
                continue
            first = number
            while lines[first - 1].startswith("|"):
                first -= 1
            assert re.fullmatch(r"\|(-+:?\|)+", lines[first + 1]), "%s: %s" % (name, lines[first + 1])
            assert cells(line) == cells(lines[first]), "%s: %s" % (name, line)


def nothing_is_html():
    for name, text in REPORTS.items():
        plain = re.sub(r"`[^`\n]+`", "", FENCE.sub("", text))
        found = re.search(r"(?<!\\)[<&]", plain)
        assert not found, "%s: %s" % (name, plain[found.start() - 40:found.end() + 40])


TESTS = (all_languages_are_there, c_compiles, python_runs, javascript_parses, nft_takes_the_rules, tables_are_tables,
         nothing_is_html)

if __name__ == "__main__":
    print("1..%d" % len(TESTS))
    for index, test in enumerate(TESTS, 1):
        title = "%d - %s" % (index, test.__name__.replace("_", " "))
        try:
            test()
            print("ok " + title)
        except Skip as reason:
            print("ok %s # SKIP %s" % (title, reason))
        except Exception as error:  # pylint: disable=broad-except
            print("not ok " + title)
            print("# " + str(error).replace("\n", "\n# "))
