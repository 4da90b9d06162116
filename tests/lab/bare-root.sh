#!/bin/bash
# Does a newcomer's first minute work? Makes a bare Debian 12 with debootstrap (minbase: no compiler, no make, no git, no
# certificates), puts a clean clone of this tree into it and types both commands of the README there.
#
#   tests/lab/bare-root.sh            the last commit
#   tests/lab/bare-root.sh --tree     the working tree as it stands
#   tests/lab/bare-root.sh --quick    only `bootstrap run` and `bootstrap check --quick`
#
# Needs root, debootstrap and the packages' mirror that this machine's apt has; where one is missing it says so and ends
# with 77. Mounts live in a mount namespace of their own, so nothing stays mounted whatever happens.
set -euo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
capture=captures/auth-unanswered/gateway-hang/trace.pcap
suite=bookworm
tree=no
quick=

skip() {
	echo "bare-root: skipped: $*" >&2
	exit 77
}

for argument; do
	case $argument in
	--tree) tree=yes ;;
	--quick) quick=--quick ;;
	*) sed -n '5,7p' "$0" >&2; exit 2 ;;
	esac
done

[ "$(id -u)" -eq 0 ] || skip "needs root"
for tool in debootstrap unshare chroot apt-get; do
	command -v $tool > /dev/null || skip "needs $tool"
done
if [ -z "${BARE_ROOT_INSIDE-}" ]; then
	BARE_ROOT_INSIDE=yes exec unshare --mount --propagation private "$0" "$@"
fi

# Where this machine's apt gets Debian's own packages: "URI RELEASE", the plain release first.
# shellcheck disable=SC2016 # apt's own variables
sources=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(ORIGIN) $(COMPONENT) $(CREATED_BY)' |
	awk -v suite=$suite '$3 == "Debian" && $4 == "main" && $5 == "Packages" && index($2, suite) == 1 {
		print $1, $2 }' | sort -u -k2)
uri=$(awk -v suite=$suite '$2 == suite { print $1; exit }' <<< "$sources")
[ "$uri" ] || skip "apt knows no source of $suite"

work=$(mktemp -d /var/tmp/flatline-bare-root.XXXXXX)
root=$work/root
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	status=$?
	for mounted in run/netns proc dev/pts dev; do
		umount -l "$root/$mounted" 2> /dev/null || true
	done
	rm -rf --one-file-system "$work"
	exit $status
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

echo "bare-root: making a bare $suite"
proxy=$(apt-config dump Acquire::http::Proxy | sed -n 's/^Acquire::http::Proxy "\(.*\)";$/\1/p')
[ -z "$proxy" ] || [ "$proxy" = DIRECT ] || export http_proxy=$proxy
debootstrap --variant=minbase $suite "$root" "$uri" > "$work/debootstrap.log" 2>&1 || {
	tail -n 20 "$work/debootstrap.log" >&2
	exit 1
}

# Its apt looks where this machine's does.
while read -r uri release; do
	echo "deb $uri $release main"
done <<< "$sources" > "$root/etc/apt/sources.list"
apt-config dump Acquire | grep -iE '::Proxy|Check-Valid-Until' > "$root/etc/apt/apt.conf.d/90machine" || true
for file in /etc/resolv.conf /etc/hosts; do
	[ ! -f $file ] || cp -L $file "$root$file"
done

if [ $tree = yes ]; then
	mkdir "$root/flatline"
	tar -C "$source" --exclude=.git --exclude='./build*' --exclude=autom4te.cache --exclude=./configure \
		--exclude='./Makefile.in' --exclude=./aclocal.m4 --exclude='./config.h.in' -cf - . |
		tar -C "$root/flatline" -xf -
else
	git clone --quiet --no-hardlinks "$source" "$root/flatline"
fi

mount -t proc proc "$root/proc"

# As in a container: no terminal, no locale, nothing in the environment.
inside() {
	echo "bare-root: ./bootstrap $*"
	# shellcheck disable=SC2016 # the root's own shell expands them
	chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		/bin/sh -c 'cd /flatline && exec ./bootstrap "$@"' sh "$@" < /dev/null
}

started=$SECONDS
inside run $capture
echo "bare-root: that took $((SECONDS - started)) s"
started=$SECONDS
inside check $quick
echo "bare-root: that took $((SECONDS - started)) s"
echo "bare-root: both commands work"
