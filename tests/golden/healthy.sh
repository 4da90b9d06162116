#!/bin/sh
# Over captures of a real kernel whose truth is known (from outside the tree): no healthy connection is called critical,
# and none that failed is called well where this version reads the mark that the failure left.
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
wrong=$(echo "$said" | grep '^wrong' | grep -v 'got inconclusive')
if [ -z "$wrong" ]; then
	echo "ok 2 - a failure that this version cannot name is inconclusive"
else
	echo "$wrong" | sed 's/^/# /'
	echo "not ok 2 - a failure that this version cannot name is inconclusive"
	status=1
fi
# Of the failures that this version names, at least 95 % are named rightly, and none wrongly.
named=heartbeat-ack-only,auth-unanswered,peer-vanished,connect-unanswered,connect-slow,degraded,idle-unknown,alive,closed
said=$("$PYTHON" "$judge" "${FLATLINE:-./flatline}" "$captures/kernel-lab/TRUTH.tsv" "$captures/kernel-lab" \
	--classes "$named,one-way,inconclusive" --min-right 95 --max-wrong 0 --max-false-alarms 0) &&
	echo "ok 3 - the failures that this version names are named rightly" || {
	echo "not ok 3 - the failures that this version names are named rightly"
	echo "$said" | grep -E '^(wrong|other|BROKEN)|right' | sed 's/^/# /'
	status=1
}
exit $status
