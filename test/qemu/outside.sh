#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# outside.sh O DUMP CLOSED: a machine whose RAM is a file is switched off with mappings live; afterwards
# DUMP, the host's build of the library, finds in that file what Linux saw last. Prints TAP.
set -eu
o=$1 dump=$2 closed=$3
log=$o/test/outside.log
ram=$o/test/outside.ram
mkdir -p "$o/test"
rm -f "$ram"
trap 'rm -f "$ram"' EXIT

board/qemu-virt/run.sh -O "$o" -k 6.12 -p booti -l "$log" -a 'gpuas.test=keep gpuas.mib=8' -- \
	-machine memory-backend=ram -object "memory-backend-file,id=ram,size=1G,mem-path=$ram,share=on" ||
	echo 'not ok - the guest switches itself off'

tr -d '\r' <"$log" | sed '1,/^gpuas-dump-begin$/d; /^gpuas-dump-end$/,$d' >"$log.linux"
root=$(tr -d '\r' <"$log" | sed -n 's/.*gpuas: adopted: .* root \(0x[0-9a-f]*\),.*/\1/p')
rc=0
"$dump" "$ram" "${root:-0}" >"$log.host" || rc=$?
lines=$(wc -l <"$log.linux")
leaves=$(grep -c '^0xffffffa' "$log.linux" || true)
if [ "$leaves" -gt 0 ] && grep -q '^init: end' "$log"; then
	echo "ok - Linux dumps $lines lines, $leaves of its own window, and is switched off"
else
	echo "not ok - Linux dumps $lines lines, $leaves of its own window, and is switched off"
fi
if [ "$rc" -eq 0 ] && [ "$leaves" -gt 0 ] && cmp -s "$log.linux" "$log.host"; then
	echo 'ok - in the file that was its RAM, the host finds the same, line by line'
else
	echo "not ok - in the file that was its RAM, the host finds the same (status $rc, see $log.*)"
fi

# Between jobs nobody has the lock, and the SMMU has no context.
pas=()
for region in handoff ttbs fw-data shared; do
	pas+=("$(tr -d '\r' <"$log" | sed -n "s/.*gpuas: region $region pa \(0x[0-9a-f]*\) .*/\1/p" | head -n 1)")
done
found=$("$closed" "$ram" "${pas[@]}" || true)
if [ "$found" = 'locks 0 0, 0 contexts bound, stream open, no root loaded, mailbox 0, host slot in use' ]; then
	echo "ok - and there: $found"
else
	echo "not ok - and there: $found"
fi

# One bit of one entry: does the comparison see it? The last table entry of the root's window slots.
offset=$((root - 0x40000000 + 2 * 8))
printf '\000' | dd of="$ram" bs=1 seek="$offset" conv=notrunc status=none
"$dump" "$ram" "$root" >"$log.spoilt" || true
if cmp -s "$log.linux" "$log.spoilt"; then
	echo 'not ok - a spoilt root entry is noticed'
else
	echo 'ok - a spoilt root entry is noticed'
fi
