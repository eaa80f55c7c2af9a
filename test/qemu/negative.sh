#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# negative.sh O CASE: one boot with one thing wrong, which has to be refused with its own message,
# by an OS that comes up all the same. Prints TAP. "borrow" alone has nothing wrong, and all around
# that a driver must not read.
#
# What goes wrong goes wrong between U-Boot and Linux: the boot is done in steps, and when U-Boot has
# published the manifest in the tree that Linux gets, its "fdt" and "mw" commands damage tree or memory.
# shellcheck disable=SC2016 # U-Boot expands its variables itself
set -eu
o=$1 name=$2
log=$o/test/bad-$name${KERNEL:+-$KERNEL}.log kernel=${KERNEL:-6.1}
mkdir -p "$o/test"

fdt=0x48000000
node=/reserved-memory/gpuas

tree="fdt move \${fdtcontroladdr} $fdt 0x110000"
pa() {
	printf 'fdt get value hi %s-%s reg 0; fdt get value lo %s-%s reg 1; ' \
		"$node" "$1" "$node" "$1"
	printf 'setexpr pa ${hi} * 100000000; setexpr pa ${pa} + ${lo}'
}

# A node of somebody else's: NAME ADDRESS SIZE
foreign() {
	printf 'fdt mknode /reserved-memory %s@%s; ' "$1" "$2"
	printf 'fdt set /reserved-memory/%s@%s reg <0 0x%s 0 0x%s>; ' "$1" "$2" "$2" "$3"
	printf 'fdt set /reserved-memory/%s@%s no-map' "$1" "$2"
}
# The regions below 0x60000000, so that mem= can make RAM end above them, or in them
low='gpuas stop; gpuas start 60000000'

prepare=$tree profile=answers damage='' append='' from="-F $fdt" how=booti u_boot=() firmware=''
driver='the driver refuses with its own message'
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
lists)
	damage='fdt set /gpuas-gpu memory-region-names ttbs pagetables handoff fw-text fw-data shared more'
	expect='gpuas: not adopted: .*memory-region and memory-region-names do not agree.*EBADMSG' ;;
names)
	damage='fdt mknode /reserved-memory gpuas-handoff@1'
	expect='gpuas: not adopted: .*handoff.*two nodes.*ENOTUNIQ' ;;
length)
	damage='fdt get value p /gpuas-gpu phandle'
	damage="$damage; fdt set $node-fw-text iommu-addresses <\${p} 0xffffff80 0x0 0x0 0x0>"
	expect='gpuas: not adopted: .*fw-text.*iommu-addresses has another size.*EBADMSG' ;;
cells)
	# The lengths come out right, modulo 2^32
	prepare="$tree; fdt mknode / bus; fdt set /bus compatible simple-bus; fdt set /bus ranges"
	prepare="$prepare; fdt set /bus '#address-cells' <2>; fdt set /bus '#size-cells' <2>"
	prepare="$prepare; fdt mknode /bus gpu; fdt set /bus/gpu compatible gpuas,qemu-virt-gpu"
	damage="fdt set /bus '#address-cells' <0x40000000>; fdt get value p /bus/gpu phandle"
	for region in fw-text fw-data shared; do
		damage="$damage; fdt set $node-$region iommu-addresses <\${p} 0 0>"
	done
	expect='gpuas: not adopted: .*#address-cells or #size-cells that are not 1 or 2.*EBADMSG' ;;
table-no-map)
	# The firmware's slot of the root leads to a page that is not in the linear map
	damage="$(foreign hole 50000000 10000); $(pa pagetables); mw.q \${pa} 50000003"
	expect='gpuas: not adopted: .*a table cannot be read on the way to VA.*EFAULT' ;;
cut)
	prepare="$low; $tree" append='mem=0x1fff8000'
	expect='gpuas: not adopted: .*ttbs.*cut by mem=.*0x5fff8000.*EFAULT' ;;
borrow)
	# The last page of RAM is lent, and what follows is not; no-map of whole pages, and within
	# one; memory that is added, and stays offline
	prepare="$low; $tree" append='mem=512M gpuas.hotplug=0x68000000'
	damage="$(foreign hole 50000000 10000); $(foreign part 50100400 400)"
	driver='the driver adopts and is lent nothing that it must not have'
	expect='gpuas: selftest: borrow: 11 of 11 refused' ;;
published-block)
	profile=published
	damage="$(pa tables); setexpr pa \${pa} + 10; mw.q \${pa} 40000001"
	expect='gpuas: not adopted: root: number 0: entry 2, for the host, is no link to the lent table: 0x40000001.*EEXIST' ;;
published-root)
	# The tables end where the second root begins
	profile=published
	damage="$(pa tables); fdt set $node-tables reg <\${hi} \${lo} 0x0 0x40000>"
	expect='gpuas: not adopted: .*pagetables.*EMSGSIZE' ;;
published-ram)
	# The other way round of no-map above: it has to be there
	profile=published
	damage="fdt rm $node-lent no-map"
	expect='gpuas: not adopted: .*lent.*no-map.*EACCES' ;;
bring-up)
	prepare='gpuas stop; gpuas start 40080000 || echo start failed; echo booting' from=''
	u_boot=(
		'one sentence: ^gpuas: no GPU for the OS, bring-up failed: region fw-text: no memory of size 0x40000; try'
		'it fails: ^start failed'
		'the boot goes on: ^booting'
		'the OS gets no GPU: ^gpuas: no GPU for the OS, bring-up failed: region fw-text: no memory'
	) ;;
no-room)
	# totalsize becomes what is in use, to the byte
	prepare="$tree; fdt header get a off_dt_strings; fdt header get b size_dt_strings"
	prepare="$prepare; setexpr n \${a} + \${b}; setexpr h \${n} / 100; mw.b 0x48000004 0"
	prepare="$prepare; mw.b 0x48000005 0; mw.b 0x48000006 \${h}; mw.b 0x48000007 \${n}; fdt addr $fdt; gpuas publish"
	u_boot=('it says what is wrong: ^gpuas: no GPU for the OS, .*device tree: has no room') ;;
firmware)
	# A CPU that goes nowhere: "b ."
	firmware=$o/test/firmware-hangs.bin
	printf '\000\000\000\024' >"$firmware"
	prepare="$tree; gpuas publish; fdt rsvmem print; echo booting" from=''
	u_boot=(
		'one sentence: ^gpuas: no GPU for the OS, bring-up failed: handoff magic_fw: is still 0.*; its memory stays reserved, reset the machine$'
		'the boot goes on: ^booting'
		'the OS gets no GPU: ^gpuas: no GPU for the OS, bring-up failed: handoff magic_fw: is still 0.*; reset the machine$'
	) ;;
untold)
	# Nothing that could be run, but each time a tree that U-Boot keeps in mind, up to four
	how=bootefi from=''
	prepare='for i in 1 2 3 4; do bootefi 4e000000:1000 ${fdtcontroladdr}; done; echo booting'
	u_boot=(
		'it keeps four trees in mind: ^Too many registered device trees'
		'the boot goes on: ^booting'
		'the GPU is stopped when EFI is left: ^gpuas: the OS.s device tree does not have the GPU, which is stopped: node gpuas,qemu-virt-gpu: is missing$'
	) ;;
*)	echo "not ok - there is a case $name"; exit 0 ;;
esac

# A tree that is wrong is seen before the OS starts, which then has to see it by itself
stopped=''
case $name in
published-root | published-ram | no-map | outside-memory | overlap | unaligned | lists | names | length | cells)
	stopped='^gpuas: the OS.s device tree does not have the GPU, which is stopped: ' ;;
esac

[ -z "$damage" ] || how=bootm
# shellcheck disable=SC2086 # two words, or none
board/qemu-virt/run.sh -O "$o" -k "$kernel" -P $profile -p $how -l "$log" $from ${append:+-a "$append"} \
	-s "$prepare" ${damage:+-b "fdt resize 1000; $damage"} \
	${firmware:+-f "$firmware"} || echo "not ok - $name: the guest switches itself off"

{
	for line in "${u_boot[@]}"; do
		echo "$name, U-Boot, $line"
	done
	[ -z "$stopped" ] || echo "$name, U-Boot stops the GPU: $stopped"
	echo "$name, Linux comes up: init: kernel $(sed 's/[.+]/\\&/g' "$o/linux/$kernel/version")\$"
	if [ ${#u_boot[@]} -gt 0 ]; then
		echo "$name, and finds no half of a manifest: init: no GPU node, or it is disabled"
	else
		echo "$name, $driver: $expect"
	fi
	echo "$name, and the machine goes on: init: end"
} >"$log.expect"
test/qemu/judge.sh "$log" "$log.expect"
# What such firmware may use, Linux must keep off
if [ "$name" = firmware ]; then
	kept=$(tr -d '\r' <"$log" | awk '
		function number(hex,	i, n) {
			for (i = 1; i <= length(hex); i++)
				n = n * 16 + index("123456789abcdef", substr(hex, i, 1))
			return n
		}
		/^ +[0-9]+\t[0-9a-f]+\t[0-9a-f]+$/ {
			start[++regions] = number($2)
			size[regions] = number($3)
		}
		/^init: iomem .* reserved$/ {
			split($3, range, "-")
			for (i = 1; i <= regions; i++)
				kept += number(range[1]) <= start[i] && start[i] + size[i] - 1 <= number(range[2])
		}
		END { print kept + 0 " of " regions + 0 }')
	[ "$kept" = '6 of 6' ] && echo "ok - $name, Linux keeps off the memory that it may use" ||
		echo "not ok - $name, Linux keeps off the memory that it may use ($kept regions)"
fi
if [ "$name" = bring-up ] || [ "$name" = firmware ]; then
	said=$(tr -d '\r' <"$log" | sed '/^start failed/,$d; /^Working FDT/,$d; /^booting/,$d' | grep -c '^gpuas: no GPU' || true)
	[ "$said" = 1 ] && echo "ok - $name, the sentence is said once" ||
		echo "not ok - $name, the sentence is said once ($said)"
fi
