#!/bin/sh
# The manual pages are formatted without a word of complaint.
source=${FLATLINE_SOURCE:-.}
set -- "$source"/man/*.[1-9]
if [ ! -f "$1" ]; then
	echo "1..0 # SKIP there are no manual pages"
	exit 0
fi
if ! command -v groff > /dev/null; then
	echo "1..0 # SKIP needs groff"
	exit 0
fi
echo "1..$#"
n=0
failed=0
for page; do
	n=$((n + 1))
	complaints=$(LC_ALL=C groff -K utf8 -man -t -ww -z -Tutf8 "$page" 2>&1)
	if [ -z "$complaints" ]; then
		echo "ok $n - ${page##*/}"
	else
		echo "not ok $n - ${page##*/}"
		echo "$complaints" | sed 's/^/# /'
		failed=1
	fi
done
exit $failed
