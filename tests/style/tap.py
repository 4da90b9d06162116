"""What the style tests share: the tree they look at, the comments taken out of C, and TAP."""
import os
import re
import sys


def root():
    """The tree to look at: the first argument, else where make says that the sources are, else around this file."""
    if len(sys.argv) > 1:
        return sys.argv[1]
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("FLATLINE_SOURCE") or os.path.join(here, "..", "..")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def without_comments(text):
    """C with comments and the insides of strings blanked, lines and columns kept."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''

    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    return re.sub(pattern, blank, text, flags=re.S)


def finish(checks):
    """checks: a list of (name, list of problems); prints TAP and ends with 1 when there is any problem."""
    print("1..%d" % len(checks))
    for number, (name, problems) in enumerate(checks, 1):
        print("%s %d - %s" % ("not ok" if problems else "ok", number, name))
        for problem in problems:
            print("# " + problem)
    sys.exit(1 if any(problems for _, problems in checks) else 0)
