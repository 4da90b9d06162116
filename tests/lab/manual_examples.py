"""The examples of flatline-check(1) for make, GitHub Actions and GitLab CI, taken from the manual page as they stand and
run by the shells that those use, each in namespaces of its own: the client with the fault fails, the fixed one passes.
Usage: manual_examples.py"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.abspath(os.environ.get("FLATLINE_SOURCE") or os.path.join(os.path.dirname(__file__), "..", ".."))
FLATLINE = os.path.abspath(os.environ.get("FLATLINE") or os.path.join(SOURCE, "flatline"))
PROGRAMS = os.path.join(SOURCE, "captures", "record", "programs")

# The integration test of the project that uses the example: a gateway whose first worker hangs, and a client.
MAKEFILE = """integration-test:
	python3 {programs}/gateway.py --warm-up 0.5 > gateway.log & gateway=$$!; sleep 1; \\
	python3 {programs}/gateway_client.py 127.0.0.1 --beat 1 {client} > client.log & client=$$!; \\
	until worker=$$(sed -n 's/.*worker \\([0-9]*\\) accepted.*/\\1/p' gateway.log | head -n 1) && test "$$worker"; \\
		do sleep 0.1; done; \\
	kill -STOP $$worker; sleep 8; kill $$client; wait $$client; kill $$gateway; kill -KILL $$worker
"""


def examples():
    """The literal blocks of the manual page's examples, as a reader sees them."""
    with open(os.path.join(SOURCE, "man", "flatline-check.1"), encoding="utf-8") as file:
        page = file.read()
    page = page[page.index("\n.Sh EXAMPLES"):page.index("\n.Sh SEE ALSO")]
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", page, re.M | re.S)
    return [block.replace("\\e", "\\").replace("\\-", "-") for block in blocks]


def find(beginning):
    block, = (block for block in examples() if block.startswith(beginning))
    return block


def makefile_steps():
    return [("make", "-s", "check-network")], find("check-network:")


def github_steps():
    import yaml
    steps = yaml.safe_load(find("- run: |"))
    assert len(steps) == 2 and all(list(step) == ["run"] for step in steps), steps
    return [("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]) for step in steps], ""


def gitlab_steps():
    import yaml
    job = yaml.safe_load(find("network:"))["network"]
    assert job["artifacts"]["reports"] == {"junit": "result.xml"}, job
    return [("bash", "-eo", "pipefail", "-c", "\n".join(job["script"]))], ""


def play(folder, steps, rule, client):
    """The exit status of the first step that fails, and what all of them said."""
    os.mkdir(folder)
    programs = os.path.join(folder, "bin")
    os.mkdir(programs)
    os.symlink(FLATLINE, os.path.join(programs, "flatline"))
    with open(os.path.join(programs, "sudo"), "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\nexec "$@"\n')  # it is root's namespace already
    os.chmod(file.name, 0o755)
    with open(os.path.join(folder, "Makefile"), "w", encoding="utf-8") as file:
        file.write(rule + "\n" + MAKEFILE.format(programs=PROGRAMS, client=client))
    with open(os.path.join(folder, "expect.json"), "w", encoding="utf-8") as file:
        file.write(find('{ "assert"'))
    script = "ip link set lo up; " + " && ".join(
        " ".join("'%s'" % word.replace("'", "'\\''") for word in step) for step in steps)
    # The kernel ends what is left in the process namespace with its first process.
    return subprocess.Popen(["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script],
                            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=dict(os.environ, PATH=programs + ":" + os.environ["PATH"]))


def missing():
    if os.geteuid() != 0:
        return "needs root for namespaces"
    for program in ("unshare", "ip", "tcpdump", "pkill", "make", "bash"):
        if not shutil.which(program):
            return "no " + program
    try:
        import yaml
        assert yaml
    except ImportError:
        return "no python3-yaml"
    probe = subprocess.run(["unshare", "--net", "--pid", "--fork", "--mount-proc", "ip", "link", "set", "lo", "up"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return "no namespaces: " + probe.stdout.decode().strip() if probe.returncode else None


def main():
    why = missing()
    if why:
        print("1..0 # SKIP " + why)
        return 0
    runs, failed = [], 0
    with tempfile.TemporaryDirectory(prefix="flatline-manual") as folder:
        for name, steps in (("make", makefile_steps), ("GitHub Actions", github_steps), ("GitLab CI", gitlab_steps)):
            for client, options in (("the client with the fault fails", ""), ("the fixed client passes", "--reply-within 3")):
                place = os.path.join(folder, str(len(runs)))
                runs.append((name + ": " + client, options, place, play(place, *steps(), options)))
        print("1..%d" % len(runs))
        for number, (name, options, place, process) in enumerate(runs, 1):
            said = process.communicate(timeout=120)[0].decode()
            status = process.returncode
            # make has a status of its own for a rule that failed.
            holds = status == 0 if options else status in (1, 2) and os.path.exists(os.path.join(place, "run.pcap"))
            if name.startswith("GitLab"):
                with open(os.path.join(place, "result.xml"), encoding="utf-8") as file:
                    said += file.read()
                holds = holds and ("<failure" in said) == (not options)
            holds = holds and ("auth-unanswered" in said) == (not options)
            failed += not holds
            print("%sok %d - %s" % ("" if holds else "not ", number, name))
            if not holds:
                print("# exit status %d: " % status + said.replace("\n", "\n# "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
