#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# A distribution's kernel, unpacked and never installed: its image, and what modules are built with.
#
#   kernel.sh unpack CACHE DIR NAME TOOLS	have kernel NAME in DIR: vmlinuz, headers, version; and what a
#						render node needs in DIR/modules, to be loaded in the order
#						of the list there, if the kernel can have one. One that
#						a module can do without ("newest..."), and that cannot be had,
#						is said to be missing, and DIR/.unpacked left out
#   kernel.sh make DIR TOOLS ARGUMENTS...	run its makefile: kernel.sh make DIR TOOLS M=FOLDER modules
#   kernel.sh clang DIR TOOLS ARGUMENTS...	the same, with clang
#   kernel.sh page DIR				print the size of its pages
#
# TOOLS is the folder of compilers that are newer than this machine's: gcc/cc and clang/cc
# (tools.sh). CROSS_COMPILE names this machine's.
set -euo pipefail

here=${0%/*}
cross=${CROSS_COMPILE-aarch64-linux-gnu-}

# Those that can be done without have a plan of their own.
optional() {
	[[ $1 = newest* ]]
}

# What a render node is made of, a second driver to share buffers with, and disks to swap to
drm='drm drm_kms_helper drm_shmem_helper drm_exec drm_gpuvm gpu-sched vgem brd'

# Of an image the kernel, and of its loadable modules, most of its size, only these.
get() {
	local cache=$1 dir=$2 name=$3 parts part fetch=("$here/fetch.sh")
	! optional "$name" || fetch+=(-n)
	parts=$("${fetch[@]}" roles "$cache" "$name-" |
		grep -xE "$name-(image|modules|headers|common|kbuild)") || return
	# shellcheck disable=SC2086 # several
	"${fetch[@]}" get "$cache" $parts || return
	echo "  UNPACK  Linux $name"
	for part in $parts; do
		dpkg --fsys-tarfile "$("${fetch[@]}" file "$cache" "$part")" |
			tar -x -C "$dir/tree" --exclude='*/kernel/[!d]*' \
				--exclude='*/kernel/drivers/[!bg]*' || return
	done
}

# The headers name the place where they would be installed. From 7.x on they lack the script that
# "make C=1" asks whether sparse works, and without an answer leave it out.
settle() {
	local dir=$1 headers vmlinuz checker
	headers=$(find "$dir"/tree/usr/src -mindepth 1 -maxdepth 1 -name 'linux-headers-*' \
		! -name '*-common*')
	sed -i "s#\([= ]\)/usr/src/#\1$dir/tree/usr/src/#" "$headers/Makefile"
	checker=$(echo "$dir"/tree/usr/src/linux-headers-*-common/scripts)/checker-valid.sh
	[ -e "$checker" ] || { printf '#!/bin/sh\necho 1\n' >"$checker"; chmod +x "$checker"; }
	ln -sr "$headers" "$dir/headers"
	echo "${headers##*/linux-headers-}" >"$dir/version"
	vmlinuz=$(find "$dir/tree" -name 'vmlinuz*' -print -quit)
	[ -z "$vmlinuz" ] || ln -sr "$vmlinuz" "$dir/vmlinuz"
}

# The modules uncompressed, and an order in which they can be loaded
modules() {
	local dir=$1 name file
	[ -n "$(config "$dir" DRM_GPUVM)" ] && [ "$(page "$dir")" -ge 16384 ] || return 0
	mkdir -p "$dir/modules"
	for name in $drm; do
		file=$(find "$dir/tree" -name "$name.ko*" -print -quit)
		[ -n "$file" ] || { echo "kernel.sh: no $name.ko in the packages" >&2; return 1; }
		case $file in
		*.xz) xz -dc "$file" ;;
		*) cat "$file" ;;
		esac >"$dir/modules/$name.ko"
	done
	for name in $drm; do
		echo "$name $name"
		tr '\0' '\n' <"$dir/modules/$name.ko" | sed -n 's/^depends=//p' | tr , '\n' |
			sed "/./s/\$/ $name/"
	done | tsort >"$dir/modules/list"
}

unpack() {
	local cache=$1 dir=$2 name=$3 tools=$4
	rm -rf "$dir" && mkdir -p "$dir/tree"
	if { optional "$name" && [ ! -e "$tools/gcc/.unpacked" ]; } || ! get "$cache" "$dir" "$name"; then
		rm -rf "$dir/tree"
		optional "$name" || return 1
		echo "  LINUX   $name cannot be had: what needs it is left out" >&2
		return
	fi
	settle "$dir"
	modules "$dir"
	find "$dir/tree" -name '*.ko*' -delete
	[ ! -e "$tools/gcc/.unpacked" ] || "$here/tools.sh" adapt "$tools/gcc" "$dir/tree/usr/lib"
	touch "$dir/.unpacked"
}

config() {
	sed -n "s/^CONFIG_$2=//p" "$1/headers/include/config/auto.conf" | tr -d '"'
}

page() {
	if [ -n "$(config "$1" ARM64_16K_PAGES)" ]; then
		echo 16384
	else
		echo 4096
	fi
}

# A compiler older than the kernel's own may not know its options.
compiler() {
	local wanted
	wanted=$(config "$1" GCC_VERSION)
	if [ "$("${cross}gcc" -dumpversion | sed 's/\..*//')" -ge $((wanted / 10000)) ]; then
		echo "${cross}gcc"
	else
		echo "$2/gcc/cc"
	fi
}

# Without type information, which would need pahole, and without debug information: nobody reads it,
# and it is a quarter of the time.
run() {
	local dir=$1
	shift
	exec make -C "$dir/headers" ARCH="$arch" CROSS_COMPILE="$cross" CONFIG_DEBUG_INFO_BTF_MODULES= \
		CONFIG_DEBUG_INFO= PAHOLE_VERSION=0 CONFIG_PAHOLE_VERSION=0 "$@"
}

with_gcc() {
	local dir=$1 tools=$2
	shift 2
	run "$dir" CC="$(compiler "$dir" "$tools")" "$@"
}

# The kernel was configured for gcc: what clang lacks is taken back.
with_clang() {
	local dir=$1 tools=$2
	shift 2
	run "$dir" CC="$tools/clang/cc" CONFIG_CC_IS_GCC= CONFIG_CC_IS_CLANG=y \
		CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= CONFIG_UBSAN_BOUNDS_STRICT= CONFIG_UBSAN_ARRAY_BOUNDS=y \
		CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough KCFLAGS=-Wno-unknown-warning-option "$@"
}

case ${1:-}/$# in
unpack/5|page/2)
	"$@"
	;;
make/*|clang/*)
	arch=arm64
	if [ -n "$(config "$2" X86_64)" ]; then
		arch=x86_64 cross=
	fi
	[ "$1" = make ] && verb=with_gcc || verb=with_clang
	shift
	$verb "$@"
	;;
*)
	sed -n 's/^#   \(kernel.sh .*\)/\1/p' "$0" >&2
	exit 2
	;;
esac
