"""The policy of the HTML report lets its own style and script run, known by their hashes: src/report/page_hashes.h has those
of page.css and page.js as they are. Usage: page.py [--update]"""
import base64
import hashlib
import os
import sys

import tap

HEADER = """/* Hashes of page.css and page.js, for the page's content security policy (tests/style/page.py --update). */
#ifndef REPORT_PAGE_HASHES_H
#define REPORT_PAGE_HASHES_H

#define PAGE_STYLE_HASH "%s"
#define PAGE_SCRIPT_HASH "%s"

#endif
"""


def digest(root, name):
    with open(os.path.join(root, "src", "report", name), "rb") as file:
        return "sha256-" + base64.b64encode(hashlib.sha256(file.read()).digest()).decode()


def main():
    is_update = "--update" in sys.argv
    if is_update:
        sys.argv.remove("--update")
    root = tap.root()
    path = os.path.join(root, "src", "report", "page_hashes.h")
    wanted = HEADER % (digest(root, "page.css"), digest(root, "page.js"))
    if is_update:
        with open(path, "w", encoding="utf-8") as file:
            file.write(wanted)
        return
    tap.finish([("the hashes are those of the style and the script",
                 [] if tap.read(path) == wanted else ["src/report/page_hashes.h is of others: page.py --update"])])


if __name__ == "__main__":
    main()
