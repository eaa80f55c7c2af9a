#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# boot.sh O KERNEL PATH: one boot of the real chain, judged by what both consoles have to show, and
# by U-Boot and Linux saying the same. PATH is booti, bootefi, or published: the second profile of the
# stand-in, in steps. Prints TAP.
set -eu
o=$1 kernel=$2 path=$3
dir=$o/test
log=$dir/boot-$kernel-$path.log
linux=$o/linux/$kernel
mkdir -p "$dir"
if [ ! -e "$linux/.unpacked" ]; then
	echo "ok - Linux $kernel boots by $path # SKIP its packages cannot be downloaded"
	exit 0
fi
version=$(cat "$linux/version") page=$(board/qemu-virt/kernel.sh page "$linux")

qemu=$(board/qemu-virt/qemu.sh version "$o/qemu")
[ "${qemu%%.*}" -ge 10 ] || export LACKS='upper half'
profile=answers regions=6 refused='8 of 8' how='without EFI' left='' again=none
case $path in
bootefi)
	how='by EFI' ;;
published)
	# Two regions have no-map, and are none of what the kernel lends. Somebody has left something in
	# both roots, above what is published.
	profile=published regions=7 refused='10 of 10' path=bootm again=copy
	left='fdt get value hi /reserved-memory/gpuas-tables reg 0; fdt get value lo /reserved-memory/gpuas-tables reg 1'
	left="$left; setexpr pa \${hi} * 100000000; setexpr pa \${pa} + \${lo}"
	left="$left; setexpr a \${pa} + 28; mw.q \${a} 4770; setexpr a \${pa} + 40038; mw.q \${a} 4770" ;;
esac
# Users come where the kernel can have a render node.
initrd=$linux/initrd.gz render='' user=none
if [ -d "$linux/modules" ]; then
	initrd=$linux/initrd-user.gz render=1 user=copy,stale,isolation,limits,fields,sparse,prime,timeline
else
	again=none
fi
board/qemu-virt/run.sh -O "$o" -k "$kernel" -P "$profile" -p "$path" -i "$initrd" -l "$log" ${left:+-b "$left"} \
	-s 'gpuas info' -s 'echo gpuas-dump-begin' -s 'gpuas dump' -s 'echo gpuas-dump-end' \
	-s 'gpuas check' -s 'gpuas fw log' -a "gpuas.user=$user gpuas.again=$again" ||
	echo "not ok - the guest switches itself off"

# What one profile of the stand-in has and the other has not
case $profile in
answers)   other=published ;;
published) other=answers ;;
esac
[ -n "$render" ] && users='s/^@render@ //; /^@bare@ /d' || users='s/^@bare@ //; /^@render@ /d'
sed -e "$users" -e "/^@$other@ /d" -e "s/^@$profile@ //" -e "s/@REGIONS@/$regions/" -e "s/@REFUSED@/$refused/" \
	-e "s/@KERNEL@/$(sed 's/[.+]/\\\\&/g' <<<"$version")\$/" -e "s/@PAGE@/$page/" -e "s/@HOW@/$how/g" \
	test/qemu/expect/u-boot test/qemu/expect/linux >"$log.expect"
test/qemu/judge.sh "$log" "$log.expect"

# For a table of all that was booted.
echo "# chain: $(tr -d '\r' <"$log" | sed -n 's/^\(U-Boot [0-9][^ ]*\).*/\1/p' | sed -n 1p), qemu-arm64, $path," \
	"Linux $version, $((page / 1024))K pages"

# Nth block of the log between the markers
block() {
	tr -d '\r' <"$log" | awk -v n="$1" '
		/^gpuas-dump-begin$/ { block++; next }
		/^gpuas-dump-end$/ { on = 0; if (block == n) exit }
		block == n'
}

# Region and PA, one pair a line, as U-Boot and as Linux have them
u_boot_regions() {
	tr -d '\r' <"$log" | sed -nE 's/^([a-z-]+) +(0x[0-9a-f]+) +[0-9]+[KM] .*/\1 \2/p' |
		while read -r name pa; do printf '%s 0x%x\n' "$name" "$pa"; done | head -n $regions
}
linux_regions() {
	tr -d '\r' <"$log" |
		sed -nE 's/.*gpuas: region ([a-z-]+) pa (0x[0-9a-f]+) .*/\1 \2/p' | head -n $regions
}

block 1 >"$log.dump-u-boot"
block 2 >"$log.dump-linux"
if [ "$(wc -l <"$log.dump-u-boot")" -ge 4 ] && cmp -s "$log.dump-u-boot" "$log.dump-linux"; then
	echo "ok - U-Boot and Linux dump the same $(wc -l <"$log.dump-u-boot") lines"
else
	echo "not ok - U-Boot and Linux dump the same (see $log.dump-*)"
fi
if [ "$(u_boot_regions | wc -l)" -eq $regions ] && [ "$(u_boot_regions)" = "$(linux_regions)" ]; then
	echo "ok - U-Boot and Linux name the same regions at the same addresses"
else
	echo "not ok - U-Boot and Linux name the same regions at the same addresses"
fi

# In the second profile the GPU has the first root, at the start of the tables, and the CPU the other.
tables=$(u_boot_regions | sed -n 's/^pagetables //p')
[ $profile = answers ] && own=$((tables)) || own=$((tables + 0x40000))
for line in "$(printf '^walks the root at 0x%x$' "$own")" \
	"$(printf '^context 0: TTB0 0x0{16}, TTB1 0x%016x .the root.$' $((tables | 1)))"; do
	if tr -d '\r' <"$log" | grep -qE "$line"; then
		echo "ok - each walker has its root: $line"
	else
		echo "not ok - each walker has its root: $line"
	fi
done

# As U-Boot sees it twice, and Linux at both ends of each round.
heartbeats() {
	tr -d '\r' <"$log" | sed -nE -e 's/^firmware: runs, heartbeat ([0-9]+), then ([0-9]+)$/\1\n\2/p' \
		-e 's/.*gpuas: firmware (runs|goes on): heartbeat ([0-9]+), .*/\2/p'
}
if [ "$(heartbeats | wc -l)" -eq 8 ] && heartbeats | sort -nuC; then
	echo "ok - the firmware's heartbeat grows through it all: $(heartbeats | tr '\n' ' ')"
else
	echo "not ok - the firmware's heartbeat grows through it all: $(heartbeats | tr '\n' ' ')"
fi

# It loads and unloads a context under the lock, for each copy, also those that fault; if it takes part.
counted() {
	tr -d '\r' <"$log" | sed -nE "s/.*gpuas: firmware goes on: .* ([0-9]+) $1(, .*)?$/\1/p" | tail -n 1
}
copies=$(($(counted copies) + $(counted faults))) locks=$(counted locks)
if [ "$copies" -gt 0 ] && [ $profile = published ] && [ "$locks" = 0 ]; then
	echo "ok - the firmware never took the lock, for $copies copies"
elif [ "$copies" -gt 0 ] && [ $profile = answers ] && [ "${locks:-0}" -ge $((2 * copies)) ]; then
	echo "ok - the firmware took the lock $locks times for $copies copies"
else
	echo "not ok - the firmware took the lock ${locks:-0} times for $copies copies"
fi

# Each round frees 64 MiB of pages and as much of tables; without a leak, the numbers differ by less
# than 100 kB. The debug kernel keeps freed memory back, and looks for leaks by itself.
margin=4096
[ "$kernel" != debug ] || margin=65536
free() {
	tr -d '\r' <"$log" | sed -nE "s/^gpuas-meminfo $1: ([0-9]+) kB free.*/\1/p"
}
first=$(free 1) last=$(free 3)
if [ -n "$first" ] && [ -n "$last" ] && [ "$last" -ge $((first - margin)) ]; then
	echo "ok - after round 3 as much memory is free as after round 1"
else
	echo "not ok - after round 3 as much memory is free as after round 1 (${last:-?} kB, not ${first:-?} kB)"
fi
