#!/bin/sh
# flatline over every capture from outside the tree, as make runs it; see totals.py.
captures=${FLATLINE_CAPTURES:-${FLATLINE_SOURCE:-.}/../shared}
if [ ! -d "$captures" ]; then
	echo "1..0 # SKIP no captures in FLATLINE_CAPTURES ($captures)"
elif [ -z "$PYTHON" ]; then
	echo "1..0 # SKIP needs python3"
else
	exec "$PYTHON" "${FLATLINE_SOURCE:-.}/tests/parity/totals.py" "${FLATLINE:-./flatline}" "$captures"
fi
