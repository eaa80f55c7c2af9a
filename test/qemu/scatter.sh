#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# scatter.sh O: 100,000 scattered pages bound in one call, beside what the kernel's io-pgtable alone takes
# for as many, in the same guest. All are the least of several; what is judged is that all pages are right,
# and the ratio for one buffer, far from what it is if each page costs a mapping. The call is the user's: copied, checked, queued, waited for, and noted in DRM GPUVM, where
# pages of one buffer side by side are one mapping, and pages of 16 buffers by turns are 100,000.
# io-pgtable is called for each page, since no two are neighbours, and has nothing else to do. Prints TAP.
set -eu
o=$1
log=$o/test/scatter.log
mkdir -p "$o/test"

board/qemu-virt/run.sh -O "$o" -k 6.12 -p booti -i "$o/linux/6.12/initrd-scatter.gz" -l "$log" \
	-a 'gpuas.loops=1 gpuas.mib=0 gpuas.user=iopgtable,scatter:100000,iopgtable' ||
	echo 'not ok - scatter, the guest switches itself off'

cat >"$log.expect" <<'END'
scatter, io-pgtable maps and unmaps: gpuas-iopgtable: 100000 pages, map [0-9]+ ns, unmap [0-9]+ ns
scatter, it can be repeated: gpuas-test: scatter: seed 0x[0-9a-f]+
scatter, 100,000 pages of a buffer are bound in one call, and right: gpuas-test: scatter: 100000 pages of 1 in one call: 0, 0 of 192 wrong
scatter, and unbound in one: gpuas-test: scatter: of 1: map [0-9]+ ns, unmap [0-9]+ ns
scatter, so of many buffers: gpuas-test: scatter: 100000 pages of 16 in one call: 0, 0 of 48 wrong
scatter, and unbound in one: gpuas-test: scatter: of 16: map [0-9]+ ns, unmap [0-9]+ ns
scatter, as many ops as may be unmap a page each: gpuas-test: scatter: 131072 pages unmapped in one call, 1 apart: 0, 0 of 16 wrong
scatter, so every other page: gpuas-test: scatter: 131072 pages unmapped in one call, 2 apart: 0, 0 of 16 wrong
scatter, the user is content: gpuas-user scatter:100000: passed
scatter, nothing is left: gpuas-usage: 0 contexts, 0 pages, 0 tables, 0 mappings, 0 jobs
scatter, io-pgtable again: gpuas-iopgtable: 100000 pages, map [0-9]+ ns, unmap [0-9]+ ns
scatter, the machine is switched off: init: end
END
test/qemu/judge.sh "$log" "$log.expect"

# The least that each took
least() {
	tr -d '\r' <"$log" | sed -nE "s/.*$1: .*\<$2 ([0-9]+) ns.*/\1/p" | sort -n | sed -n 1p
}
# How many times as long as io-pgtable it takes, in tenths: BUFFERS WHAT
tenths() {
	local theirs ours
	theirs=$(least gpuas-iopgtable "$2") ours=$(least "gpuas-test: scatter: of $1" "$2")
	[ "${theirs:-0}" -gt 0 ] && [ "${ours:-0}" -gt 0 ] || return 0
	echo $((ours * 10 / theirs))
}
# BUFFERS WHAT
say() {
	local ratio
	ratio=$(tenths "$@")
	echo "# table $2 of 100,000 scattered pages of $1: $((ratio / 10)).$((ratio % 10)) times the time of io-pgtable alone"
}
# WHAT LIMIT
limit() {
	local ratio
	ratio=$(tenths 1 "$1")
	if [ -n "$ratio" ] && [ "$ratio" -le $(($2 * 10)) ]; then
		echo "ok - scatter, $1 takes at most $2 times as long as io-pgtable alone"
	else
		echo "not ok - scatter, $1 takes at most $2 times as long as io-pgtable alone (${ratio:-?} tenths)"
	fi
}
say 1 map
say 1 unmap
say 16 map
say 16 unmap
limit map 25
limit unmap 25
