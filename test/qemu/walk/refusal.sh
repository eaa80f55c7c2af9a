#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# refusal.sh A64-IMAGE A32-IMAGE: a CPU that cannot judge is refused, or a flood of differences that
# mean nothing would follow: QEMU silently picks another granule. Prints TAP.
set -u
# shellcheck source=test/qemu/walk/qemu.sh
. "${0%/*}/qemu.sh"

# refused WHY CPU IMAGE OPTION...
refused() {
	local why=$1 out rc
	shift
	out=$(qemu "$@") && rc=0 || rc=$?
	if [ $rc -eq 2 ] && grep -q "^# refused: .*$why" <<<"$out"; then
		echo "ok - $1 is refused: $why"
	else
		echo "not ok - $1 is refused: $why (status $rc: $(tail -n 1 <<<"$out"))"
	fi
}

# shellcheck disable=SC2086
for cpu in cortex-a53 cortex-a72; do
	refused 'no 16K granule' $cpu "$1" $el2
done
refused 'not at EL2' max "$1" -M virt -m 256
