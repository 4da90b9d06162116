/* Hashes of page.css and page.js, for the page's content security policy (tests/style/page.py --update). */
#ifndef REPORT_PAGE_HASHES_H
#define REPORT_PAGE_HASHES_H

#define PAGE_STYLE_HASH "sha256-zW1TSBe3Q8KP9yQ+GViUNUjwPuY8H/FtfA5wGOE3f04="
#define PAGE_SCRIPT_HASH "sha256-eRgdClgZo2r60qYP6OSPYE5WYo/zv18HPtHWphrXDPA="

#endif
