#!/bin/sh
# The sources look as clang-format would write them (.clang-format). `tests/style/format.sh --fix` writes them so. Only
# version 14 is asked, that of Debian 12: others break lines elsewhere.
root=${FLATLINE_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$root" || exit 1

format=
for name in clang-format-14 clang-format; do
	if $name --version 2>/dev/null | grep -q 'version 14\.'; then
		format=$name
		break
	fi
done
if [ -z "$format" ]; then
	echo "1..0 # SKIP needs clang-format 14"
	exit 0
fi

files=$(find include src tests -name '*.[ch]' | LC_ALL=C sort)
if [ "$1" = --fix ]; then
	# Twice: what the first pass makes of a long comment, the second may still join.
	# shellcheck disable=SC2086 # names in the tree have no blanks
	"$format" -i $files && exec "$format" -i $files
fi

wrong=
for file in $files; do
	difference=$("$format" "$file" | diff -u "$file" -) || wrong="$wrong$difference
"
done
echo "1..1"
if [ -z "$wrong" ]; then
	echo "ok 1 - formatted as clang-format does"
else
	echo "not ok 1 - formatted as clang-format does (tests/style/format.sh --fix)"
	printf '%s' "$wrong" | sed 's/^/# /'
	exit 1
fi
