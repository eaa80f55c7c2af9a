#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# readme.sh O CROSS_COMPILE KERNEL...: does what README.md says work? Its commands are run and its examples
# built, as they stand there. Prints TAP. (make run has run.sh; make test is what runs this.)
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL	# another make called us; the ones here are on their own
o=$1 cross=$2
top=$(pwd -P)
dir=$o/readme
u_boot=$o/u-boot-src
shift 2
kernels=$*
rm -rf "$dir" && mkdir -p "$dir"

# The fenced block below the comment that starts with "<!-- $1"
block() {
	awk -v mark="<!-- $1" '
		index($0, mark) == 1 { armed = 1; next }
		armed && /^```/ { if (on) exit; on = 1; next }
		on' README.md
}

# try NAME COMMAND...: one result; what the command printed only if it failed
try() {
	local name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		tail -n 20 "$dir/log" >&2
	fi
}

# Every command or example has a mark, or it is not known here.
blocks=$(grep -c '^```[a-z]' README.md)
marks=$(grep -cE '^<!-- (example|commands): ' README.md)
try 'every block of the README is one that is tested' test "$blocks" -eq "$marks"
make -pq O="$o" help >"$dir/database" 2>/dev/null
# The porting guide has its commands in quotation marks.
for target in $({ grep -oE '\bmake [a-z0-9._-]+\b' README.md
		grep -ohE '"make [a-z0-9._-]+' board/template/*.c; } | awk '{ print $2 }' | sort -u); do
	try "make $target exists" grep -q "^$target:" "$dir/database"
done

block 'example: bootloader.c' >"$dir/bootloader.c"
block 'example: driver.c' >"$dir/driver.c"
lines=$(grep -c . "$dir/bootloader.c")
try "the bootloader example has about 30 lines ($lines)" test "$lines" -gt 20 -a "$lines" -le 40
lines=$(grep -c . "$dir/driver.c")
try "the driver example, a whole module, has about 55 lines ($lines)" test "$lines" -gt 40 -a "$lines" -le 60

# The bootloader
try 'the bootloader example builds' \
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Iinclude -o "$dir/bootloader" "$dir/bootloader.c" \
	test/readme/main.c "$o/host/libgpuas-fdt.a" "$o/host/libgpuas.a" -lfdt
"$dir/bootloader"

# The driver, as it stands there: no word of compiler or modpost, nothing written into this tree
build_driver() {
	local said
	said=$(board/qemu-virt/kernel.sh make "$o/linux/$1" "$o/tools" -s W=1 M="$dir/module" modules 2>&1) &&
		[ -z "$said" ] && [ -e "$dir/module/my-gpu.ko" ] && return
	echo "$said"
	return 1
}
for kernel in $kernels; do
	if [ ! -e "$o/linux/$kernel/.unpacked" ]; then
		echo "ok - the driver example builds for Linux $kernel # SKIP it cannot be downloaded"
		continue
	fi
	rm -rf "$dir/module" && mkdir -p "$dir/module"
	ln -s "$top" "$dir/module/libgpuas"
	cp "$dir/driver.c" "$dir/module/"
	block 'example: Kbuild' >"$dir/module/Kbuild"
	try "the driver example builds for Linux $kernel at W=1, with its Kbuild" build_driver "$kernel"
done
try 'and nothing was written into this tree' \
	test -z "$(find lib include board -name '*.o' -o -name '.*.cmd')"

# U-Boot: its tree as links, but for the two files that the commands change
u_boot_tree() {
	local commands
	commands=$(block "commands: $1")
	rm -rf "$dir/u-boot" "$dir/u-boot-out"
	cp -rs "$u_boot" "$dir/u-boot"
	rm -f "$dir/u-boot/lib/gpuas" "$dir/u-boot/board/emulation/qemu-arm/config.mk"
	for file in lib/Kconfig lib/Makefile; do
		cp --remove-destination "$u_boot/$file" "$dir/u-boot/$file"
	done
	(cd "$dir/u-boot" && LIBGPUAS=$top bash -eu -c "$commands")
}
u_boot_make() {
	make -s -C "$dir/u-boot" O="$dir/u-boot-out" CROSS_COMPILE="$cross" "$@"
}
u_boot_config() {
	u_boot_make qemu_arm64_defconfig &&
		"$dir/u-boot/scripts/config" --file "$dir/u-boot-out/.config" -e GPUAS -e CMD_GPUAS &&
		u_boot_make olddefconfig && grep -qx 'CONFIG_CMD_GPUAS=y' "$dir/u-boot-out/.config"
}
try 'the commands for a U-Boot subtree work' u_boot_tree u-boot-subtree
try 'U-Boot offers CONFIG_GPUAS then' u_boot_config
try 'and compiles the library' u_boot_make lib/gpuas/lib/u-boot/
try 'the commands for an unchanged U-Boot work' u_boot_tree u-boot-unchanged
try 'they make the very links that the tested U-Boot was built with' \
	test "$(realpath "$dir/u-boot/lib/gpuas" "$dir/u-boot/board/emulation/qemu-arm/config.mk")" = \
	"$(realpath "$u_boot/lib/gpuas" "$u_boot/board/emulation/qemu-arm/config.mk")"
rm -rf "$dir/u-boot" "$dir/u-boot-out" "$dir/module"
