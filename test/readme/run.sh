#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# run.sh O MAKE-RUN...: does "make run" end as README.md says? All that it needs has been built.
# Prints TAP.
set -u
out=$1/test/run.out
shift
closing=$(sed -n 's/^ *\(gpuas: handover verified: .*\)/\1/p' README.md)
names='ttbs pagetables handoff fw-text fw-data shared'

result() {
	[ "$1" -eq 0 ] && echo "ok - $2" || echo "not ok - $2 (see $out)"
}

"$@" >"$out" 2>&1
result $? 'make run succeeds'
[[ $closing =~ ^gpuas:\ handover\ verified:\ 6\ regions,\ 4096\ pages,\ 0\ foreign\ entries\ changed$ ]]
result $? 'README.md says how it ends'
[ "$(tail -n 1 "$out")" = "$closing" ]
result $? 'and so it ends'
# The console has tables too; the last one is the verdict's.
rows=$(awk '
	/^Region / { rows = ""; on = 1; next }
	!NF { on = 0 }
	on { rows = rows " " $1 }
	END { print rows }' "$out")
[ "$rows" = " $names" ]
result $? 'after a table of the six regions'
! grep -qE '^  (FETCH|UNPACK|CONFIG|MAKE|MODULE|INITRD) ' "$out"
result $? 'and it built nothing again'
# Neither the guest's console nor anything else
tr -d '\r' <"$out" | awk 'length($0) > 100 { bad = 1 } END { exit bad }'
result $? 'in lines of at most 100 columns'
