#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# readme.sh O CROSS_COMPILE: does what README.md says work? Its commands are run and its examples
# built, as they stand there. Prints TAP. (make run has run.sh, the driver driver.sh; make test is what
# runs this.)
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL	# another make called us; the ones here are on their own
o=$1 cross=$2
top=$(pwd -P)
dir=$o/readme
u_boot=$o/u-boot-src
rm -rf "$dir" && mkdir -p "$dir"

# shellcheck source=test/readme/blocks.sh
. test/readme/blocks.sh

# Every command or example has a mark, or it is not known here.
blocks=$(grep -c '^```[a-z]' README.md)
marks=$(grep -cE '^<!-- (example|commands): ' README.md)
try 'every block of the README is one that is tested' test "$blocks" -eq "$marks"
make -pq O="$o" help >"$dir/database" 2>/dev/null
# Of the targets, those in the blocks for U-Boot are U-Boot's; the porting guide has its commands in
# quotation marks.
for target in $({ awk '/^<!-- commands: u-boot/ { on = 1 } !on; /^```$/ { on = 0 }' README.md |
			grep -oE '\bmake [a-z0-9._-]+\b'
		grep -ohE '"make [a-z0-9._-]+' board/template/*.c; } | awk '{ print $2 }' | sort -u); do
	try "make $target exists" grep -q "^$target:" "$dir/database"
done

block 'example: bootloader.c' >"$dir/bootloader.c"
lines=$(grep -c . "$dir/bootloader.c")
try "the bootloader example has about 30 lines ($lines)" test "$lines" -gt 20 -a "$lines" -le 40

# The bootloader
try 'the bootloader example builds' \
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Iinclude -o "$dir/bootloader" "$dir/bootloader.c" \
	test/readme/main.c "$o/host/libgpuas-fdt.a" "$o/host/libgpuas.a" -lfdt
"$dir/bootloader"

# U-Boot, built in place as the README does, in a tree of links that nobody has built in. What takes
# long is done once, without the library, and copied; nothing in it knows where it lies. And it begins
# with U-Boot's own objects of the build that is there, which kbuild takes if it is told that their
# commands need not be the same; those that another configuration changes are made anew. What is
# linked, and what is ours, is not among them.
export KBUILD_BUILD_TIMESTAMP='' SOURCE_DATE_EPOCH=1736208000 KBUILD_NOCMDDEP=1 KCFLAGS=-g0 HOSTCFLAGS=-O1
objects() {
	tar -c -C "$o/u-boot" --exclude=./{Makefile,source,System.map,include/asm,lib/gpuas} \
		--exclude='./u-boot*' --exclude='./.u-boot*' --exclude='*built-in.*' . | tar -x
}
plain() {
	"$top/board/qemu-virt/u-boot/overlay.sh" "$u_boot" "$dir/plain" && cd "$dir/plain" && objects &&
		make -s qemu_arm64_defconfig && scripts/config -e OFNODE_MULTI_TREE && make -s olddefconfig &&
		make -s -j"$(nproc)" CROSS_COMPILE="$cross"
}
# The last way takes the tree itself.
u_boot_way() {
	local commands copy='cp -aT'
	commands=$(block "commands: $1")
	[ "$1" != "$last_way" ] || copy='mv -T'
	$copy "$dir/plain" "$dir/$1" && rm "$dir/$1/u-boot" "$dir/$1/u-boot.bin" && cd "$dir/$1" &&
		MAKEFLAGS="-s -j$(nproc)" LIBGPUAS=$top bash -eu -c "$commands" && test -s u-boot.bin
}
sources() {
	find lib include board -type f -newer "$dir/started" ! -name '*.swp'
	find lib include board \( -name '*.o' -o -name '*.cmd' -o -name '*.a' \)
}
# Without a word of ours, but the board's own: U-Boot, then Linux
# shellcheck source=board/qemu-virt/machine.sh
. board/qemu-virt/machine.sh
u_boot_boot() {
	local log=$dir/$1.log keys=$dir/$1.keys
	mkdir -p "$dir/$1.boot"
	ln -sfn "$dir/$1" "$dir/$1.boot/u-boot"
	ln -sfn "$o/qemu" "$dir/$1.boot/qemu"
	machine "$dir/$1.boot" "$o/firmware/firmware.bin"
	rm -f "$keys" && mkfifo "$keys" && exec 4<>"$keys"
	timeout --foreground -k 5 900 "${machine[@]}" -m 1G -kernel "$o/linux/6.1/vmlinuz" \
		-initrd "$o/linux/6.1/initrd.gz" \
		-append 'console=ttyAMA0 panic=-1 gpuas.loops=1 gpuas.mib=0 gpuas.user=none' \
		<"$keys" >"$log" 2>&1 &
	# A key ends the countdown, and what is typed then is a command. It is pressed before the
	# countdown begins, as a busy host may be too late afterwards, and again and again, as keys get lost.
	printf '%100s' '' >&4
	while kill -0 $! 2>/dev/null && ! grep -q '^=> ' "$log"; do
		printf ' ' >&4
		sleep 0.2
	done
	printf '\003\n%s\n' 'gpuas info' 'gpuas check' 'qfw load 42000000 4c000000' \
		'booti 42000000 4c000000:$filesize $fdtcontroladdr' >&4
	wait $!
	exec 4>&-
	tr -d '\r' <"$log" >"$log.lines"
	for line in '^bring-up: built, board qemu-virt' '^firmware: runs' \
		'^check device tree against memory: ok' '^init: kernel 6\.1' 'gpuas: adopted: 6 regions' '^init: end'; do
		grep -qE -e "$line" "$log.lines" || { echo "$log.lines lacks: $line"; return 1; }
	done
	! grep -E '^gpuas: ' "$log.lines"
}
touch "$dir/started"
try 'U-Boot builds without the library, in place' plain
cd "$top" || exit
last_way=u-boot-unchanged
for way in u-boot-subtree $last_way; do
	(try "the README's commands for $way build, in place, from a fresh tree" u_boot_way $way)
	try "what they build boots, publishes, and Linux adopts ($way)" u_boot_boot $way
done
try 'and nothing was written into the sources' test -z "$(sources)"

# What could not publish does not compile, and says what to set.
refuses() {
	local option=$1 switch=$2 sentence=$3
	cd "$dir/u-boot-unchanged" && scripts/config "$switch" "$option" && make -s olddefconfig &&
		! make -s CROSS_COMPILE="$cross" lib/gpuas/lib/u-boot/ft.o >"$dir/refused" 2>&1 &&
		grep "$sentence" "$dir/refused"
}
(try 'without OFNODE_MULTI_TREE, nothing is built' \
	refuses OFNODE_MULTI_TREE -d 'error.*set CONFIG_OFNODE_MULTI_TREE=y')
(try 'nor with the live tree' refuses OF_LIVE -e 'error.*unset CONFIG_OF_LIVE')
spl=$(printf '%s\n' 'include lib/u-boot/Makefile' 'all:; @echo "$(obj-y)"' |
	make -s -f - srctree=. src=lib/u-boot CONFIG_XPL_BUILD=y all)
try 'SPL gets none of it' test -z "$spl"
rm -rf "$dir/plain" "$dir"/u-boot-{subtree,unchanged}{,.boot,.keys}
