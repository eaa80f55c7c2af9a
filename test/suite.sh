#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# suite.sh DIR NAME COMMAND...: run one suite that prints TAP, keep what it printed in DIR/NAME.tap,
# and say in one line how it went; its lines that start with "# budget" or "# table" are shown too. A suite that
# dies, or that has no result, counts as one failure. Succeeds all the same, as summary.sh judges,
# unless STRICT is set.
#
# With INPUTS="FILE...": a suite that depends on nothing but these files, and on fixed seeds, is not run
# again if it passed and none of them is newer than its result. GPUAS_SEED or GPUAS_OPS run it anyway.
set -u
dir=$1 name=$2
shift 2
mkdir -p "$dir"
tap=$dir/$name.tap

# unchanged: there is a result, without failures, that no input is newer than
unchanged() {
	local file
	[ -n "${INPUTS:-}" ] && [ -z "${GPUAS_SEED:-}${GPUAS_OPS:-}" ] && [ -s "$tap" ] || return 1
	for file in $INPUTS "$0" "$1"; do
		[ "$tap" -nt "$file" ] || return 1
	done
	grep -q '^ok ' "$tap" && ! grep -q '^not ok ' "$tap"
}
if unchanged "$1"; then
	printf '  TEST    %-20s %3d ok, 0 not ok (nothing changed)\n' "$name" "$(grep -c '^ok ' "$tap")"
	exit 0
fi

"$@" >"$tap" 2>"$tap.err" </dev/null
rc=$?
# cmocka says "not ok N # SKIP name" of a test that skips itself.
sed -i 's/^not ok \([0-9]*\) # SKIP \(.*\)/ok \1 - \2 # SKIP/' "$tap"
ok=$(grep -c '^ok ' "$tap")
bad=$(grep -c '^not ok ' "$tap")
if [ $rc -ne 0 ] && [ "$bad" -eq 0 ]; then
	echo "not ok - $name ended with status $rc" >>"$tap"
	bad=1
elif [ $((ok + bad)) -eq 0 ]; then
	echo "not ok - $name had no result" >>"$tap"
	bad=1
fi
printf '  TEST    %-20s %3d ok, %d not ok\n' "$name" "$ok" "$bad"
sed -n -e 's/^# budget/          budget/p' -e 's/^# table /          /p' "$tap"
if [ "$bad" -ne 0 ]; then
	grep '^not ok ' "$tap" | sed 's/^/          /'
	tail -n 20 "$tap.err" | sed 's/^/          /'
	echo "          whole output: $tap and $tap.err"
	[ -z "${STRICT:-}" ] || exit 1
fi
