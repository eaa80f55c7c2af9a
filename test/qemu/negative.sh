#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# negative.sh O CASE: one boot with one thing wrong, which has to be refused with its own message,
# by an OS that comes up all the same. Prints TAP.
#
# What goes wrong goes wrong between U-Boot and Linux: U-Boot's own "fdt boardsetup" publishes the
# handover in the tree that will be booted, its "fdt" and "mw" commands then damage tree or memory,
# and skip_board_fixup keeps the boot from publishing again.
# shellcheck disable=SC2016 # U-Boot expands its variables itself
set -eu
o=$1 name=$2
log=$o/test/bad-$name.log
mkdir -p "$o/test"

fdt=0x48000000
node=/reserved-memory/gpuas

tree="fdt move \${fdtcontroladdr} $fdt 0x110000"
publish='fdt boardsetup'
pa() {
	printf 'fdt get value hi %s-%s reg 0; fdt get value lo %s-%s reg 1; ' \
		"$node" "$1" "$node" "$1"
	printf 'setexpr pa ${hi} * 100000000; setexpr pa ${pa} + ${lo}'
}

prepare=$tree damage=
case $name in
no-map)
	damage="fdt set $node-fw-data no-map"
	expect='gpuas: not adopted: .*fw-data.* no-map.*EACCES' ;;
outside-memory)
	damage="fdt set $node-shared reg <0x0 0x20000000 0x0 0x10000>"
	expect='gpuas: not adopted: .*shared.*EFAULT' ;;
overlap)
	damage="$(pa fw-data); fdt set $node-shared reg <\${hi} \${lo} 0x0 0x10000>"
	expect='gpuas: not adopted: .*(shared.*fw-data|fw-data.*shared).*ENOTUNIQ' ;;
unaligned)
	damage="$(pa shared); setexpr lo \${lo} + 1000; fdt set $node-shared reg <\${hi} 0x\${lo} 0x0 0x10000>"
	expect='gpuas: not adopted: .*shared.*align.*EINVAL' ;;
stale-slot)
	damage="$(pa pagetables); setexpr pa \${pa} + 10; mw.q \${pa} 40000003"
	expect='gpuas: not adopted: .*slot.*EBUSY' ;;
wrong-magic)
	damage="$(pa handoff); mw.q \${pa} 4b1d000000000001"
	expect='gpuas: not adopted: .*0x4b1d000000000001.*EPROTO' ;;
no-room)
	# totalsize becomes what is in use, to the byte
	prepare="$tree; fdt header get a off_dt_strings; fdt header get b size_dt_strings"
	prepare="$prepare; setexpr n \${a} + \${b}; setexpr h \${n} / 100; mw.b 0x48000004 0"
	prepare="$prepare; mw.b 0x48000005 0; mw.b 0x48000006 \${h}; mw.b 0x48000007 \${n}; fdt addr $fdt"
	expect='^gpuas: no GPU for the OS, .*device tree: has no room' ;;
*)	echo "not ok - there is a case $name"; exit 0 ;;
esac

script=()
[ -z "$damage" ] || script=(-s "$damage")
board/qemu-virt/run.sh -O "$o" -k 6.1 -p booti -l "$log" -F $fdt \
	-s "$prepare" -s "$publish" "${script[@]}" -s 'setenv skip_board_fixup 1' ||
	echo "not ok - $name: the guest switches itself off"

{
	[ "$name" != no-room ] || echo "$name, U-Boot says what is wrong: $expect"
	echo "$name, Linux comes up: init: kernel 6\\.1"
	if [ "$name" = no-room ]; then
		echo "$name, and finds no half of a handover: init: no GPU node, or it is disabled"
	else
		echo "$name, the driver refuses with its own message: $expect"
	fi
	echo "$name, and the machine goes on: init: end"
} >"$log.expect"
test/qemu/judge.sh "$log" "$log.expect"
