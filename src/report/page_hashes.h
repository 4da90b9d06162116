/* Hashes of page.css and page.js, for the page's content security policy (tests/style/page.py --update). */
#ifndef REPORT_PAGE_HASHES_H
#define REPORT_PAGE_HASHES_H

#define PAGE_STYLE_HASH "sha256-NWPANdEmNf17AqXTHy1wwMyw8oAEwsKdwPPt4Gt7d/k="
#define PAGE_SCRIPT_HASH "sha256-F5VMCEf/02lhShjBrVcERyL3ev01usJA1dOArpXS6sU="

#endif
