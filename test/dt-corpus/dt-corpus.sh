#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# dt-corpus.sh CACHE COMMAND...: unpack the device trees of Debian's newest kernels, 64 and 32-bit,
# and run COMMAND with NAME=FOLDER of each. Prints TAP. Trees that cannot be had are a skip.
set -uo pipefail
export LC_ALL=C

[ $# -ge 2 ] || { echo "usage: dt-corpus.sh CACHE COMMAND..." >&2; exit 2; }
mkdir -p "$1"
cache=$(cd "$1" && pwd)
shift

# From the newest; a mirror may have a suite, but not its lists for each architecture.
SUITES='trixie-backports trixie bookworm'

# shellcheck source=test/private-apt.sh
. "${0%/*}/../private-apt.sh"

# The package that the metapackage $1 stands for: newer kernels have their trees in linux-base-*.
stands_for() {
	apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Depends: //p' |
		sed 's/[,|] */\n/g; s/ ([^)]*)//g' | grep -m1 -E "^${1%-*}-[0-9]"
}

# fetch ARCH SUFFIX: trees in $cache/ARCH, the name of their package in its file "package"
fetch() (
	arch=$1 suffix=$2 dir=$cache/$1
	[ ! -e "$dir/package" ] || exit 0
	for suite in $SUITES; do
		private_apt "$cache/apt" "$arch" "$suite" || continue
		package=$(stands_for "linux-base-$suffix") || package=$(stands_for "linux-image-$suffix") ||
			continue
		rm -rf "$dir"
		mkdir -p "$dir"
		if cd "$dir" && apt-get -qq download "$package" >/dev/null &&
			dpkg --fsys-tarfile ./*.deb | tar -x --wildcards '*.dtb'; then
			rm -rf ./*.deb "$cache/apt"
			echo "$package" >package
			exit 0
		fi
	done
	exit 1
)

folders=()
for corpus in arm64=arm64 armhf=armmp; do
	arch=${corpus%=*}
	if fetch "$arch" "${corpus#*=}" 2>>"$cache/log"; then
		folders+=("$arch-$(sed 's/^linux-[a-z]*-//' "$cache/$arch/package")=$cache/$arch")
	else
		echo "ok - the trees of $arch # SKIP cannot be fetched (see $cache/log)"
	fi
done
[ ${#folders[@]} -gt 0 ] || exit 0
exec "$@" "${folders[@]}"
