"""A program as its package has it, in our log: what it prints is stamped with the time, and what is to be typed into it
is typed at its own pace; after the last line its input ends.
real.py [--tell PATTERN] [--type SECONDS LINE]... PROGRAM ..."""
import argparse
import re
import shlex
import subprocess
import threading
import time

from say import say


def type_in(process, lines):
    """Each so many seconds after the one before it; an empty one types nothing."""
    for seconds, line in lines:
        time.sleep(float(seconds))
        if line:
            say("is told: " + line)
            process.stdin.write((line + "\n").encode())
            process.stdin.flush()
    say("its input ends")
    process.stdin.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tell", metavar="PATTERN", default=".", help="only the lines that match, from there on")
    parser.add_argument("--type", nargs=2, action="append", metavar=("SECONDS", "LINE"), default=[])
    parser.add_argument("words", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    # Into a pipe programs print when they have a page full: too late for the log.
    process = subprocess.Popen(["stdbuf", "-oL"] + options.words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.PIPE if options.type else subprocess.DEVNULL)
    say("started: " + " ".join(shlex.quote(word) for word in options.words))
    if options.type:
        threading.Thread(target=type_in, args=(process, options.type), daemon=True).start()
    for line in process.stdout:
        told = re.search(options.tell, line.decode(errors="replace").rstrip())
        if told:
            say(told.string[told.start():])
    status = process.wait()
    say("ended with status %d" % status)


if __name__ == "__main__":
    main()
