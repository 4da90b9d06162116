#!/bin/sh
# The report in the README is the one that the program prints for the capture that it names, and the commands it shows
# are those that there are. `tests/style/readme.sh --update` writes the report anew.
source=${FLATLINE_SOURCE-$(cd "$(dirname "$0")/../.." && pwd)}
flatline=${FLATLINE:-$source/build/flatline}
trace=captures/auth-unanswered/gateway-hang/trace.pcap

# As the README shows it: indented by four.
report() {
	(cd "$source" && "$flatline" "$trace") | sed 's/^\(.\)/    \1/'
}

# From the line that names the capture, frames and all, to the last one.
shown() {
	sed -n "\\,^    $trace   ,,/^ *wire: /p" "$source/README"
}

if [ "${1-}" = --update ]; then
	new=$(mktemp) || exit 1
	report > "$new"
	sed -i -e "\\,^    $trace   ,,/^ *wire: /{
\\,^    $trace   ,r $new
d
}" "$source/README"
	rm -f "$new"
	exit
fi

echo "1..3"
if [ "$(report)" = "$(shown)" ]; then
	echo "ok 1 - the report in the README is the program's"
else
	echo "not ok 1 - the report in the README is the program's (tests/style/readme.sh --update)"
	failed=1
fi
if grep -q "^    ./bootstrap run $trace\$" "$source/README" && grep -q "^    ./bootstrap check\$" "$source/README"; then
	echo "ok 2 - the two commands stand in the README"
else
	echo "not ok 2 - the two commands stand in the README"
	failed=1
fi
# Every option that a command of the README uses is in --help.
unknown=$(sed -n 's/^    \(.*flatline .*\)/\1/p' "$source/README" | grep -o -e '--[a-z-]*' | sort -u | while read -r option; do
	"$flatline" --help | grep -q -e "$option\b" || echo "$option"
done)
if [ -z "$unknown" ]; then
	echo "ok 3 - the options that the README uses exist"
else
	echo "not ok 3 - the options that the README uses exist"
	echo "# $unknown"
	failed=1
fi
exit "${failed:-0}"
