#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# u-boot-hosts.sh O CROSS_COMPILE CROSS_COMPILE_ARM HOW TREE...: does the library build in each of
# these U-Boot trees, and boot? HOW is "all", or "some": then only what is booted is linked, too, and
# of all trees but the first only QEMU's arm64 board is. A TREE that is not there is skipped. Prints
# TAP, and a table.
# shellcheck disable=SC2016 # U-Boot expands its variables itself
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL	# another make called us; the ones here are on their own
o=$1 cross=$2 cross_arm=$3 how=$4
shift 4
top=$(pwd -P)
qemu=$(board/qemu-virt/qemu.sh path "$o/qemu")
export QEMU_MODULE_DIR=$o/qemu/none
row=

result() {
	local rc=$1 what=$2
	shift 2
	[ "$rc" -eq 0 ] && echo "ok - $what" || echo "not ok - $what"
	return "$rc"
}

say_row() {
	row="$row, $1"
}

# tree DIR: a tree of links in $src, with the library in it by the subtree's way, and its version in
# $version
tree() {
	version=$(awk '$1 == "VERSION" { v = $3 } $1 == "PATCHLEVEL" { p = $3 }
		$1 == "EXTRAVERSION" { e = $3 } END { print v "." p e }' "$1/Makefile")
	dir=$o/hosts/$version src=$dir/src
	[ -f "$src/.from" ] && [ "$(cat "$src/.from")" = "$1" ] && return
	rm -rf "$dir"
	mkdir -p "$dir"
	board/qemu-virt/u-boot/overlay.sh "$1" "$src" || return
	ln -sfn "$top" "$src/lib/gpuas"
	echo 'source "lib/gpuas/lib/u-boot/Kconfig"' >>"$src/lib/Kconfig"
	echo 'obj-$(CONFIG_GPUAS) += gpuas/lib/u-boot/' >>"$src/lib/Makefile"
	echo "$1" >"$src/.from"
}

# u_boot BOARD PREFIX MAKE-ARGUMENT...
u_boot() {
	local board=$1 prefix=$2
	shift 2
	# Python's libfdt is for binman, which puts images together that are not looked at here.
	make -s -C "$src" O="$dir/$board" CROSS_COMPILE="$prefix" NO_SDL=1 CONFIG_PYLIBFDT= \
		KCFLAGS=-g0 HOSTCFLAGS=-O1 SOURCE_DATE_EPOCH=1736208000 "$@"
}

# configure BOARD PREFIX [LINE]...
configure() {
	local board=$1 prefix=$2 config=$dir/$1/.config
	shift 2
	[ ! -f "$config.done" ] || ! cmp -s "$config.lines" <(printf '%s\n' CONFIG_GPUAS=y "$@") ||
		return 0
	u_boot "$board" "$prefix" "${board}_defconfig" || return
	printf '%s\n' CONFIG_GPUAS=y "$@" >"$config.lines"
	(cd "$dir/$board" && "$src/scripts/kconfig/merge_config.sh" -m -O . .config .config.lines) \
		>/dev/null
	u_boot "$board" "$prefix" olddefconfig && grep -qx CONFIG_CMD_GPUAS=y "$config" &&
		touch "$config.done"
}

# Without a linked U-Boot: all that is ours, without a warning. Since 2026 a folder's objects want need-builtin.
compile() {
	u_boot "$1" "$2" need-builtin=1 lib/gpuas/lib/u-boot/ 2>&1 | tee "$dir/$1.log" >&2
	[ "${PIPESTATUS[0]}" -eq 0 ] && ! grep -q 'warning:.*\|error:' "$dir/$1.log" &&
		[ -s "$dir/$1/lib/gpuas/lib/u-boot/ft.o" ]
}

link() {
	u_boot "$1" "$2" -j"$(nproc)" "${3:-u-boot}" >&2 &&
		"${2}nm" "$dir/$1/u-boot" | grep ' gpuas_uboot_publish$' >&2
}

# families BOARD NAME...: are there boards of these in it, and of no others?
families() {
	local board=$1 made
	shift
	made=$("${cross}ar" t "$dir/$board"/lib/gpuas/lib/u-boot/built-in.[ao] |
		sed -n 's#.*board/\([a-z-]*\)/\(board\|soc\)\.o$#\1#p' | sort)
	[ "$made" = "$(printf '%s\n' "$@")" ] || { echo "$board has boards of:" $made >&2; return 1; }
}

# boot BOARD COMMANDS QEMU-ARGUMENT...: the console, in a file of the board's
boot() {
	local log=$dir/$1.log env=$dir/$1.env bios=$dir/$1/u-boot.bin
	printf 'gpuas_boot=%s; poweroff\n' "${2//$'\n'/ }" >"$env"
	shift 2
	timeout --foreground -k 5 900 "$@" -nographic -no-reboot -nic none -m 1G -bios "$bios" \
		-device "loader,file=$env,addr=0x4f000000,force-raw=on" </dev/null 2>&1 | tr -d '\r' >"$log"
}

has() {
	local log=$1 line
	shift
	for line; do
		grep -qE -e "$line" "$log" || { echo "$log lacks: $line" >&2; return 1; }
	done
}

# For "some", without what the machine does not have, or nobody asks for here, a third of the files.
config() {
	cat board/qemu-virt/u-boot.config
	[ "$how" = all ] || without USB VIDEO TPM NVME_PCI NVME SCSI_AHCI SCSI AHCI NET NETDEVICES \
		CMD_BOOTEFI_SELFTEST BOOTEFI_HELLO_COMPILE BOOTEFI_TESTAPP_COMPILE BOOTSTD BLKMAP \
		CMD_DFU DFU FS_EXT4 CMD_EXT4 CMD_EXT2 FIT FIT_SIGNATURE RSA LZMA LZ4 CMD_EFIDEBUG \
		CMD_EFICONFIG TOOLS_MKEFICAPSULE TOOLS_KWBIMAGE
	[ "$how" = all ] || echo CONFIG_NO_NET=y
}
without() {
	printf '# CONFIG_%s is not set\n' "$@"
}

# The tree that an OS would get, at a place of its own
tree_moves='fdt move ${fdtcontroladdr} 48000000 110000'

arm64() {
	configure qemu_arm64 "$cross" "$(config)" && link qemu_arm64 "$cross" u-boot.bin &&
		families qemu_arm64 qemu-virt && boot_arm64
}
boot_arm64() {
	boot qemu_arm64 "gpuas info; gpuas check && echo checked; $tree_moves;
		gpuas publish && echo published" \
		"$qemu" -M virt,gic-version=3,iommu=smmuv3 -cpu cortex-a76 -smp 2 \
		-device edu,dma_mask=0xffffffffffffffff,addr=02.0 \
		-fw_cfg "name=opt/gpuas/firmware,file=$o/firmware/firmware.bin"
	has "$dir/qemu_arm64.log" "^U-Boot ${version%-rc*}" '^bring-up: built, board qemu-virt' \
		'^firmware: runs' '^checked$' '^published$'
}

# The stand-in's firmware wants another CPU: one sentence, and the tree is as the machine has it, but
# for a GPU that is disabled.
arm() {
	configure qemu_arm "$cross_arm" "$(config)" "$no_tests" && link qemu_arm "$cross_arm" u-boot.bin &&
		families qemu_arm qemu-virt || return
	boot qemu_arm "gpuas info || echo none; $tree_moves; gpuas publish || echo without;
		fdt print /gpuas-gpu; fdt print /memory@40000000; fdt print /reserved-memory" \
		"${qemu%aarch64}arm" -M virt -cpu cortex-a15
	has "$dir/qemu_arm.log" "^U-Boot ${version%-rc*}" \
		'^gpuas: no GPU for the OS, bring-up failed: part CPU: for the firmware has to be a 64-bit one' \
		'^none$' '^without$' 'status = "disabled"' 'device_type = "memory"' 'FDT_ERR_NOTFOUND'
}

# How far each board comes: a function, and the word for it in the table
board() {
	local name=$1 word=$2
	shift 2
	result "$("$@" 2>"$dir.$name.err" >&2; echo $?)" "U-Boot $version: $name is $word" &&
		say_row "$name $word" || { say_row "$name FAILED"; tail -n 20 "$dir.$name.err" >&2; }
}
# compiled FAMILIES BOARD PREFIX [LINE]..., linked likewise
compiled() {
	local families=$1
	shift
	configure "$@" && compile "$1" "$2" && families "$1" $families
}
linked() {
	local families=$1
	shift
	configure "$@" && link "$1" "$2" && families "$1" $families
}
# What "make u-boot" has built, and many other tests have booted
built() {
	rm -rf "$dir/qemu_arm64" && ln -s "$o/u-boot" "$dir/qemu_arm64" &&
		families qemu_arm64 apple qemu-virt && boot_arm64
}

# U-Boot's tests of itself, which nobody runs here
no_tests=$(without UNIT_TEST)

# The live tree is not for us, and the keys of capsules want a tool that nobody has
sandbox=$(without OF_LIVE EFI_CAPSULE_AUTHENTICATE)
all_boards() {
	[ ! -L "$dir/qemu_arm64" ] || rm "$dir/qemu_arm64"
	board qemu_arm64 booted arm64
	board qemu_arm booted arm
	board apple_m1 linked linked apple apple_m1 "$cross"
	board sandbox linked linked 'apple qemu-virt' sandbox '' "$sandbox"
}
some_boards() {
	if [ "$1" -eq 1 ]; then
		board qemu_arm64 booted built
		board qemu_arm booted arm
	else
		board qemu_arm64 booted arm64
	fi
	board apple_m1 compiled compiled apple apple_m1 "$cross"
	board sandbox compiled compiled 'apple qemu-virt' sandbox '' "$sandbox"
}

n=0
for from; do
	n=$((n + 1)) row=
	if [ ! -f "$from/Makefile" ]; then
		echo "ok - U-Boot of ${from##*/} # SKIP its source cannot be had"
		echo "# table U-Boot ${from##*/}: skipped, its source cannot be had"
		continue
	fi
	tree "$from" || { echo "not ok - $from is a U-Boot tree"; continue; }
	"${how}_boards" $n
	echo "# table U-Boot $version: ${row#, }"
done
