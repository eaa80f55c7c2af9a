#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# reports-test.sh LOG REPORTS: reports.sh has to pass a good log, short of most lines, and to fail it with any
# of the reports - those of planted faults as they were once recorded, and more kinds in the words of the kernel's
# source -, and without any word of a checker. Prints TAP.
set -eu
good=$1 reports=$2
judge=${0%/*}/reports.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

passes() {
	! "$judge" "$dir/log" "$@" | grep -q '^not ok'
}

result() {
	[ "$1" -eq 0 ] && echo "ok - $2" || echo "not ok - $2"
}

rc=0
cp "$good" "$dir/log"
passes || rc=1
result $rc 'the judge of reports passes the good log'

# Each before the last line, and in the middle; in front of Linux, U-Boot may say what it likes
half=$(($(wc -l <"$good") / 2))
while IFS= read -r line; do
	for at in $half $(($(wc -l <"$good") - 1)); do
		rc=0
		{ head -n "$at" "$good"; printf '%s\n' "$line"; tail -n "+$((at + 1))" "$good"; } >"$dir/log"
		if passes; then rc=1; fi
		result $rc "the judge fails a log with a report at line $at: $line"
	done
	rc=0
	{ printf '%s\n' "$line"; cat "$good"; } >"$dir/log"
	passes || rc=1
	result $rc "the judge passes it in front of Linux: $line"
done <"$reports"

# insert LINES: before the last line
insert() {
	{ head -n -1 "$good"; printf '%b\n' "$1"; tail -n 1 "$good"; } >"$dir/log"
}
rc=0
insert '[ 9.0] Kernel panic - not syncing: sysrq triggered crash\n[ 9.1] CPU: 0\n[ 9.2] Call trace:'
passes 'Kernel panic - not syncing: sysrq' || rc=1
result $rc 'the judge passes a report that the test is for'
rc=0
insert '[ 9.0] Kernel panic - not syncing: sysrq triggered crash\n[ 9.1] BUG: of another kind'
if passes 'Kernel panic - not syncing: sysrq'; then rc=1; fi
result $rc 'and fails another one beside it'
rc=0
insert '[ 9.0] gpuas-test invoked oom-killer: gfp_mask=0xcc0\n[ 9.1] CPU: 0\n[ 9.2] Call trace:'
passes || rc=1
result $rc 'the judge passes the trace of memory that ran out'
rc=0
insert '[ 9.0] FAULT_INJECTION: forcing a failure.\n[ 9.1] CPU: 0\n[ 9.2] Call trace:'
passes || rc=1
result $rc 'the judge passes the trace of a failure that was asked for'
rc=0
insert '[ 9.0] nobody knows this\n[ 9.1] CPU: 0\n[ 9.2] Call trace:'
if passes; then rc=1; fi
result $rc 'the judge fails a trace of whatever else'

# What each checker has to have said
n=0
while IFS= read -r line; do
	n=$((n + 1)) rc=0
	grep -vE -e "${line#*: }" "$good" >"$dir/log"
	if passes; then rc=1; fi
	result $rc "the judge fails a log that does not say: ${line%%: *}"
done < <("$judge" -e)
[ $n -ge 9 ] || echo "not ok - the judge wants a word of each checker ($n)"

rc=0
sed 's/debug: lockdep: 1 on/debug: lockdep: 0 on/' "$good" >"$dir/log"
if passes; then rc=1; fi
result $rc 'the judge fails a log whose lockdep was switched off'
rc=0
: >"$dir/log"
if passes; then rc=1; fi
result $rc 'the judge fails a log that is empty'
