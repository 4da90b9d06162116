"""Every "not to be called when" of the contract has a look-alike that shows it: the rows of tests/twins.tsv name unit tests
that exist and are run, and every detector has a row. What is owed (UNIT_OWED, compiled and not run) is told as a comment.
Usage: twins.py [ROOT]"""
import os
import re

import tap

HEADING = ["verdict", "not to be called when", "test"]


def rows(root):
    lines = tap.read(os.path.join(root, "tests", "twins.tsv")).splitlines()
    return [(number, line.split("\t")) for number, line in enumerate(lines, 1)]


def detectors(root):
    text = tap.read(os.path.join(root, "include", "flatline", "detectors.def"))
    return [name.replace("_", "-") for name in re.findall(r"^FL_DETECTOR\((\w+)\)", text, re.M)]


def listed(text, macro):
    """The names that a macro of the file's end lists."""
    return {name for found in re.findall(macro + r"\(([^)]*)\)", text) for name in re.findall(r"\w+", found)}


def tests_of(root, name, known={}):
    """Of a file the tests that it has, those that are run, and those that are owed."""
    if name not in known:
        path = os.path.join(root, name)
        text = tap.without_comments(tap.read(path)) if os.path.isfile(path) else ""
        known[name] = (set(re.findall(r"^START_TEST\((\w+)\)", text, re.M)), listed(text, r"UNIT_MAIN\w*"),
                       listed(text, "UNIT_OWED"))
    return known[name]


def misshapen(table):
    problems = [] if table and table[0][1] == HEADING else ["line 1 is not the heading"]
    for number, row in table[1:]:
        if len(row) != len(HEADING) or not all(row):
            problems.append("line %d has not three columns" % number)
        elif not re.fullmatch(r"tests/unit/test_\w+\.c:\w+", row[2]):
            problems.append("line %d: %s is no file:test" % (number, row[2]))
    return problems


def missing(root, table):
    problems = []
    for number, row in table:
        name, _, test = row[2].partition(":")
        exist, run, owed = tests_of(root, name)
        if test not in exist:
            problems.append("line %d: %s has no test %s" % (number, name, test))
        elif test not in run | owed:
            problems.append("line %d: %s does not run %s" % (number, name, test))
    return problems


def unknown(names, table):
    with_rows = {row[0] for _, row in table}
    return ["%s is no detector" % name for name in sorted(with_rows - set(names))] + \
        ["%s has no row" % name for name in names if name not in with_rows]


def tell_owed(root, table):
    for _, row in table:
        name, _, test = row[2].partition(":")
        if test in tests_of(root, name)[2]:
            print("# owed: %s, %s (%s)" % (row[0], row[1], test))


if __name__ == "__main__":
    top = tap.root()
    twins = rows(top)
    shape = misshapen(twins)
    body = [] if shape else twins[1:]
    tell_owed(top, body)
    tap.finish([
        ("the table of twins has its shape", shape),
        ("all twins exist and are run", missing(top, body)),
        ("all detectors have a twin", unknown(detectors(top), body) if body else []),
    ])
