#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Debian's kexec for the guest, in a folder that can go over its initrd:
#
#   kexec.sh unpack CACHE DIR	have DIR/tree, with bin/kexec and the libraries that it needs; if they
#				cannot be had, say so, and leave DIR/.unpacked out
set -euo pipefail

fetch=${0%/*}/fetch.sh

get() {
	local roles role
	roles=$("$fetch" -k roles "$1" kexec:) || return
	# shellcheck disable=SC2086
	"$fetch" -k get "$1" $roles || return
	echo '  UNPACK  kexec'
	for role in $roles; do
		dpkg --fsys-tarfile "$("$fetch" -k file "$1" "$role")" |
			tar -x -C "$2" --exclude='./usr/share/*' || return
	done
}

# With what it needs, and what that needs.
take() {
	local file=$1 to=$2 name
	cp -L "$file" "$to/"
	readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r name; do
		[ -e "$tree/lib/$name" ] ||
			take "$(find "$all" -name "$name" -print -quit)" "$tree/lib"
	done
}

unpack() {
	local all=$2/all tree=$2/tree
	rm -rf "$2" && mkdir -p "$all" "$tree/bin" "$tree/lib"
	if ! get "$1" "$all"; then
		rm -rf "$all"
		echo "  KEXEC   kexec cannot be had: what needs it is left out" >&2
		return
	fi
	take "$all/sbin/kexec" "$tree/bin"
	rm -rf "$all"
	touch "$2/.unpacked"
}

case ${1:-}/$# in
unpack/3)
	"$@"
	;;
*)
	echo 'usage: kexec.sh unpack CACHE DIR' >&2
	exit 2
	;;
esac
