#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# scripted.sh QEMU IMAGE WITHOUT-FLUSH: the scripted cases; and the same program with a host that does not
# flush, which has to fail every case that is about stale translations, and no other. Prints TAP.
set -uo pipefail
# shellcheck source=test/qemu/device/run.sh
. "${0%/*}/run.sh"
image=$2 without_flush=$3

use_qemu "$1"
out=$(gpu "$image")
rc=$?
echo "$out"
[ $rc -eq 0 ] && grep -q '^1\.\.' <<<"$out"
judge "the image came to its end with QEMU $version"

gone=$(grep -c '^ok .* is gone$' <<<"$out")
out=$(gpu "$without_flush")
missed=$(grep -c '^not ok .*stale TLB.* is gone (' <<<"$out")
other=$(grep '^not ok ' <<<"$out" | grep -cv ' is gone (')
echo "# without flush: $missed of $gone cases fail, such as: $(grep -m 1 '^not ok ' <<<"$out")"
[ "$gone" -ge 12 ] && [ "$missed" -eq "$gone" ] && [ "$other" -eq 0 ] && grep -q '^1\.\.' <<<"$out"
judge "a host that does not flush fails all cases of stale translations, and no other"
