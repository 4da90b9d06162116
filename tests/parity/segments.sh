#!/bin/sh
# tshark's analysis over the captures from outside the tree, as make runs it; see marks.py.
captures=${FLATLINE_CAPTURES:-${FLATLINE_SOURCE:-.}/../shared}
if [ ! -d "$captures/corpus" ]; then
	echo "1..0 # SKIP no captures in FLATLINE_CAPTURES ($captures)"
elif [ -z "$PYTHON" ]; then
	echo "1..0 # SKIP needs python3"
else
	exec "$PYTHON" "${FLATLINE_SOURCE:-.}/tests/parity/marks.py" "${FLATLINE_BUILD:-.}/tests/parity/classes" "$captures"
fi
