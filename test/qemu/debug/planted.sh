#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# planted.sh O: are the debug kernel's checkers worth anything? Each has to report the fault that is
# planted for it, and the judge of boots has to see the report. Prints TAP.
#
# Lockdep says one thing a boot, and nothing after KASAN's first: one boot for each of its kinds.
set -eu
o=$1
dir=$o/debug
debug=${0%/*}
mkdir -p "$dir"

# boot NAME BUGS: straight into the kernel, as neither U-Boot nor a GPU is needed
boot() {
	local qemu
	qemu=$(board/qemu-virt/qemu.sh path "$o/qemu")
	timeout -k 5 3600 "$qemu" -M virt,gic-version=3 -cpu cortex-a76 -smp 2 -m 1G -nographic -no-reboot -nic none \
		-kernel "$o/linux/debug/vmlinuz" -initrd "$o/linux/debug/planted.gz" \
		-append "console=ttyAMA0,115200 panic=-1 kasan_multi_shot plants=$2" \
		</dev/null >"$dir/planted-$1.log" 2>&1 || true
}

# found NAME BUG REPORT: between the lines that say that it was planted, and as reports.sh finds it
found() {
	local log=$dir/planted-$1.log said listed
	said=$(tr -d '\r' <"$log" | awk -v b="$2" '
		index($0, "planted: " b " was planted") { exit }
		on; index($0, "planted: " b) { on = 1 }')
	[ "$2" != leaks ] || said=$(tr -d '\r' <"$log" | sed -n '/debug: kmemleak:/,$p')
	listed=$("$debug/reports.sh" -l "$log" | grep -E -m 1 -e "$3" || true)
	if ! grep -qE -e "$3" <<<"$said"; then
		echo "not ok - $2 is reported: $3 (see $log)"
	elif [ -z "$listed" ]; then
		echo "not ok - $2 is reported, and the judge sees it: $3 (see $log)"
	else
		echo "ok - $2 is reported, and the judge sees it:${listed#*:}"
	fi
}

lockdep='
inversion WARNING: possible circular locking dependency detected
reclaim WARNING: possible circular locking dependency detected
fence_waits WARNING: possible circular locking dependency detected
fence_allocates WARNING: possible circular locking dependency detected'

# The first one is lockdep's too, which lets others follow; the last one ends in an oops.
others='
unprotected WARNING: suspicious RCU usage
sleeps BUG: scheduling while atomic|BUG: sleeping function called from invalid context
shift UBSAN: shift-out-of-bounds
past_array UBSAN: array-index-out-of-bounds
dma_size DMA-API: [^:]*planted[^:]*: device driver frees DMA memory with different size
deleted_twice list_del corruption
live_timer ODEBUG: free active
not_linear WARNING: .*virt_to_phys|virt_to_phys used for non-linear address
hangs INFO: task insmod:[0-9]+ blocked for more than 5 seconds
use_after_free BUG: KASAN: slab-use-after-free
out_of_bounds BUG: KASAN: slab-out-of-bounds
double_free BUG: KASAN: double-free
leaks unreferenced object
free_page_touched Unable to handle kernel paging request'

while read -r bug report; do
	[ -n "$bug" ] || continue
	boot "$bug" "$bug"
	found "$bug" "$bug" "$report"
done <<<"$lockdep"

boot others "$(sed -n 's/^\([a-z_]*\) .*/\1/p' <<<"$others" | paste -sd,)"
while read -r bug report; do
	[ -z "$bug" ] || found others "$bug" "$report"
done <<<"$others"
