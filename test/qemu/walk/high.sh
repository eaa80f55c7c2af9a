#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# high.sh IMAGE DIR: a 32-bit CPU writes above 4 GiB through tables of the library; the words have to
# be in the guest's RAM, and nothing at the same addresses less 4 GiB. Prints TAP.
set -u
# shellcheck source=test/qemu/walk/qemu.sh
. "${0%/*}/qemu.sh"
image=$1 ram=$2/high.ram log=$2/high.log
base=$((0x40000000))
trap 'rm -f "$ram"' EXIT

qemu cortex-a15 "$image" -M virt,memory-backend=ram -m 5G \
	-object "memory-backend-file,id=ram,size=5G,mem-path=$ram,share=on" >"$log"
rc=$?
grep '^not ok' "$log"
[ $rc -eq 0 ] && echo 'ok - the image came to its end' ||
	echo "not ok - the image came to its end (status $rc): $(tail -n 1 "$log")"

words() {
	od -An -v -t x4 -j "$1" -N 8 "$ram" | tr -d ' '
}

count=0
while read -r _ pa; do
	count=$((count + 1))
	wanted=$(printf '%08x%08x' $(((pa & 0xffffffff) ^ 0x5a5a5a5a)) $(((pa >> 32) ^ 0x5a5a5a5a)))
	alias=$(((pa & 0xffffffff) - base))
	if [ "$(words $((pa - base)))" != "$wanted" ]; then
		echo "not ok - the words are in RAM at $pa ($(words $((pa - base))), not $wanted)"
	elif [ $alias -ge 0 ] && [ "$(words $alias)" = "$wanted" ]; then
		echo "not ok - the words are in RAM at $pa, and not 4 GiB below"
	else
		echo "ok - the words are in RAM at $pa"
	fi
done < <(grep '^wrote ' "$log")
[ $count -eq 6 ] || echo "not ok - six places were written (and not $count)"
