#!/bin/sh
# The kernel settings that were in force lie in the ranges that flatline gives; see knobs.py.
source=${FLATLINE_SOURCE:-.}
if [ -z "$PYTHON" ]; then
	echo "1..0 # SKIP needs python3"
else
	exec "$PYTHON" "$source/tests/golden/knobs.py" "$FLATLINE" "$source/captures" "$FLATLINE_CAPTURES/kernel-lab"
fi
