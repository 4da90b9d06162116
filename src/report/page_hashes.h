/* Hashes of page.css and page.js, for the page's content security policy (tests/style/page.py --update). */
#ifndef REPORT_PAGE_HASHES_H
#define REPORT_PAGE_HASHES_H

#define PAGE_STYLE_HASH "sha256-13vH9NRg9jiCxYUrZBqHm14+qGJO2WUHkJZ890I66ac="
#define PAGE_SCRIPT_HASH "sha256-eRgdClgZo2r60qYP6OSPYE5WYo/zv18HPtHWphrXDPA="

#endif
