#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Which QEMU? Before 10, its SMMUv3 knows neither the upper half of the address space nor access
# flags nor addresses that are too large: what tests these wants QEMU 10.
#
#   qemu.sh unpack CACHE DIR      have it in DIR, unless the installed one is new enough; if it cannot
#                                 be had, say so, and leave DIR/.unpacked out
#   qemu.sh path DIR              print the program to run: from DIR, or what is installed
#   qemu.sh version DIR           print its version: 10.0.2
#
# It is unpacked, never installed. Data files and modules are in DIR too, and looked for below a
# "qemu-bundle" beside the program first; without that, it would try modules of the installed one.
set -euo pipefail

WANTED=10
roles='qemu-arm qemu-common qemu-data'
fetch=${0%/*}/fetch.sh

path() {
	local unpacked=$1/usr/bin/qemu-system-aarch64
	[ -x "$unpacked" ] && echo "$unpacked" || echo qemu-system-aarch64
}

version() {
	"$(path "$1")" --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

new_enough() {
	local version
	version=$(version "$1") && [ "${version%%.*}" -ge $WANTED ]
}

get() {
	local cache=$1 dir=$2 role
	# shellcheck disable=SC2086
	"$fetch" -q get "$cache" $roles || return
	echo "  UNPACK  QEMU"
	for role in $roles; do
		dpkg --fsys-tarfile "$("$fetch" -q file "$cache" "$role")" |
			tar -x -C "$dir" ./usr || return
	done
	ln -s ../.. "$dir/usr/bin/qemu-bundle"
}

unpack() {
	local cache=$1 dir=$2
	rm -rf "$dir" && mkdir -p "$dir"
	if ! new_enough "$dir" && ! { get "$cache" "$dir" && new_enough "$dir"; }; then
		rm -rf "${dir:?}/usr"
		echo "  QEMU    $WANTED cannot be had, only $(version "$dir") is there:" >&2
		echo '          tests of the device do what that can do, and skip the rest' >&2
		return
	fi
	touch "$dir/.unpacked"
}

case ${1:-}/$# in
unpack/3|path/2|version/2)
	"$@"
	;;
*)
	echo 'usage: qemu.sh unpack CACHE DIR | path DIR | version DIR' >&2
	exit 2
	;;
esac
