#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# kernel.sh CACHE DIR [MAKE-ARGUMENTS...]: have the debug kernel in DIR, as kernel.sh of the stand-in has one
# of the distribution: vmlinuz, headers, version, modules. It is the distribution's source, as it is, with the
# configuration beside this script.
#
# What is built stays in CACHE, in a folder for this source, configuration and compiler: another build folder
# does not build it again. A build that was interrupted goes on where it was.
set -euo pipefail

cache=$(cd "$1" && pwd) dir=$2
shift 2
here=${0%/*}
fetch=$here/../../../board/qemu-virt/fetch.sh
config=$here/kernel.config
cross=${CROSS_COMPILE-aarch64-linux-gnu-}

# Of the source, what no build for this machine looks at
unpack() {
	rm -rf "$1" && mkdir -p "$1"
	echo '  UNPACK  Linux debug' >&2
	dpkg --fsys-tarfile "$source" | tar -xO --wildcards './usr/src/*.tar.xz' |
		tar -xJ -C "$1" --strip-components=1 --no-wildcards-match-slash \
			--exclude='linux-source-*/Documentation/?*/*' --exclude='linux-source-*/tools/testing/*' \
			--exclude='linux-source-*/drivers/gpu/drm/amd/include/*'
	touch "$1/.unpacked"
}

# A fixed date and place make equal sources give equal kernels.
build() {
	"${MAKE:-make}" -C "$tree" ARCH=arm64 CROSS_COMPILE="$cross" KBUILD_BUILD_TIMESTAMP=@1736208000 \
		KBUILD_BUILD_USER=gpuas KBUILD_BUILD_HOST=gpuas "$@"
}

# Kconfig drops lines that it does not like without a word, so each is looked up afterwards.
configure() {
	local how line
	KCONFIG_ALLCONFIG=$(realpath "$config") build -s allnoconfig
	sed -n -e 's/^# \(CONFIG_[A-Z0-9_]*\) is not set$/- \1=/p' -e 's/^CONFIG_/+ &/p' "$config" |
		while read -r how line; do
			case $how in
			+) grep -qxF -e "$line" "$tree/.config" ;;
			-) ! grep -q -e "^$line" "$tree/.config" ;;
			esac || { echo "$config: Linux did not take: $line" >&2; exit 1; }
		done
}

# Modules need headers and scripts alone: objects are half of the size.
make_kernel() {
	[ -e "$tree/.unpacked" ] || unpack "$tree"
	configure
	echo '  MAKE    Linux debug (some 20 minutes of a CPU, once)' >&2
	TIMEFORMAT='  MAKE    Linux debug took %U s of a CPU, and %S s in the system'
	time build "$@" Image modules
	cp "$tree/arch/arm64/boot/Image" "$built/vmlinuz"
	build -s kernelrelease >"$built/version"
	find "$tree" -name '*.[oa]' -type f ! -path "$tree/scripts/*" -delete
	rm -f "$tree/vmlinux"
	touch "$built/.built"
}

"$fetch" -d get "$cache" debug-source >&2
source=$("$fetch" -d file "$cache" debug-source)
key=$({ cat "$config"; echo "${source##*/}"; "${cross}gcc" --version; } | sha256sum | cut -c 1-12)
built=$cache/debug-kernel-$key tree=$built/tree
mkdir -p "$built"
# Two build folders may want it at a time.
exec 8>"$built/lock"
flock 8
[ -e "$built/.built" ] || make_kernel "$@" 8>&-
exec 8>&-

rm -rf "$dir" && mkdir -p "$dir"
ln -s "$built/vmlinuz" "$built/version" "$dir"
ln -s "$tree" "$dir/headers"
# What a render node needs is in the kernel: there is nothing to load.
mkdir "$dir/modules"
touch "$dir/modules/list"
touch "$dir/.unpacked"
