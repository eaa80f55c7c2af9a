#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Folders of Debian's arm64 packages, of which programs in the guest are made, and parts of its root.
#
#   root.sh unpack CACHE DIR ROLES	have the packages of these roles of fetch.sh -g in DIR
#   root.sh libraries DIR OUT		copy the libraries of DIR, and the loader, to where it looks in OUT
#   root.sh cpio OUT FILE		have all of OUT as an archive that can be behind an initrd
set -euo pipefail

fetch=board/qemu-virt/fetch.sh

unpack() {
	local cache=$1 dir=$2 roles role
	rm -rf "$dir" && mkdir -p "$dir"
	roles=$("$fetch" -g roles "$cache" "$3:")
	# shellcheck disable=SC2086
	"$fetch" -g get "$cache" $roles
	for role in $roles; do
		dpkg --fsys-tarfile "$("$fetch" -g file "$cache" "$role")" |
			tar -x -C "$dir" --exclude='./usr/share/doc' --exclude='./usr/share/man'
	done
	touch "$dir/.unpacked"
}

# No symlinks for linkers, no plugins, no debug information
libraries() {
	local from=$1/usr/lib to=$2/lib
	mkdir -p "$to/aarch64-linux-gnu"
	cp -L "$from/ld-linux-aarch64.so.1" "$to/"
	find "$from/aarch64-linux-gnu" -maxdepth 1 -name '*.so.*' -exec cp -dt "$to/aarch64-linux-gnu" {} +
}

cpio_of() {
	find "$1" -mindepth 1 -exec touch -h -d @0 {} +
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc --reproducible -R 0:0 --quiet) |
		gzip -1n >"$2"
}

case ${1:-}/$# in
unpack/4)	unpack "$2" "$3" "$4" ;;
libraries/3)	libraries "$2" "$3" ;;
cpio/3)		cpio_of "$2" "$3" ;;
*)
	echo 'usage: root.sh unpack CACHE DIR ROLES | libraries DIR OUT | cpio OUT FILE' >&2
	exit 2
	;;
esac
