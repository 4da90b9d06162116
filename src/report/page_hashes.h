/* Hashes of page.css and page.js, for the page's content security policy (tests/style/page.py --update). */
#ifndef REPORT_PAGE_HASHES_H
#define REPORT_PAGE_HASHES_H

#define PAGE_STYLE_HASH "sha256-haNOFypAWkTetgSgJAcB2sZ/KNPBulTgfckSYgvUqsE="
#define PAGE_SCRIPT_HASH "sha256-Soe1ySlYT3lM8B5s7okti2kgsv/roWFyrEm1keYg/wM="

#endif
