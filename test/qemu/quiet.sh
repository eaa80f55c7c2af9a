#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# quiet.sh DIR: does the QEMU that was unpacked into DIR leave the modules of the installed one alone? It
# would say of each that it is of another build. Prints TAP.
set -u
qemu=$(board/qemu-virt/qemu.sh path "$1")
name='the unpacked QEMU says nothing about modules of another'

# Where the installed one has its modules
modules=$(ls /usr/lib/*/qemu/*.so 2>/dev/null | wc -l)
if [ "$qemu" = qemu-system-aarch64 ]; then
	echo "ok - $name # SKIP only one QEMU is used"
elif [ "$modules" -eq 0 ]; then
	echo "ok - $name # SKIP no other has modules"
elif said=$(echo quit | "$qemu" -M virt -nic none -S -display none -serial null -monitor stdio 2>&1 >/dev/null) &&
	[ -z "$said" ]; then
	echo "ok - $name"
else
	echo "not ok - $name: $(head -n 1 <<<"$said")"
fi
