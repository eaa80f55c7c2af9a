#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# judge.sh LOG EXPECT...: does a console log show what was expected? Prints TAP.
#
# A line of an EXPECT file is "what it shows: extended regular expression"; empty lines and lines
# that start with # do not count. Every expression has to match a line of the log, each one below
# the line that the one before it matched: what is missing fails, and so does what comes too early.
# Only what is there counts; a log without errors proves nothing.
#
# LACKS=WHAT: without that, lines that name it are left out, and count as skipped.
set -eu
log=$1
shift
[ -r "$log" ] || { echo "not ok - there is a log ($log)"; exit 0; }

lines=$(board/qemu-virt/lines.sh "$log")
asked=0 at=0
while IFS= read -r line; do
	case $line in
	'' | '#'*) continue ;;
	esac
	what=${line%%: *} wanted=${line#*: }
	asked=$((asked + 1))
	if [ -n "${LACKS:-}" ] && [[ $what == *"$LACKS"* ]]; then
		echo "ok - $what # SKIP there is none"
		continue
	fi
	found=$(tail -n "+$((at + 1))" <<<"$lines" | grep -anE -m 1 -e "$wanted" || true)
	if [ -n "$found" ]; then
		at=$((at + ${found%%:*}))
		echo "ok - $what"
	else
		echo "not ok - $what (no line below line $at of $log matches $wanted)"
	fi
done < <(cat "$@")
[ $asked -gt 0 ] || echo 'not ok - something is expected'
