#!/bin/sh
# Each option and command of the program's own table (as --help prints it) stands in the manual page, and the page has no
# option that the program does not take.
root=${FLATLINE_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
flatline=${FLATLINE:-$root/flatline}
page=$root/man/flatline.1

if ! help=$("$flatline" --help); then
	echo "1..0 # SKIP needs the program built ($flatline)"
	exit 0
fi

# The page as text: options are written with \- in its source, one or several on a line.
text=$(sed 's/\\-/-/g' "$page")
# In the page "Fl -name" is --name, and "Fl n" is -n; only the tags of the lists count, not what is mentioned elsewhere.
tags=$(printf '%s\n' "$text" | sed -n 's/^\.It \(.*Fl .*\)/\1/p' | sed 's/Fl /\n-/g' |
	sed -n 's/^\(--*[a-zA-Z][a-z-]*\).*/\1/p' | sort -u)
options=$(printf '%s\n' "$help" |
	sed -n 's/^  \(-[a-zA-Z]\), \(--[a-z-]*\).*/\1\n\2/p; s/^      \(--[a-z-]*\).*/\1/p' | sort -u)
commands=$(printf '%s\n' "$help" | sed -n 's/^  flatline \([a-z]*\) .*/\1/p')

number=0
failed=0
result() { # name, what is wrong ("" when nothing is)
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		failed=1
	fi
}

# The lines of $1 that are not among those of $2.
missing() {
	printf '%s\n' "$1" | while read -r line; do
		printf '%s\n' "$2" | grep -qxF -e "$line" || echo "$line"
	done
}

echo "1..4"
if [ "$(printf '%s\n' "$options" | wc -l)" -lt 15 ] || [ -z "$commands" ]; then
	result "--help lists options and commands" "$help"
else
	result "--help lists options and commands" ""
fi
result "each option stands in flatline.1" "$(missing "$options" "$tags")"
result "flatline.1 has no option that there is not" "$(missing "$tags" "$options")"
named=$(printf '%s\n' "$text" |
	sed -n 's/^\.Cm \([a-z]*\).*/\1/p; s/^\.Op Cm \([a-z]*\)$/\1/p; s/^\.It Cm \([a-z]*\).*/\1/p')
result "each command stands in flatline.1" "$(missing "$commands" "$named")"
exit $failed
