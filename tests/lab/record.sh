#!/bin/sh
# Records the shortest cases again, from this machine's kernel, and has flatline judge the new traces: the goldens are no
# accident of the day on which they were made. Without root or network namespaces it skips, and says so.
source=${FLATLINE_SOURCE-$(cd "$(dirname "$0")/../.." && pwd)}
python=${PYTHON:-python3}
record=$source/captures/record/record.py
cases='healthy/bulk-transfer healthy/server-speaks-first healthy/request-response auth-unanswered/gateway-hang-before-accept'

if ! lacking=$("$python" "$record" --missing 2>&1); then
	echo "1..0 # SKIP $lacking"
	exit 0
fi

work=$(mktemp -d) || exit 99
trap 'kill "$recorder" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
# In the background, so that a signal ends the recorder (by its id) and it can remove its namespaces.
# shellcheck disable=SC2086
"$python" "$record" -o "$work" $cases >"$work/log" 2>&1 &
recorder=$!
wait "$recorder"
recorder=

# The trace of a case, whether it was compressed or not; nothing if it was not recorded.
trace() {
	for file in "$work/$1/trace.pcap" "$work/$1/trace.pcap.gz"; do
		[ -f "$file" ] && echo "$file"
	done
}

judge() {
	if [ ! -x "${FLATLINE-}" ]; then
		echo "ok $2 - $1 is judged as expected # SKIP needs flatline (FLATLINE)"
	elif "$FLATLINE" check --expect "$work/$1/expect.json" "$(trace "$1")" >"$work/said" 2>&1; then
		echo "ok $2 - $1 is judged as expected"
	else
		sed 's/^/# /' "$work/said"
		echo "not ok $2 - $1 is judged as expected"
	fi
}

number=0
for case in $cases; do
	number=$((number + 1))
	if [ -n "$(trace "$case")" ]; then
		echo "ok $number - $case is recorded"
	else
		sed 's/^/# /' "$work/log"
		echo "not ok $number - $case is recorded"
	fi
	number=$((number + 1))
	judge "$case" "$number"
done
echo "1..$number"
