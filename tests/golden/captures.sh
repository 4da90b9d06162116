#!/bin/sh
# Every golden capture in all its forms, as make runs it; see golden.py.
source=${FLATLINE_SOURCE:-.}
build=${FLATLINE_BUILD:-.}
if [ -z "$PYTHON" ]; then
	echo "1..0 # SKIP needs python3"
else
	exec "$PYTHON" "$source/tests/golden/golden.py" "$FLATLINE" "$build/tests/golden/prefix" "$source/captures"
fi
