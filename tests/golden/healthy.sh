#!/bin/sh
# Over captures of a real kernel whose truth is known (from outside the tree): no healthy connection is called critical,
# and what failed is called by its name.
captures=${FLATLINE_CAPTURES:-${FLATLINE_SOURCE:-.}/../shared}
judge=$captures/tools/judge.py
if [ ! -f "$judge" ] || [ ! -d "$captures/kernel-lab" ]; then
	echo "1..0 # SKIP no kernel-lab in FLATLINE_CAPTURES ($captures)"
	exit 0
elif [ -z "$PYTHON" ]; then
	echo "1..0 # SKIP needs python3"
	exit 0
fi

said=$("$PYTHON" "$judge" "${FLATLINE:-./flatline}" "$captures/kernel-lab/TRUTH.tsv" "$captures/kernel-lab" \
	--max-false-alarms 0)
status=$?
echo "1..3"
echo "# $(echo "$said" | tail -n 1)"
if [ $status -eq 0 ]; then
	echo "ok 1 - no healthy connection is called critical, no capture is broken"
else
	echo "$said" | grep -E 'critical|BROKEN' | sed 's/^/# /'
	echo "not ok 1 - no healthy connection is called critical, no capture is broken"
fi
wrong=$(echo "$said" | grep '^wrong')
if [ -z "$wrong" ]; then
	echo "ok 2 - no failure is called by a wrong name"
else
	echo "$wrong" | sed 's/^/# /'
	echo "not ok 2 - no failure is called by a wrong name"
	status=1
fi
said=$("$PYTHON" "$judge" "${FLATLINE:-./flatline}" "$captures/kernel-lab/TRUTH.tsv" "$captures/kernel-lab" \
	--min-right 98 --max-wrong 0 --max-false-alarms 0) &&
	echo "ok 3 - of all of them at least 98 % are named rightly" || {
	echo "not ok 3 - of all of them at least 98 % are named rightly"
	echo "$said" | grep -E '^(wrong|other|BROKEN)|right' | sed 's/^/# /'
	status=1
}
exit $status
