#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# agree.sh DIR: the same random program on three builds of the library leaves the same tables, bit
# for bit, and the host reads in a guest's RAM what the guest wrote. Prints TAP.
set -u
# shellcheck source=test/qemu/walk/qemu.sh
. "${0%/*}/qemu.sh"
dir=$1

run() {
	local name=$1 rc=0
	shift
	"$@" >"$dir/agree-$name.log" || rc=$?
	if [ $rc -eq 0 ]; then
		echo "ok - the program ran on $name"
	else
		echo "not ok - the program ran on $name (status $rc): $(grep '^not ok' "$dir/agree-$name.log")"
	fi
}

ram=$dir/agree.ram
trap 'rm -f "$ram"' EXIT
run host "$dir/host/agree"
run plain "$dir/host/agree" plain
run small "$dir/host/agree-small"
run a64 qemu max "$dir/a64/agree.elf" -M virt,virtualization=on,memory-backend=ram -m 256M \
	-object "memory-backend-file,id=ram,size=256M,mem-path=$ram,share=on"
# shellcheck disable=SC2086
run a32 qemu cortex-a15 "$dir/a32/agree.elf" $el2

sed 's/^/# /' "$dir/agree-host.log"
spaces=0
while read -r line; do
	spaces=$((spaces + 1))
	what=$(cut -d ' ' -f 2-5 <<<"$line") other=
	for build in a64 a32 plain; do
		grep -qxF "$line" "$dir/agree-$build.log" || other+=" $build"
	done
	if [ -z "$other" ]; then
		echo "ok - $what: host, 64-bit, 32-bit, and by tables of unknown content: the same tables"
	else
		echo "not ok - $what: host, 64-bit, 32-bit, and by tables of unknown content: the same tables (not$other)"
	fi
done < <(grep '^hash ' "$dir/agree-host.log")
[ $spaces -eq 9 ] || echo "not ok - nine spaces were compared (and not $spaces)"

small=$(grep -c '^hash ' "$dir/agree-small.log")
if [ "$small" -eq 4 ] && ! grep '^hash ' "$dir/agree-small.log" | grep -vxFf "$dir/agree-host.log"; then
	echo "ok - $small spaces: built small, for one granule: the same tables"
else
	echo "not ok - $small spaces of 4: built small, for one granule: the same tables"
fi

tree=$(grep '^tree ' "$dir/agree-a64.log")
seen=$("$dir/host/agree" "$ram" "$(cut -d ' ' -f 2 <<<"$tree")")
if [ -n "$tree" ] && [ "$tree" = "$seen" ]; then
	echo "ok - the host finds in the guest's RAM what the guest found: ${tree#tree }"
else
	echo "not ok - the host finds in the guest's RAM what the guest found ($tree; $seen)"
fi
