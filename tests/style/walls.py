"""The walls between the rooms: reads the #include lines of src/ and include/flatline/ and says which break one.

A room includes the public headers of itself and of the rooms left of it, and its own private headers; a detector
includes one header; only cli speaks to the user, ends the program and reads the clock. Usage: walls.py [ROOT]"""
import glob
import os
import re

import tap

# Left to right; rooms that share a number do not know each other.
LEVELS = {"base": 0, "capture": 1, "wire": 1, "flow": 2, "tcp": 3, "message": 4, "detect": 5, "judge": 6, "report": 7,
          "run": 8, "cli": 9}

# Which room each public header belongs to.
HEADERS = {
    "base": ["time", "error", "cursor", "text", "address", "seq", "frame", "wheel", "settings", "json_file"],
    "capture": ["capture", "live", "ring", "writer"],
    "wire": ["packet", "anonymize"],
    "flow": ["flow"],
    "tcp": ["tcp"],
    "message": ["message", "profile", "session"],
    "detect": ["finding", "detect", "detectors"],
    "judge": ["judge"],
    "report": ["report", "check", "event", "picture", "metrics"],
    "run": ["engine", "evidence", "overlap", "pictures"],
}
ROOM_OF = {name: room for room, names in HEADERS.items() for name in names}

SPEECH = [
    (r"\b(?:stderr|stdout)\b", "uses %s"),
    (r"\b(?:_exit|_Exit|exit|quick_exit|abort)\s*\(", "ends the program with %s)"),
    (r"\b(?:printf|vprintf|puts|putchar|perror)\s*\(", "prints with %s)"),
    (r"\b(?:time|clock_gettime|gettimeofday|localtime|localtime_r|clock)\s*\(", "reads the clock or zone with %s)"),
    (r"\b(?:getenv|setlocale|system|popen)\s*\(", "looks outside with %s)"),
]


def sees(room, other):
    """Whether files of `room` may include the public headers of `other`."""
    return room == other or LEVELS[other] < LEVELS[room]


def includes(text):
    """(line number, "<" or quote, name) of each #include."""
    # Only lines of code: an #include in a comment has no meaning. Names are blanked with the strings, so they are read
    # from the text as it was.
    lines = text.split("\n")
    for number, line in enumerate(tap.without_comments(text).split("\n"), 1):
        if re.match(r"\s*#\s*include\b", line):
            match = re.match(r'\s*#\s*include\s*([<"])([^">]+)[>"]', lines[number - 1])
            yield (number, match.group(1), match.group(2)) if match else (number, "?", lines[number - 1].strip())


class Walls:
    def __init__(self, root):
        self.root = root
        self.lost, self.broken, self.private, self.detectors, self.spoken = [], [], [], [], []

    def look(self):
        sources = sorted(glob.glob(os.path.join(self.root, "src", "**", "*"), recursive=True))
        headers = sorted(glob.glob(os.path.join(self.root, "include", "**", "*"), recursive=True))
        for path in sources + headers:
            if os.path.isfile(path) and path.endswith((".c", ".h", ".def")):
                self.file(os.path.relpath(path, self.root), tap.read(path))
        if not any(path.endswith(".c") for path in sources):
            self.lost.append("no source file below %s/src" % self.root)

    def room(self, name):
        parts = name.split("/")
        if parts[0] == "src" and len(parts) == 3 and parts[1] in LEVELS:
            return parts[1]
        if parts[:2] == ["include", "flatline"] and len(parts) == 3:
            return ROOM_OF.get(os.path.splitext(parts[2])[0])
        return None

    def file(self, name, text):
        room = self.room(name)
        if not room:
            self.lost.append("%s belongs to no room" % name)
            return
        public = []
        for line, kind, header in includes(text):
            where = "%s:%d" % (name, line)
            if kind == '"' and header.startswith("flatline/"):
                public.append(header)
                self.public_header(where, room, header)
            elif kind == '"':
                self.private_header(where, name, header)
            elif kind == "?" or header.startswith("flatline") or "../" in header:
                self.broken.append("%s: #include that cannot be followed: %s" % (where, header))
        if room == "detect" and name.endswith(".c"):
            self.detector(name, text, public)
        if room != "cli":
            self.speech(name, text)

    def public_header(self, where, room, header):
        other = ROOM_OF.get(os.path.splitext(header[len("flatline/"):])[0])
        if not other:
            self.lost.append("%s: %s belongs to no room" % (where, header))
        elif not sees(room, other):
            self.broken.append("%s: %s may not know %s (%s)" % (where, room, other, header))

    def private_header(self, where, name, header):
        if header == "config.h":
            return
        folder = os.path.dirname(name)
        if name.startswith("include/"):
            self.private.append("%s: a public header includes the private %s" % (where, header))
        elif "/" in header or not os.path.isfile(os.path.join(self.root, folder, header)):
            self.private.append("%s: %s is not a private header of %s" % (where, header, folder))

    def detector(self, name, text, public):
        if public != ["flatline/detect.h"]:
            self.detectors.append("%s includes %s, not just flatline/detect.h" % (name, ", ".join(public) or "nothing"))
        for line, kind, header in includes(text):
            if kind == '"' and not header.startswith("flatline/"):
                self.detectors.append("%s:%d: a detector has no private header (%s)" % (name, line, header))

    def speech(self, name, text):
        for number, line in enumerate(tap.without_comments(text).split("\n"), 1):
            for pattern, words in SPEECH:
                for match in re.finditer(pattern, line):
                    # A member or a function of another name: x->time(, fl_time(.
                    if not line[:match.start()].rstrip().endswith((".", "->")):
                        self.spoken.append("%s:%d: %s" % (name, number, words % match.group(0).strip()))


if __name__ == "__main__":
    walls = Walls(tap.root())
    walls.look()
    tap.finish([
        ("every file and header belongs to a room", walls.lost),
        ("rooms include only from their left", walls.broken),
        ("private headers stay in their folder", walls.private),
        ("a detector includes one header", walls.detectors),
        ("only cli speaks, exits and reads the clock", walls.spoken),
    ])
