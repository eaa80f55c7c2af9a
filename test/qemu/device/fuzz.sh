#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# fuzz.sh QEMU IMAGE WITHOUT-FLUSH LOOK: random trees under random accesses; then, from outside, the last
# trees in the RAM that the guest left behind. GPUAS_SEED chooses the run. Prints TAP.
set -uo pipefail
# shellcheck source=test/qemu/device/run.sh
. "${0%/*}/run.sh"
image=$2 without_flush=$3 look=$4
log=${image%/*}/fuzz-${1##*/}.log
ram=${log%.log}.ram
trap 'rm -f "$ram"' EXIT

use_qemu "$1"
gpu "$image" -machine memory-backend=ram \
	-object "memory-backend-file,id=ram,size=256M,mem-path=$ram,share=on" >"$log"
rc=$?
cat "$log"
[ $rc -eq 0 ] && grep -q '^1\.\.' "$log"
judge "the image came to its end with QEMU $version"

# The trees, in the words of guest and host
trees=$(grep '^tree ' "$log")
mapfile -t roots < <(cut -d ' ' -f 3 <<<"$trees")
seen=$("$look" "$ram" "${roots[@]}")
[ "${#roots[@]}" -eq $((1 + whole)) ] && [ "$seen" = "$trees" ]
judge "the host finds in the guest's RAM what the guest found: $(tr "\n" " " <<<"$seen")"

# And not because it always does: the first entry of the root goes.
first=$(((roots[0] - 0x40000000) / 8))
dd if=/dev/zero of="$ram" bs=8 count=1 seek=$first conv=notrunc status=none
seen=$("$look" "$ram" "${roots[@]}")
[ -n "$seen" ] && [ "$seen" != "$trees" ]
judge "the host sees that an entry was changed: $(head -n 1 <<<"$seen")"

out=$(gpu "$without_flush")
echo "# without flush: $(grep -m 1 '^# difference: ' <<<"$out")"
grep -q '^not ok .* built trees' <<<"$out"
judge "a host that does not flush is found"
