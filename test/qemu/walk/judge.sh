#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# judge.sh CPU IMAGE: what the MMU of one CPU says. Prints TAP.
set -u
# shellcheck source=test/qemu/walk/qemu.sh
. "${0%/*}/qemu.sh"

# shellcheck disable=SC2086
qemu "$1" "$2" $el2
rc=$?
[ $rc -eq 0 ] && echo "ok - the image came to its end on $1" ||
	echo "not ok - the image came to its end on $1 (status $rc)"
