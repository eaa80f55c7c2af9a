#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# scatter.sh O: 100,000 scattered pages bound in one call, beside what the kernel's io-pgtable alone takes
# for as many, in the same guest. Both are the least of three; what is judged is that all pages are right,
# and that their ratio is not out of all proportion. Prints TAP.
set -eu
o=$1
log=$o/test/scatter.log
limit=100
mkdir -p "$o/test"

board/qemu-virt/run.sh -O "$o" -k 6.12 -p booti -i "$o/linux/6.12/initrd-scatter.gz" -l "$log" \
	-a 'gpuas.loops=1 gpuas.mib=0 gpuas.user=iopgtable,scatter:100000,iopgtable' ||
	echo 'not ok - scatter, the guest switches itself off'

cat >"$log.expect" <<'END'
scatter, io-pgtable maps and unmaps: gpuas-iopgtable: 100000 pages, map [0-9]+ ns, unmap [0-9]+ ns
scatter, 100,000 pages are bound in one call, and right: gpuas-test: scatter: seed 0x[0-9a-f]+, 100000 pages in one call: 0, 0 of 48 wrong
scatter, and unbound in one: gpuas-test: scatter: map [0-9]+ ns, unmap [0-9]+ ns
scatter, the user is content: gpuas-user scatter:100000: passed
scatter, nothing is left: gpuas-usage: 0 contexts, 0 pages, 0 tables, 0 mappings, 0 jobs
scatter, io-pgtable again: gpuas-iopgtable: 100000 pages, map [0-9]+ ns, unmap [0-9]+ ns
scatter, the machine is switched off: init: end
END
test/qemu/judge.sh "$log" "$log.expect"

# The least that io-pgtable took, before or after
tr -d '\r' <"$log" | awk -v limit=$limit '
	match($0, /map [0-9]+ ns, unmap [0-9]+ ns/) {
		split(substr($0, RSTART, RLENGTH), word, " ")
		who = /gpuas-iopgtable/ ? "theirs" : "ours"
		if (!((who, "map") in ns) || ns[who, "map"] > word[2]) ns[who, "map"] = word[2]
		if (!((who, "unmap") in ns) || ns[who, "unmap"] > word[5]) ns[who, "unmap"] = word[5]
	}
	function ratio(what) {
		if (!ns["theirs", what] || !ns["ours", what]) return -1
		return ns["ours", what] / ns["theirs", what]
	}
	END {
		map = ratio("map")
		printf "# table vm_bind of 100,000 scattered pages: %.1f times the time of io-pgtable alone, unmap %.1f times\n", map, ratio("unmap")
		printf "%sok - scatter, a bind takes at most %d times as long as io-pgtable alone (%.1f)\n",
			map > 0 && map <= limit ? "" : "not ", limit, map
	}'
