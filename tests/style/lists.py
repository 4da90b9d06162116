"""A source that no list names is not built, and a test that no list names is not run: every file that should stand in
src/local.mk, tests/local.mk or man/local.mk does. Usage: lists.py [ROOT]"""
import glob
import os
import re

import tap

# Scripts below tests/ that are no tests of their own, by folder or name.
NOT_TESTS = ("tests/lab/", "tests/bench/", "tests/mutations/", "tests/skip.sh", "tests/unit/no_check.sh", "tests/style/tap.py",
             "tests/golden/golden.py", "tests/golden/knobs.py", "tests/parity/marks.py", "tests/parity/parity.py",
             "tests/parity/totals.py")


def words(root, name):
    path = os.path.join(root, name)
    text = tap.read(path) if os.path.isfile(path) else ""
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    return set(re.split(r"[\s\\=+]+", text))


def unlisted(root, patterns, make, strip=""):
    listed = words(root, make)
    missing = []
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(root, pattern), recursive=True)):
            name = os.path.relpath(path, root)
            entry = name[:-len(strip)] if strip and name.endswith(strip) else name
            if entry not in listed:
                missing.append("%s is not in %s" % (name, make))
    return missing


def is_test(root, name):
    """Scripts that are only helpers of other scripts print no TAP plan."""
    return not name.startswith(NOT_TESTS) and re.search(r"1\.\.|finish\(", tap.read(os.path.join(root, name)))


if __name__ == "__main__":
    top = tap.root()
    scripts = [problem for problem in unlisted(top, ["tests/**/*.sh", "tests/**/*.py"], "tests/local.mk")
               if is_test(top, problem.split(" ")[0])]
    tap.finish([
        ("all sources are listed", unlisted(top, ["src/*/*.c", "src/*/*.h", "include/flatline/*.*"], "src/local.mk")),
        ("all unit tests are listed", unlisted(top, ["tests/unit/test_*.c"], "tests/local.mk", ".c")),
        ("what unit tests share is listed", unlisted(top, ["tests/unit/[!t]*.c"], "tests/local.mk")),
        ("all fuzz targets are listed", unlisted(top, ["tests/fuzz/fuzz_*.c"], "tests/local.mk", ".c")),
        ("all script tests are listed", scripts),
        ("all manual pages are listed", unlisted(top, ["man/*.[1-9]"], "man/local.mk")),
    ])
