#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# suite.sh DIR NAME COMMAND...: run one suite that prints TAP, keep what it printed in DIR/NAME.tap,
# and say in one line how it went; its lines that start with "# budget" are shown too. A suite that
# dies, or that has no result, counts as one failure. Always succeeds: summary.sh judges.
set -u
dir=$1 name=$2
shift 2
mkdir -p "$dir"
tap=$dir/$name.tap

"$@" >"$tap" 2>"$tap.err" </dev/null
rc=$?
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
sed -n 's/^# budget/          budget/p' "$tap"
if [ "$bad" -ne 0 ]; then
	grep '^not ok ' "$tap" | sed 's/^/          /'
	tail -n 20 "$tap.err" | sed 's/^/          /'
	echo "          whole output: $tap and $tap.err"
fi
