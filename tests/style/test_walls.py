"""Tests the test: small trees, each with one broken wall, and what walls.py must say of it."""
import os
import subprocess
import sys
import tempfile

import tap

GOOD = {
    "include/flatline/time.h": "#include <stdint.h>\n",
    "include/flatline/packet.h": '#include "flatline/time.h"\n',
    "include/flatline/capture.h": '#include "flatline/time.h"\n',
    "include/flatline/flow.h": '#include "flatline/packet.h"\n',
    "include/flatline/detect.h": '#include "flatline/flow.h"\n',
    "src/wire/ip.c": '#include "flatline/packet.h"\n#include "wire.h"\n/* exit(1), stderr */\n',
    "src/wire/wire.h": "int x;\n",
    "src/detect/mute.c": '#include <string.h>\n#include "flatline/detect.h"\n',
    "src/cli/main.c": '#include <stdio.h>\n#include "flatline/capture.h"\nf() { fputs("", stderr); exit(1); }\n',
}

# Name of the case, what is laid over the good tree, and words of the complaint.
BROKEN = [
    ("an unknown folder", {"src/cellar/wine.c": ""}, "belongs to no room"),
    ("an unknown public header", {"include/flatline/wine.h": ""}, "belongs to no room"),
    ("an unknown header included", {"src/wire/a.c": '#include "flatline/wine.h"\n'}, "wine.h belongs to no room"),
    ("wire includes flow", {"src/wire/a.c": '#include "flatline/flow.h"\n'}, "wire may not know flow"),
    ("wire includes capture", {"src/wire/a.c": '#include "flatline/capture.h"\n'}, "wire may not know capture"),
    ("capture includes wire", {"src/capture/a.c": '#include "flatline/packet.h"\n'}, "capture may not know wire"),
    ("a public header looks right", {"include/flatline/time.h": '#include "flatline/flow.h"\n'},
     "base may not know flow"),
    ("another room's private header", {"src/flow/a.c": '#include "wire.h"\n'}, "not a private header of src/flow"),
    ("a private header by its path", {"src/flow/a.c": '#include "wire/wire.h"\n'}, "not a private header of src/flow"),
    ("a private header by dots", {"src/flow/a.c": '#include "../wire/wire.h"\n'}, "not a private header of src/flow"),
    ("a private header in a public one", {"include/flatline/flow.h": '#include "wire.h"\n'},
     "public header includes the private"),
    ("a public header in angle brackets", {"src/wire/a.c": "#include <flatline/flow.h>\n"}, "cannot be followed"),
    ("an include made by a macro", {"src/wire/a.c": "#include WINE\n"}, "cannot be followed"),
    ("a blank before the hash's word", {"src/wire/a.c": '  #  include "flatline/flow.h"\n'}, "wire may not know flow"),
    ("a detector with two headers",
     {"src/detect/a.c": '#include "flatline/detect.h"\n#include "flatline/flow.h"\n'}, "not just flatline/detect.h"),
    ("a detector with another header", {"src/detect/a.c": '#include "flatline/flow.h"\n'},
     "not just flatline/detect.h"),
    ("a detector with a private header",
     {"src/detect/a.c": '#include "flatline/detect.h"\n#include "b.h"\n', "src/detect/b.h": ""}, "no private header"),
    ("stderr outside cli", {"src/wire/a.c": 'void f(void) { fputs("x", stderr); }\n'}, "uses stderr"),
    ("exit outside cli", {"src/wire/a.c": "void f(void) { exit (1); }\n"}, "ends the program"),
    ("printf outside cli", {"src/wire/a.c": 'void f(void) { printf("x"); }\n'}, "prints with"),
    ("a clock outside cli", {"src/wire/a.c": "void f(void) { time(NULL); }\n"}, "reads the clock"),
]


def complaint(tree):
    """Runs walls.py on a tree of its own: (exit status, output)."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in tree.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        walls = os.path.join(os.path.dirname(os.path.abspath(__file__)), "walls.py")
        done = subprocess.run([sys.executable, walls, root], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, check=False)
        return done.returncode, done.stdout


def problems(status, output, words):
    if words is None:
        return [] if status == 0 and "not ok" not in output else [output]
    wrong = [] if status == 1 else ["exit status %d, not 1" % status]
    if output.count("\n# ") < 1 or words not in output:
        wrong.append("expected %r in: %s" % (words, output.replace("\n", " | ")))
    return wrong


if __name__ == "__main__":
    checks = [("a good tree passes", problems(*complaint(GOOD), None))]
    checks.append(("an empty tree fails", problems(*complaint({"README": ""}), "no source file")))
    for name, overlay, words in BROKEN:
        checks.append((name + " fails", problems(*complaint({**GOOD, **overlay}), words)))
    tap.finish(checks)
