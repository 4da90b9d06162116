#!/bin/sh
# Replays every fuzz target's corpus (tests/fuzz/corpus/TARGET, where each file was once worth keeping) and the damaged
# captures from outside the tree. One TAP line per target and corpus; a crash or a sanitizer's report fails it.
build=${FLATLINE_BUILD:-.}
source=${FLATLINE_SOURCE:-.}
captures=${FLATLINE_CAPTURES:-$source/../shared}
log=${TMPDIR:-/tmp}/flatline-replay.$$
trap 'rm -f "$log"' EXIT

n=0
failed=0

# replay NAME PROGRAM DIRECTORY: -runs=0 is for targets built with libFuzzer: run the corpus, make nothing up.
replay() {
	n=$((n + 1))
	count=$(find "$3" -type f | wc -l)
	if "$2" -runs=0 "$3" > "$log" 2>&1; then
		echo "ok $n - $1: $count inputs"
	else
		echo "not ok $n - $1: $count inputs"
		tail -n 60 "$log" | sed 's/^/# /'
		failed=1
	fi
}

missing() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP no $2"
}

for program in "$build"/tests/fuzz/fuzz_*; do
	case $program in
	*.o | *.c | *'*') continue ;;
	esac
	target=${program##*/fuzz_}
	corpus=$source/tests/fuzz/corpus/$target
	if [ -d "$corpus" ]; then
		replay "$target: its corpus" "$program" "$corpus"
	else
		missing "$target: its corpus" "tests/fuzz/corpus/$target"
	fi
	if [ -d "$captures/corpus-malformed" ]; then
		replay "$target: damaged captures" "$program" "$captures/corpus-malformed"
	else
		missing "$target: damaged captures" "FLATLINE_CAPTURES/corpus-malformed"
	fi
done
if [ $n -eq 0 ]; then
	echo "1..0 # SKIP no fuzz target was built"
else
	echo "1..$n"
fi
exit $failed
