#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# judge-test.sh LOG EXPECT...: the judge has to fail on logs of broken runs, made from a good one.
# Prints TAP.
set -eu
good=$1
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fails() {
	if test/qemu/judge.sh "$dir/log" "${@:2}" | grep -q '^not ok'; then
		echo "ok - the judge fails a log $1"
	else
		echo "not ok - the judge fails a log $1"
	fi
}

if test/qemu/judge.sh "$good" "$@" | grep -q '^not ok'; then
	echo "not ok - the judge passes the good log"
else
	echo "ok - the judge passes the good log"
fi
: >"$dir/log"
fails 'that is empty' "$@"
head -n "$(($(wc -l <"$good") / 2))" "$good" >"$dir/log"
fails 'that stops half-way' "$@"
sed 's/: 0 foreign entries changed/: 1 foreign entries changed/' "$good" >"$dir/log"
fails 'with a changed foreign entry' "$@"
sed 's/, 0 wrong/, 1 wrong/' "$good" >"$dir/log"
fails 'with a wrong translation' "$@"
sed 's/ pages leaked/& not/; s/ 0 pages leaked/ 3 pages leaked/' "$good" >"$dir/log"
fails 'with leaked pages' "$@"
grep -v 'round 3 done' "$good" >"$dir/log"
fails 'without the third round' "$@"
sed 's/^\(fw-text.*\)0xffffff8000000000/\10xffffff8000004000/' "$good" >"$dir/log"
fails 'with a region at another VA' "$@"
awk '{ line[NR] = $0 } END { for (i = NR; i; i--) print line[i] }' "$good" >"$dir/log"
fails 'in the wrong order' "$@"
