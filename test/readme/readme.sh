#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# readme.sh O CROSS_COMPILE: does what README.md says work? Its commands are run and its examples
# built, as they stand there. Prints TAP. (make run has run.sh; make test is what runs this.)
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL	# another make called us; the ones here are on their own
o=$1 cross=$2
top=$(pwd -P)
dir=$o/readme
u_boot=$o/u-boot-src
kernel=$(echo "$o"/linux/6.1/tree/usr/src/linux-headers-*arm64*)
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
for name in bootloader driver; do
	lines=$(grep -c . "$dir/$name.c")
	try "the $name example has about 30 lines ($lines)" test "$lines" -gt 20 -a "$lines" -le 40
done

# The bootloader
try 'the bootloader example builds' \
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Iinclude -o "$dir/bootloader" "$dir/bootloader.c" \
	test/readme/main.c "$o/host/libgpuas-fdt.a" "$o/host/libgpuas.a" -lfdt
"$dir/bootloader"

# The driver: a copy of links, so that kbuild's objects do not land in this tree
mkdir -p "$dir/module/libgpuas"
for part in lib include board; do
	cp -rs "$top/$part" "$dir/module/libgpuas/"
done
{
	cat "$dir/driver.c"
	echo 'static struct platform_driver my_driver = { .probe = my_probe, .driver.name = "my-gpu" };'
	echo 'module_platform_driver(my_driver);'
	echo 'MODULE_LICENSE("Dual BSD/GPL");'
	echo 'MODULE_DESCRIPTION("README example");'
} | sed 's/^int my_map/int my_map(struct gpuas_linux *gpu, struct page *page);\n&/' \
	>"$dir/module/driver.c"
block 'example: Kbuild' >"$dir/module/Kbuild"
try 'the driver example builds, with its Kbuild' \
	make -s -C "$kernel" M="$dir/module" ARCH=arm64 CROSS_COMPILE="$cross" CC="${cross}gcc" \
	KCFLAGS=-Werror modules

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
