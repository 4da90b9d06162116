"""How the project's text files look: 120 columns of C with tabs of 8 (clang-format breaks them) and a little more
elsewhere, where people count; no trailing blanks, a last newline, and an opening comment in each source file, which
says what happens on the wire and why it matters. Usage: text.py [ROOT]"""
import glob
import os

import tap

PATTERNS = ["*", ".clang-format", ".ci/*", "m4/*.m4", "man/*", "include/flatline/*", "src/**/*", "tests/**/*",
            "captures/record/**/*"]
SUFFIXES = (".c", ".h", ".def", ".sh", ".py", ".mk", ".ac", ".am", ".m4", ".1", ".5", ".7")
NAMES = ("README", "HACKING", "NEWS", "bootstrap", "run", ".clang-format")
# Made by autoconf and automake in the source tree.
GENERATED = ("aclocal.m4",)
COLUMNS = {".c": 120, ".h": 120}
OTHER_COLUMNS = 132


def files(root):
    found = set()
    for pattern in PATTERNS:
        found.update(glob.glob(os.path.join(root, pattern), recursive=True))
    for path in sorted(found):
        name = os.path.basename(path)
        wanted = name.endswith(SUFFIXES) or name in NAMES
        if wanted and name not in GENERATED and os.path.isfile(path):
            yield os.path.relpath(path, root), path


class Text:
    def __init__(self):
        self.wide, self.trailing, self.ends, self.opening, self.bytes = [], [], [], [], []

    def file(self, name, path):
        try:
            text = tap.read(path)
        except UnicodeDecodeError as error:
            self.bytes.append("%s: %s" % (name, error))
            return
        if "\r" in text or "\f" in text:
            self.bytes.append("%s: carriage return or form feed" % name)
        if not text.endswith("\n") or text.endswith("\n\n"):
            self.ends.append("%s: should end in one newline" % name)
        columns = COLUMNS.get(os.path.splitext(name)[1], OTHER_COLUMNS)
        for number, line in enumerate(text.split("\n"), 1):
            if len(line.expandtabs(8)) > columns:
                self.wide.append("%s:%d: %d columns" % (name, number, len(line.expandtabs(8))))
            if line != line.rstrip():
                self.trailing.append("%s:%d: trailing blank" % (name, number))
        if name.endswith((".c", ".h")) and not text.startswith("/*"):
            self.opening.append("%s: opens without a comment" % name)


if __name__ == "__main__":
    look = Text()
    count = 0
    for one in files(tap.root()):
        look.file(*one)
        count += 1
    tap.finish([
        ("there are files to look at", [] if count else ["none"]),
        ("no line is too long", look.wide),
        ("no trailing blanks", look.trailing),
        ("files end in one newline", look.ends),
        ("sources open with a comment", look.opening),
        ("UTF-8 and newlines only", look.bytes),
    ])
