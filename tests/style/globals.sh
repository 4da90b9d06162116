#!/bin/sh
# The core keeps no globals that change: in its objects (all but those of cli, where a signal may set a flag) nothing
# lies in .data, .bss, thread-local or common storage. Tables with pointers in them, .data.rel.ro, are constant once
# loaded. Sanitizers add their own, so objects that call them are not asked.
build=${FLATLINE_BUILD:-.}
objects=$(find "$build/src" -name '*.o' ! -path '*/cli/*' 2> /dev/null | LC_ALL=C sort)
if ! command -v objdump > /dev/null || [ -z "$objects" ]; then
	echo "1..0 # SKIP needs objdump and the objects of src/"
	exit 0
fi
# shellcheck disable=SC2086 # names in the tree have no blanks
symbols=$(objdump -t $objects)
if echo "$symbols" | grep -Eq '__asan_|__ubsan_|__sancov_'; then
	echo "1..0 # SKIP built with sanitizers"
	exit 0
fi
echo "1..1"
globals=$(echo "$symbols" | awk '
	/file format/ { object = $1 }
	/[ \t](\*COM\*|\.t?data|\.t?bss)[. \t]/ && !/ d / && !/[ \t]\.data\.rel\.ro/ { print object " " $NF }')
if [ -z "$globals" ]; then
	echo "ok 1 - no globals that change"
else
	echo "not ok 1 - no globals that change"
	echo "$globals" | sed 's/^/# /'
	exit 1
fi
