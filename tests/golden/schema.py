"""Every JSON report that the program writes is valid against its schema (flatline-1.schema.json, draft 2020-12), with and
without --all: for all captures of the tree, for broken files, and for no capture at all. And the schema is closed and
strict: a report with one member too many, one too few, or another word is refused. Usage: schema.py [CAPTURE...]"""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP needs python3-jsonschema")
    sys.exit(0)
if not hasattr(jsonschema, "Draft202012Validator"):
    print("1..0 # SKIP needs python3-jsonschema 4.0 or later")
    sys.exit(0)

SOURCE = os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FLATLINE = os.environ.get("FLATLINE") or os.path.join(SOURCE, "flatline")
SCHEMA = os.path.join(SOURCE, "src", "report", "flatline-1.schema.json")
SUFFIXES = (".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz", ".pcap.zst", ".pcapng.zst")
# Enough to meet every shape; the whole corpus is another test's.
MOST_FROM_OUTSIDE = 40


def captures_below(folder):
    found = []
    for path in glob.glob(os.path.join(folder, "**", "*"), recursive=True):
        if path.endswith(SUFFIXES) and os.path.isfile(path):
            found.append(path)
    return sorted(found)


def captures():
    if sys.argv[1:]:
        return sys.argv[1:]
    found = captures_below(os.path.join(SOURCE, "captures"))
    outside = os.environ.get("FLATLINE_CAPTURES", "")
    if outside and os.path.isdir(outside):
        small = [path for path in captures_below(outside) if os.path.getsize(path) < 1 << 20]
        found += small[::max(1, len(small) // MOST_FROM_OUTSIDE)]
    return found


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands twice: %s" % keys)
    return dict(pairs)


def report(options, path):
    """The report of `path` and its problems; exit statuses 0 and 3 (not readable to its end) give one."""
    run = subprocess.run([FLATLINE, "--format", "json"] + options + [path], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False, timeout=120)
    if run.returncode not in (0, 3):
        return None, ["exit status %d: %s" % (run.returncode, run.stderr.decode(errors="replace").strip())]
    try:
        return json.loads(run.stdout.decode("utf-8"), object_pairs_hook=no_duplicates), []
    except ValueError as error:
        return None, ["no JSON: %s" % error]


def consistent(document):
    """What a schema cannot say."""
    flows, summary = document["flows"], document["summary"]
    verdicts = {}
    for flow in flows:
        verdicts[flow["verdict"]["id"]] = verdicts.get(flow["verdict"]["id"], 0) + 1
    if [flow["id"] for flow in flows] != sorted(set(flow["id"] for flow in flows)):
        yield "flows are not in order of id"
    if summary["flows"] != len(flows) or summary["by_verdict"] != verdicts:
        yield "the summary does not count the flows"
    if sum(summary["by_severity"].values()) != len(flows):
        yield "by_severity does not add up"
    if list(summary["by_verdict"]) != sorted(summary["by_verdict"]):
        yield "by_verdict is not in order"


def problems(validator, options, path):
    document, found = report(options, path)
    if document is None:
        return found
    for error in validator.iter_errors(document):
        found.append("%s: %s" % ("/".join(map(str, error.absolute_path)) or "(top)", error.message[:300]))
    if not found:
        found.extend(consistent(document))
        short = [flow["id"] for flow in document["flows"] if "findings" not in flow]
        if "--all" in options and short:
            found.append("--all leaves out members of flows %s" % short[:5])
    return found


def places(value, path=()):
    """Every object of a document, with its path."""
    if isinstance(value, dict):
        yield path
        for key in value:
            yield from places(value[key], path + (key,))
    elif isinstance(value, list):
        for index, item in enumerate(value[:2]):
            yield from places(item, path + (index,))


def at(document, path):
    for step in path:
        document = document[step]
    return document


def is_strict(validator, document):
    """Problems: one more member, or one less, that the schema lets pass."""
    found = []
    for path in places(document):
        name = "/".join(map(str, path)) or "(top)"
        more = copy.deepcopy(document)
        at(more, path)["Surplus"] = 0
        if validator.is_valid(more):
            found.append("%s may have any member" % name)
        if path and path[-1] in ("figures", "by_verdict"):
            continue
        for key in at(document, path):
            less = copy.deepcopy(document)
            del at(less, path)[key]
            if validator.is_valid(less):
                found.append("%s may lack %s" % (name, key))
    return found


def tap(number, name, found):
    print("%s %d - %s" % ("not ok" if found else "ok", number, name), flush=True)
    for line in found[:10]:
        print("# " + line)
    return 1 if found else 0


def main():
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    cases, failed, number, fullest = [], 0, 0, None
    with tempfile.TemporaryDirectory() as folder:
        # A file name that is no UTF-8, of a file that is no capture.
        odd = os.path.join(os.fsencode(folder), b"odd\xff\x1b[2J.pcap")
        with open(odd, "wb") as file:
            file.write(b"no capture")
        # A capture without any frame.
        empty = os.path.join(folder, "empty.pcap")
        with open(empty, "wb") as file:
            file.write(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
        cases = [(odd, "a file that is no capture"), (empty, "no frame")]
        cases += [(path, os.path.relpath(path, SOURCE)) for path in captures()]
        print("1..%d" % (len(cases) + 1))
        for path, name in cases:
            number += 1
            failed += tap(number, name, problems(validator, [], path) + problems(validator, ["--all"], path))
            document, _ = report(["--all"], path)
            if document and (not fullest or len(str(document)) < 200000 and
                             len(document["flows"]) and len(str(document)) > len(str(fullest))):
                fullest = document
    # Over the fullest report of them, so that most of the schema is met.
    strict = is_strict(validator, fullest) if fullest and len(str(fullest)) < 200000 else ["no report to try it on"]
    failed += tap(number + 1, "the schema is closed, and every member is required", strict)
    sys.exit(1 if failed else 0)


main()
