#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Programs of a newer release on this one, from a folder: never installed.
#
#   tools.sh unpack CACHE DIR gcc|clang	have a compiler for arm64 kernels in DIR, as DIR/cc; if it cannot
#					be had, say so, and leave DIR/.unpacked out
#   tools.sh adapt LIBRARIES FOLDER	have each program below FOLDER that wants a newer C library run with
#					those of LIBRARIES, a folder that unpack made
set -euo pipefail

fetch=${0%/*}/fetch.sh

# The programs below a folder that this machine's own libraries are too old for, or lack
strangers() {
	local file needs
	find "$1" -type f -perm -u+x ! -name '*.so*' | while read -r file; do
		[ "$(head -c 4 "$file" | tail -c 3 | tr -d '\0')" = ELF ] || continue
		needs=$(LC_ALL=C ldd "$file" 2>&1) || true
		[[ "$needs" != *'not found'* ]] || echo "$file"
	done
}

# A driver finds its other programs beside the name that it was called by, so it keeps that.
adapt() {
	local loader file
	loader=$(realpath "$(find "$1"/usr/lib/ -name 'ld-linux*.so.*' -print -quit)")
	strangers "$2" | while read -r file; do
		mv "$file" "$file.elf"
		printf '#!/bin/sh\nexec %s --library-path %s --argv0 "$0" "$0.elf" "$@"\n' "$loader" \
			"${loader%/*}" >"$file"
		chmod +x "$file"
	done
}

get() {
	local cache=$1 dir=$2 roles role
	roles=$("$fetch" -n roles "$cache" "$3:") || return
	# shellcheck disable=SC2086
	"$fetch" -n get "$cache" $roles || return
	echo "  UNPACK  $3"
	for role in $roles; do
		dpkg --fsys-tarfile "$("$fetch" -n file "$cache" "$role")" |
			tar -x -C "$dir" --exclude='./usr/share/*' --exclude='*lto*' \
				--exclude='*gcov*' || return
	done
}

# Assembler and linker are those of this machine.
unpack() {
	local cache=$1 dir=$2 cross=aarch64-linux-gnu cc headers
	rm -rf "$dir" && mkdir -p "$dir/usr/$cross"
	if ! get "$cache" "$dir" "$3"; then
		rm -rf "${dir:?}/usr"
		echo "  TOOLS   a newer $3 cannot be had: what needs it is left out" >&2
		return
	fi
	ln -s "$(realpath "$(dirname "$($cross-gcc -print-prog-name=as)")")" "$dir/usr/$cross/bin"
	adapt "$dir" "$dir/usr"
	case $3 in
	gcc)	cc=$(find "$dir/usr/bin" -name "$cross-gcc-[0-9]*" ! -name '*.elf' -print -quit) ;;
	clang)	# Run by a loader, it does not know where it is.
		headers=$(find "$dir"/usr/lib/llvm-*/lib/clang -mindepth 1 -maxdepth 1 -name '[0-9]*' -print -quit)
		cc="$(find "$dir"/usr/lib/llvm-*/bin -name clang -print -quit) -resource-dir $headers" ;;
	esac
	printf '#!/bin/sh\nexec %s "$@"\n' "$cc" >"$dir/cc"
	chmod +x "$dir/cc"
	touch "$dir/.unpacked"
}

case ${1:-}/$# in
unpack/4|adapt/3)
	"$@"
	;;
*)
	echo 'usage: tools.sh unpack CACHE DIR gcc|clang | adapt LIBRARIES FOLDER' >&2
	exit 2
	;;
esac
