/* Hashes of page.css and page.js, for the page's content security policy (tests/style/page.py --update). */
#ifndef REPORT_PAGE_HASHES_H
#define REPORT_PAGE_HASHES_H

#define PAGE_STYLE_HASH "sha256-eaGjPu3VSB2cJSR1GQD2su/9cZjYgXdgz+5HwO8pA8I="
#define PAGE_SCRIPT_HASH "sha256-CQWdBAFh+h8y5w2/D/NzFVI+kWFx10l0ZlwtVgYMbak="

#endif
