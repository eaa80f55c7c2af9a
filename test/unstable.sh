#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# unstable.sh DIR PACKAGE...: have packages of Debian's unstable suite, and all that they need, unpacked in
# DIR/root, never installed. PACKAGE is an extended regular expression; of the names that it matches, the
# one with the highest number is taken: 'gcc-[0-9]+'. Succeeds at once if it has been done. Status 1 if
# something cannot be had; DIR/log says why.
#
# What is in DIR/root needs the C library from there too, by the loader from there:
#   LOADER --library-path FOLDERS PROGRAM ARGUMENT...
set -uo pipefail
export LC_ALL=C

SUITE=sid

[ $# -ge 2 ] || { echo 'usage: unstable.sh DIR PACKAGE...' >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift
apt=$dir/apt

# shellcheck source=test/private-apt.sh
. "${0%/*}/private-apt.sh"

download() {
	local pattern package packages=()
	for pattern; do
		package=$(apt-cache pkgnames | grep -xE "$pattern" | sort -V | tail -n 1)
		[ -n "$package" ] || { echo "no package is called $pattern" >&2; return 1; }
		packages+=("$package")
	done
	apt-get -qq -y --download-only install "${packages[@]}"
}

unpack() {
	local deb
	rm -rf "$dir/root"
	mkdir -p "$dir/root"
	for deb in "$apt"/cache/archives/*.deb; do
		dpkg -x "$deb" "$dir/root" || return 1
	done
	rm -rf "$apt"
}

[ ! -e "$dir/.unpacked" ] || exit 0
{ private_apt "$apt" "$(dpkg --print-architecture)" $SUITE && download "$@" && unpack; } >"$dir/log" 2>&1 || exit 1
touch "$dir/.unpacked"
