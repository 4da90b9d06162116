"""`flatline report --evidence`: each file shows the same failure as the capture it is cut from, says so in words that
tshark prints, and holds nothing of what anybody said; with --anonymize nobody's address either. Usage: evidence.py"""
import collections
import glob
import gzip
import ipaddress
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FLATLINE = os.path.abspath(os.environ.get("FLATLINE") or os.path.join(SOURCE, "flatline"))
CAPTURES = os.path.join(os.path.abspath(SOURCE), "captures")
PROFILES = os.path.join(os.path.abspath(SOURCE), "src", "profiles", "*.json")
TESTS = []

# Goldens whose evidence reads as something else, with the reason; none is known.
DIFFERENT = {}


class Skip(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def capture(name):
    return glob.glob(os.path.join(CAPTURES, name, "trace.pcap*"))[0]


HANG = capture("auth-unanswered/gateway-hang")
GOLDENS = sorted(glob.glob(os.path.join(CAPTURES, "*", "*", "trace.pcap*")))


def name_of(trace):
    return "/".join(trace.split(os.sep)[-3:-1])


def run(*arguments, **more):
    """Exit status, standard output, standard error."""
    process = subprocess.run([FLATLINE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=120,
                             **more)
    return process.returncode, process.stdout.decode(), process.stderr.decode()


def evidence(folder, *arguments):
    """The files that were written, by name; what the program says are just those."""
    status, text, error = run("report", "--evidence", folder, *arguments)
    assert (status, error) == (0, ""), (status, error)
    names = sorted(os.listdir(folder))
    assert sorted(text.splitlines()) == [os.path.join(folder, name) for name in names], (text, names)
    return {name: os.path.join(folder, name) for name in names}


def flows(path):
    return json.loads(run("--format", "json", path)[1])["flows"]


def verdict(flow):
    return flow["verdict"]["id"], flow["verdict"]["severity"], flow["verdict"]["side"]


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)
    return name


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return file.read()


KEY = write(os.path.join(tempfile.mkdtemp(), "key"), b"a key for tests, no secret")

Packet = collections.namedtuple("Packet", "link time length bytes comment")


def options_of(data):
    at, found = 0, {}
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            break
        found.setdefault(code, data[at + 4:at + 4 + length])
        at += 4 + (length + 3) // 4 * 4
    return found


def pcapng(path):
    """(options of the section, packets) of a file as the program writes it."""
    data, at, links, packets, section = read(path), 0, [], [], {}
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + size - 4]
        assert struct.unpack_from("<I", data, at + size - 4)[0] == size and size % 4 == 0
        if kind == 0x0a0d0d0a:
            section = options_of(body[16:])
        elif kind == 1:
            links.append(struct.unpack_from("<H", body)[0])
            assert options_of(body[8:]) == {9: b"\x09"}, body
        elif kind == 6:
            interface, high, low, caplen, length = struct.unpack_from("<IIIII", body)
            more = options_of(body[20 + (caplen + 3) // 4 * 4:])
            packets.append(Packet(links[interface], high << 32 | low, length, body[20:20 + caplen], more.get(1, b"").decode()))
        at += size
    return section, packets


def pcap(path):
    """Packets of a classic little-endian capture."""
    data, at, packets = read(path), 24, []
    magic, link = struct.unpack_from("<I16xI", data)
    unit = {0xa1b2c3d4: 1000, 0xa1b23c4d: 1}[magic]
    while at < len(data):
        seconds, fraction, caplen, length = struct.unpack_from("<IIII", data, at)
        packets.append(Packet(link, seconds * 10 ** 9 + fraction * unit, length, data[at + 16:at + 16 + caplen], ""))
        at += 16 + caplen
    return packets


def layers(packet):
    """(where IP begins, its source and target, protocol, where the payload of TCP begins); None for the rest."""
    data, start, kind = packet.bytes, {1: 14, 113: 16, 276: 20, 101: 0}[packet.link], None
    if packet.link == 1:
        kind = data[12:14]
        while kind in (b"\x81\x00", b"\x88\xa8"):
            kind, start = data[start + 2:start + 4], start + 4
    elif packet.link == 276:
        kind = data[:2]
    elif packet.link == 113:
        kind = data[14:16]
    if kind in (b"\x08\x00", None) and data[start:start + 1] and data[start] >> 4 == 4:
        inner, protocol, ends = start + (data[start] & 15) * 4, data[start + 9], (data[start + 12:start + 16],
                                                                                  data[start + 16:start + 20])
    elif kind in (b"\x86\xdd", None) and data[start:start + 1] and data[start] >> 4 == 6:
        inner, protocol, ends = start + 40, data[start + 6], (data[start + 8:start + 24], data[start + 24:start + 40])
    else:
        return start, (), 0, None
    behind = inner + (data[inner + 12] >> 4) * 4 if protocol == 6 and len(data) > inner + 12 else None
    return start, ends, protocol, behind


def payload(packet):
    behind = layers(packet)[3]
    return packet.bytes[behind:] if behind else b""


def windows():
    """Four bytes in a row that profiles prescribe, as (value, mask)."""
    found = set()
    for path in glob.glob(PROFILES):
        text = re.sub(r"/\*.*?\*/", "", read(path).decode(), flags=re.S)
        for message in json.loads(text)["messages"]:
            for form in ("starts", "has", "bytes", "has_bytes"):
                if form not in message:
                    continue
                if form.endswith("bytes"):
                    digits = message[form].replace(" ", "")
                    value = bytes.fromhex(digits.replace(".", "0"))
                    mask = bytes.fromhex(re.sub("[0-9a-f]", "f", digits.lower()).replace(".", "0"))
                else:
                    value = message[form].encode()
                    mask = b"\xff" * len(value)
                found.update((value[i:i + 4], mask[i:i + 4]) for i in range(len(value) - 3))
    assert len(found) > 100
    return found


def grams(data):
    return {data[i:i + 4] for i in range(len(data) - 3)}


def is_prescribed(gram, prescribed):
    return gram == bytes(4) or any(all(g & m == v for g, v, m in zip(gram, value, mask)) for value, mask in prescribed)


def mapping(original, files):
    """The original flow of each file of a flow, and the flow of the file that is to be it."""
    for name, path in files.items():
        if not name.startswith("flow-"):
            continue
        was = original[int(name.split("-")[1])]
        ports = sorted((was["client"]["port"], was["server"]["port"]))
        found = [flow for flow in flows(path) if flow["first"] == was["first"] and
                 sorted((flow["client"]["port"], flow["server"]["port"])) == ports]
        assert len(found) == 1, "%s: %d flows" % (name, len(found))
        yield name, path, was, found[0]


def leave_out_where_slow():
    """All goldens are gone through once (see HACKING, FLATLINE_LAB)."""
    if os.environ.get("FLATLINE_LAB") in ("few", "no"):
        raise Skip("it takes long (FLATLINE_LAB)")


def each_golden():
    """(name, trace, original flows by id, plain files, anonymous files)"""
    for trace in GOLDENS:
        original = {flow["id"]: flow for flow in flows(trace)}
        with tempfile.TemporaryDirectory() as folder:
            plain, hidden = os.path.join(folder, "plain"), os.path.join(folder, "hidden")
            yield (name_of(trace), trace, original, evidence(plain, trace),
                   evidence(hidden, "--anonymize=" + KEY, trace))


def check_verdicts(name, original, files):
    wrong = []
    for file, _, was, now in mapping(original, files):
        if verdict(was) != verdict(now) and (name, file) not in DIFFERENT:
            wrong.append("%s, %s: %s is %s" % (name, file, verdict(was), verdict(now)))
    expected = sum(flow["verdict"]["severity"] != "ok" for flow in original.values())
    count = sum(file.startswith("flow-") for file in files)
    if count != min(expected, 20):
        wrong.append("%s: %d files of %d flows that are not well" % (name, count, expected))
    return wrong


def addresses(trace, original):
    """As bytes and as text: all that name somebody in the trace."""
    raw, text = set(), set()
    for flow in original.values():
        for side in ("client", "server"):
            text.add(flow[side]["address"])
            raw.add(ipaddress.ip_address(flow[side]["address"]).packed)
    for packet in pcap(trace):
        raw.update(layers(packet)[1])
        if packet.link == 1:
            raw.update(mac for mac in (packet.bytes[:6], packet.bytes[6:12]))
    groups = (b"\xff" * 6, b"\x01\x00\x5e", b"\x33\x33", b"\xff\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
    return {one for one in raw if not one.startswith(groups) and any(one)}, text


def check_nobody(name, trace, original, files):
    raw, text = addresses(trace, original)
    wrong = []
    for file, path in files.items():
        data = read(path)
        wrong += ["%s, %s: %s" % (name, file, one.hex()) for one in raw if one in data]
        wrong += ["%s, %s: %s" % (name, file, one) for one in text
                  if re.search(rb"(?<![0-9a-f.:])%s(?![0-9a-f])" % re.escape(one).encode(), data) or one in file]
        if b"trace.pcap" in data or os.uname().nodename.encode() in data:
            wrong.append("%s, %s: the name of a file or a host" % (name, file))
    return wrong


def check_unsaid(name, trace, files, prescribed):
    said = set().union(*(grams(payload(packet)) for packet in pcap(trace)))
    wrong = []
    for file, path in files.items():
        for packet in pcapng(path)[1]:
            shown = payload(packet)
            wrong += ["%s, %s: %r" % (name, file, gram) for gram in grams(shown) & said if not is_prescribed(gram, prescribed)]
            if packet.bytes[len(packet.bytes) - len(shown):] != shown or len(shown) > 256:
                wrong.append("%s, %s: %d bytes behind a header" % (name, file, len(shown)))
    return wrong


@test
def every_golden_keeps_its_verdicts_and_its_secrets():
    leave_out_where_slow()
    prescribed, wrong, count = windows(), [], 0
    for name, trace, original, plain, hidden in each_golden():
        wrong += check_verdicts(name, original, plain) + check_verdicts(name + ", anonymous", original, hidden)
        wrong += check_nobody(name, trace, original, hidden)
        wrong += check_unsaid(name, trace, plain, prescribed) + check_unsaid(name, trace, hidden, prescribed)
        count += len(plain)
        assert len(plain) == len(hidden), name
    assert count > 150 and not wrong, "%d files; %s" % (count, "\n".join(wrong[:20]))


def tshark(path, *arguments):
    process = subprocess.run(["tshark", "-n", "-r", path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             check=False)
    problems = [line for line in process.stderr.decode().splitlines() if "Running as user" not in line]
    assert process.returncode == 0 and not problems, (path, problems)
    return process.stdout.decode()


# One of each verdict, and those of protocols that tshark dissects.
PROTOCOLS = re.compile(r"mqtt|postgres|redis|mysql|nats|amqp|kafka|ldap|websocket|http|sip|ipv6|icmp|arp|host-gone")
FIRSTS = {trace.split(os.sep)[-3]: trace for trace in reversed(GOLDENS)}
SEEN_BY_TSHARK = [trace for trace in GOLDENS if trace in FIRSTS.values() or PROTOCOLS.search(name_of(trace))]


@test
def tshark_opens_it_and_prints_the_comments():
    if not shutil.which("tshark"):
        raise Skip("no tshark")
    count = comments = 0
    for number, trace in enumerate(SEEN_BY_TSHARK):
        with tempfile.TemporaryDirectory() as folder:
            for name, path in evidence(folder, *(["--anonymize=" + KEY] if number % 2 else []), trace).items():
                broken = '_ws.malformed or _ws.expert.group == "Malformed" or ip.checksum.status == "Bad"'
                checks = ("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")
                found = tshark(path, *checks, "-Y", broken, "-T", "fields", "-e", "frame.number", "-e", "_ws.col.Info")
                assert found == "", (name_of(trace), name, found)
                found = tshark(path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.number", "-e", "frame.comment")
                ours = [(str(i), packet.comment) for i, packet in enumerate(pcapng(path)[1], 1) if packet.comment]
                assert [tuple(line.split("\t")) for line in found.splitlines()] == [
                    (number, comment.replace("\n", "\\n")) for number, comment in ours], (name_of(trace), name, found, ours)
                count += 1
                comments += len(ours)
    assert count > 40 and comments > 100, (count, comments)


@test
def it_says_what_it_shows():
    files = evidence("said", HANG)
    assert list(files) == ["flow-0-auth-unanswered.pcapng"], files
    section, packets = pcapng(files["flow-0-auth-unanswered.pcapng"])
    comment = section[1].decode()
    assert section[4].decode().startswith("flatline 0."), section
    flow = flows(HANG)[0]
    for words in ("flow 0: 10.1.0.2:", "-> 10.1.0.9:9001\n", "verdict: auth-unanswered (critical), side: server, confidence: ",
                  "since " + flow["verdict"]["onset"] + ", frame 4\n", flow["verdict"]["summary"],
                  "from " + os.path.basename(HANG),
                  "Of this file alone flatline says the same."):
        assert words in comment, (words, comment)
    marked = [packet.comment for packet in packets if packet.comment]
    assert marked[0].startswith("flatline: login sent, 64 bytes; ACKed after "), marked
    assert "\nflatline: here begins auth-unanswered (critical): " in marked[0], marked
    assert marked[0].endswith(" [frame 4 of %s]" % os.path.basename(HANG)), marked
    # Frames keep link, time, and the length that they had.
    was = pcap(HANG)
    assert [(p.link, p.time, p.length) for p in packets] == [(p.link, p.time, p.length) for p in was if layers(p)[2] == 6]
    assert all(len(packet.bytes) <= 66 + 20 for packet in packets)


@test
def what_others_say_of_it_is_there():
    trace = capture("unreachable/host-gone")
    for arguments in ((), ("--anonymize=" + KEY,)):
        (path,) = [path for name, path in evidence("notices" + str(len(arguments)), *arguments, trace).items()
                   if name.startswith("flow-")][:1]
        protocols = [layers(packet)[2] for packet in pcapng(path)[1]]
        assert 1 in protocols and 6 in protocols, protocols
    asks = [trace for trace in GOLDENS if any(p.link == 1 and p.bytes[12:14] == b"\x08\x06" for p in pcap(trace))]
    found = False
    for trace in asks:
        with tempfile.TemporaryDirectory() as folder:
            for path in evidence(folder, "--anonymize=" + KEY, trace).values():
                found |= any(packet.bytes[12:14] == b"\x08\x06" for packet in pcapng(path)[1] if packet.link == 1)
        if found:
            return
    assert not asks, "no ARP message is in any evidence"


# It is told by more connections than a file shows.
TOO_LARGE = ("time-wait-pressure",)


def shows_the_same(folder, names, incident):
    paths = [os.path.join(folder, name) for name in names]
    return any("flatline says the same" in pcapng(path)[0][1].decode() and incident["id"] in [
        found["id"] for found in json.loads(run("--format", "json", path)[1])["incidents"]] for path in paths)


@test
def an_incident_has_a_file_of_its_own():
    leave_out_where_slow()
    for arguments, named in (((), True), (("--anonymize=" + KEY,), False)):
        seen = 0
        for trace in GOLDENS:
            incidents = json.loads(run("--format", "json", trace)[1])["incidents"]
            if not any(incident["flows"] for incident in incidents):
                continue
            with tempfile.TemporaryDirectory() as folder:
                files = evidence(folder, *arguments, trace)
                for incident in incidents:
                    names = [name for name in files if name.startswith(incident["id"] + "-")]
                    assert bool(names) == bool(incident["flows"]), (name_of(trace), incident, files)
                    comment = pcapng(files[names[0]])[0][1].decode() if names else ""
                    assert not names or comment.startswith("incident: %s, " % incident["id"]), comment
                    assert not names or incident["id"] in TOO_LARGE or shows_the_same(folder, names, incident), (
                        name_of(trace), incident, comment)
                    if named and names:
                        assert any(re.sub("[^A-Za-z0-9._]", "-", incident["subject"]) in name for name in names), names
                seen += 1
        assert seen > 5, seen


def ipv4_tcp(number, at, is_client, port, seq, ack, flags, said=b""):
    ends = (10, 9, 8, 1), (10, 9, 8, 2)
    source, target = (ends, ends[::-1])[not is_client]
    ports = (40000, port)[::1 if is_client else -1]
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 1000, number & 0xffff, 0) + said
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), number & 0xffff, 0x4000, 64, 6, 0) + bytes(source + target)
    frame = bytes(12) + b"\x08\x00" + header + tcp
    return struct.pack("<IIII", 1700000000 + at // 1000, at % 1000 * 1000, len(frame), len(frame)) + frame


def conversation(path, count, seed):
    """`count` requests that are answered, and ten that are not; what they say is chance."""
    chance = random.Random(seed)
    turns = [(is_client, chance.randbytes(40 + 20 * (not is_client))) for _ in range(count) for is_client in (True, False)]
    return dialogue(path, turns + [(True, chance.randbytes(40)) for _ in range(10)], 7777)


def dialogue(path, turns, port):
    """Each that nobody answers is ACKed, and 5 s later comes the next one."""
    records, at, numbers = [], 0, [1000, 5000]

    def send(is_client, flags, said=b""):
        nonlocal at
        at += 1
        own, other = numbers[not is_client], numbers[is_client]
        records.append(ipv4_tcp(len(records), at, is_client, port, own, other if flags & 0x10 else 0, flags, said))
        numbers[not is_client] += len(said) + (flags & 2 > 0)

    send(True, 0x02)
    send(False, 0x12)
    send(True, 0x10)
    for number, (is_client, said) in enumerate(turns):
        send(is_client, 0x18, said)
        if number + 1 == len(turns) or turns[number + 1][0] == is_client:
            send(not is_client, 0x10)
            at += 5000
    return write(path, struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b"".join(records))


def refused_login(path, seed):
    """What Redis prescribes, and around it chance."""
    chance = random.Random(seed)
    return dialogue(path, [(True, b"*2\r\n$4\r\nAUTH\r\n$20\r\n" + chance.randbytes(20) + b"\r\n"),
                           (False, b"-WRONGPASS " + chance.randbytes(30) + b"\r\n"), (True, chance.randbytes(40)),
                           (False, b"-NOAUTH " + chance.randbytes(30) + b"\r\n")], 6379)


@test
def nothing_that_was_said_changes_a_byte():
    for make, named in ((lambda path, seed: conversation(path, 50, seed), "flow-0-"), (refused_login, "flow-0-auth-rejected")):
        made = []
        for seed in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                files = evidence(os.path.join(folder, "evidence"), make(os.path.join(folder, "it.pcap"), seed))
                assert len(files) == 1 and list(files)[0].startswith(named), files
                made.append({name: read(path) for name, path in files.items()})
        assert made[0] == made[1], "the evidence depends on the payload"
    assert b"-WRONGPASS " in list(made[0].values())[0], "what tells the verdict is not there"


@test
def a_long_connection_is_shown_in_part():
    path = conversation("long.pcap", 3000, 3)
    (name, file), = evidence("long", path).items()
    section, packets = pcapng(file)
    comment = section[1].decode()
    assert 400 <= len(packets) < 600, len(packets)
    assert re.search(r"Of the 6023 packets of flow 0 \d+ are not here", comment), comment
    left = int(re.search(r"flow 0 (\d+) are not", comment).group(1))
    assert left == 6023 - len(packets), (left, len(packets))
    times, was = [packet.time for packet in packets], [packet.time for packet in pcap(path)]
    assert times[:200] == was[:200] and times[-200:] == was[-200:] and times == sorted(times), name
    # What is decisive is there with what lies around it, also in the middle.
    ping = [(True, b"*1\r\n$4\r\nPING\r\n"), (False, b"+PONG\r\n")]
    refused_one = [(True, b"*2\r\n$4\r\nAUTH\r\n$4\r\nopen\r\n"), (False, b"-WRONGPASS it is not that\r\n")]
    after = [(True, b"*1\r\n$4\r\nINFO\r\n"), (False, b"-NOAUTH log in first\r\n")]
    path = dialogue("middle.pcap", ping * 700 + refused_one + after * 1000, 6379)
    (name, file), = evidence("middle", path).items()
    packets, was = pcapng(file)[1], [packet.time for packet in pcap(path)]
    onset = flows(path)[0]["verdict"]["onset_frame"]
    assert onset == 3 + 2 * 701, onset
    assert any("here begins" in packet.comment and "[frame %d of middle.pcap]" % onset in packet.comment for packet in packets)
    times = {packet.time for packet in packets}
    assert set(was[onset - 6:onset + 5]) <= times and not set(was[onset - 40:onset - 10]) <= times, name
    # One with no more than that is shown whole.
    path = conversation("short.pcap", 900, 3)
    (_, file), = evidence("short", path).items()
    assert len(pcapng(file)[1]) == len(pcap(path)) == 1823


@test
def the_same_key_gives_the_same_file():
    other = write("another-key", b"another key of that kind")
    first, again = evidence("first", "--anonymize=" + KEY, HANG), evidence("again", "--anonymize=" + KEY, HANG)
    changed, anyhow = evidence("changed", "--anonymize=" + other, HANG), evidence("anyhow", "--anonymize", HANG)
    files = [{name: read(path) for name, path in made.items()} for made in (first, again, changed, anyhow)]
    assert files[0] == files[1] and files[0] != files[2] and files[2] != files[3] != files[0]
    assert len(files[0]) == 1, files
    for environment in ({"TZ": "Pacific/Kiritimati"}, {"LC_ALL": "C", "LANG": "tr_TR"}, {"HOME": "/nowhere"}):
        shutil.rmtree("again")
        run("report", "--evidence", "again", "--anonymize=" + KEY, HANG, env=dict(os.environ, **environment))
        assert {name: read(path) for name, path in again.items()} == files[0], environment


def refused(status, word, *arguments, **more):
    found = run("report", *arguments, **more)
    assert found[0] == status and word in found[2] and found[1] == "", (arguments, found)
    return found[2]


@test
def a_directory_that_cannot_be_is_an_error():
    write("file", b"")
    refused(3, "file: evidence cannot be written there: Not a directory", "--evidence", "file", HANG)
    refused(3, "No such file or directory", "--evidence", "not/there", HANG)
    refused(3, "/proc/evidence: ", "--evidence", "/proc/evidence", HANG)
    if os.geteuid() != 0:
        os.mkdir("locked", 0o555)
        refused(3, "locked: evidence cannot be written there: Permission denied", "--evidence", "locked", HANG)
    # The name is taken by what is no file.
    os.makedirs("taken/flow-0-auth-unanswered.pcapng")
    refused(3, "taken/flow-0-auth-unanswered.pcapng: cannot be written: Is a directory", "--evidence", "taken", HANG)
    assert os.listdir("taken") == ["flow-0-auth-unanswered.pcapng"], "something was left behind"


@test
def a_full_disk_is_an_error_and_leaves_what_was():
    os.mkdir("full")
    write("full/flow-0-auth-unanswered.pcapng", b"old")

    def small():
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    refused(3, "full/flow-0-auth-unanswered.pcapng: cannot be written: File too large", "--evidence", "full", HANG,
            preexec_fn=small)
    assert os.listdir("full") == ["flow-0-auth-unanswered.pcapng"] and read("full/flow-0-auth-unanswered.pcapng") == b"old"


@test
def a_file_of_that_name_is_replaced_and_others_stay():
    os.mkdir("there")
    write("there/flow-0-auth-unanswered.pcapng", b"old")
    write("there/notes", b"mine")
    assert run("report", "--evidence", "there", HANG)[0] == 0
    assert sorted(os.listdir("there")) == ["flow-0-auth-unanswered.pcapng", "notes"] and read("there/notes") == b"mine"
    assert len(read("there/flow-0-auth-unanswered.pcapng")) > 1000
    # But never a capture that is being read.
    was = read("there/flow-0-auth-unanswered.pcapng")
    refused(3, "is one of the captures", "--evidence", "there", "there/flow-0-auth-unanswered.pcapng")
    assert read("there/flow-0-auth-unanswered.pcapng") == was


@test
def evidence_of_evidence_is_the_same():
    (path,) = evidence("once", HANG).values()
    (again,) = evidence("twice", path).values()
    assert [p[:4] for p in pcapng(path)[1]] == [p[:4] for p in pcapng(again)[1]]


@test
def what_comes_through_a_pipe_is_refused_before_it_is_read():
    with open(HANG, "rb") as file:
        refused(2, "--evidence needs files", "--evidence", "piped", "-", stdin=file)
    os.mkfifo("fifo")
    refused(2, "--evidence needs files", "--evidence", "piped", "fifo")
    assert not os.path.exists("piped")


@test
def options_go_where_they_belong():
    refused(2, "--anonymize goes with --evidence", "--anonymize", "-o", "it.json", HANG)
    refused(2, "report wants -o", HANG)
    for command in ("analyze", "check", "diff"):
        status, _, error = run(command, "--evidence", "no", HANG, HANG)
        assert status == 2 and "--evidence does not go with " + command in error, error
    status, _, error = run("--evidence", "no", HANG)
    assert status == 2 and "--evidence does not go with analyze" in error and not os.path.exists("no"), error
    write("weak", b"fifteen letters")
    refused(2, "weak: the key of --anonymize has 16 to ", "--evidence", "keyed", "--anonymize=weak", HANG)
    refused(2, "nokey: the key of --anonymize cannot be read", "--evidence", "keyed", "--anonymize=nokey", HANG)
    assert not os.path.exists("keyed")


@test
def a_report_may_be_written_beside():
    status, text, error = run("report", "--evidence", "beside", "-o", "beside.json", HANG)
    assert (status, text, error) == (0, "", ""), (status, text, error)
    assert json.loads(read("beside.json"))["flows"][0]["verdict"]["id"] == "auth-unanswered"
    assert read("beside/flow-0-auth-unanswered.pcapng") == read(evidence("alone", HANG)["flow-0-auth-unanswered.pcapng"])
    assert evidence("healthy", capture("healthy/gateway")) == {}
    assert run("report", "-q", "--evidence", "quiet", HANG) == (0, "", "")


@test
def several_files_and_compressed_ones_are_named():
    data = read(HANG)
    with gzip.open("one.pcap.gz", "wb") as file:
        file.write(data)
    (path,) = evidence("gz", "one.pcap.gz").values()
    assert [p.bytes for p in pcapng(path)[1]] == [p.bytes for p in pcapng(evidence("hang", HANG)[
        "flow-0-auth-unanswered.pcapng"])[1]]
    assert "[frame 4 of one.pcap.gz]" in "".join(p.comment for p in pcapng(path)[1])
    half = 24
    for _ in range(20):
        half += 16 + struct.unpack_from("<I", data, half + 8)[0]
    write("a.pcap", data[:half])
    write("b.pcap", data[:24] + data[half:])
    (path,) = evidence("two", "a.pcap", "b.pcap").values()
    section, packets = pcapng(path)
    assert "from a.pcap, b.pcap." in section[1].decode() and len(packets) > 100
    (path,) = evidence("hidden", "--anonymize", "a.pcap", "b.pcap").values()
    comments = "".join(p.comment for p in pcapng(path)[1])
    assert " of file 1 of the capture]" in comments and " of file 2 of the capture]" in comments, comments
    assert "a.pcap" not in comments + pcapng(path)[0][1].decode()


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
    shutil.rmtree(os.path.dirname(KEY))
    return failed


if __name__ == "__main__":
    sys.exit(main())
