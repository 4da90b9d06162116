"""The unit for systemd: systemd knows every line of it, finds little that it leaves open, and its command line is one that
the program takes. Usage: unit_file.py"""
import os
import re
import shutil
import subprocess
import tempfile

import tap

NAME = "flatline@.service"
FLATLINE = os.path.abspath(os.environ.get("FLATLINE") or os.path.join(tap.root(), "flatline"))
THRESHOLD = 20  # of 100, the most that `systemd-analyze security` may find
WANTED = """AmbientCapabilities=CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_RAW
DynamicUser=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
ProtectSystem=strict
Restart=on-failure"""


def analyze(folder, *arguments):
    """What systemd-analyze has to say when it fails; of another unit, one that is not there yet is no matter."""
    done = subprocess.run(["systemd-analyze", *arguments, os.path.join(folder, NAME)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=60, env={**os.environ, "LC_ALL": "C"})
    said = done.stdout.decode(errors="replace").splitlines()
    return said or ["it ended with %d" % done.returncode] if done.returncode else [line for line in said if NAME in line and
                                                                                  "Overall" not in line]


def command(unit, folder):
    """Of ExecStart, as systemd would run it for an interface that there is not, with no options set."""
    words = re.search(r"^ExecStart=(.*)$", unit, re.M).group(1).split()
    return [word.replace("%i", "absent0").replace("/var/log/flatline", folder) for word in words if not word.startswith("$")]


def refusal(unit, folder):
    done = subprocess.run(command(unit, folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=20)
    told = done.stderr.decode()
    # The options were read, and then there was no such interface (or, for other than root, no right to open one).
    return [] if done.returncode == 3 and told.startswith("flatline: absent0: ") else ["%d: %s" % (done.returncode, told)]


def built():
    """What make made of it, where it installs one."""
    path = os.path.join(os.environ.get("FLATLINE_BUILD") or tap.root(), "src", "systemd", NAME)
    if not os.path.exists(path):
        return []
    line = re.search(r"^ExecStart=(\S*)", tap.read(path), re.M).group(1)
    left = re.findall(r"@\w+@", tap.read(path))
    return left + ([] if re.fullmatch(r"/.*/flatline", line) else [line])


def main():
    unit = tap.read(os.path.join(tap.root(), "src", "systemd", NAME + ".in")).replace("@bindir@", os.path.dirname(FLATLINE))
    lines = unit.splitlines()
    checks = [("it gives one right, and keeps what it should",
               ["%s is missing" % line for line in WANTED.splitlines() if line not in lines]),
              ("make puts in where the program is", built())]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, NAME), "w", encoding="utf-8") as file:
            file.write(unit)
        checks.append(("the program takes its command line # SKIP it is not built", []) if not os.path.exists(FLATLINE) else
                      ("the program takes its command line", refusal(unit, folder)))
        if shutil.which("systemd-analyze"):
            # An older systemd (before 250) cannot look at a file.
            probe = subprocess.run(["systemd-analyze", "--help"], stdout=subprocess.PIPE, check=False).stdout
            checks.append(("systemd knows every line of it", analyze(folder, "--man=no", "verify")))
            checks.append(("it leaves little open", analyze(folder, "--no-pager", "--offline=true", "--threshold=%d" % THRESHOLD,
                                                            "security")) if b"--threshold" in probe else
                          ("it leaves little open # SKIP this systemd cannot tell", []))
        else:
            checks.append(("systemd knows every line of it # SKIP no systemd-analyze", []))
    tap.finish(checks)


if __name__ == "__main__":
    main()
