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
# From Linux 7 on, a thread of the kernel's own prints what the kernel says, and a program's next lines may come first
# (such a console is announced without the word "legacy"). Of such a log, the kernel's lines have their order, and
# all others theirs.
#
# LACKS=WHAT: without that, lines that name it are left out, and count as skipped.
set -eu
log=$1
shift
[ -r "$log" ] || { echo "not ok - there is a log ($log)"; exit 0; }

lines=$(board/qemu-virt/lines.sh "$log")
threaded=
! grep -qaE 'Linux version ([7-9]|[1-9][0-9])\.' <<<"$lines" ||
	! grep -qaF 'printk: console [' <<<"$lines" || threaded=1

# next PATTERN: the number of the first line that matches, below what was matched before; and "kernel" if it says it
next() {
	grep -anE -e "$1" <<<"$lines" | awk -v kernel="$at_kernel" -v other="$at_other" '{
		number = $0 + 0
		says = $0 ~ /^[0-9]+:\[ *[0-9]+\.[0-9]+\] /
		if (number > (says ? kernel : other)) { print number, says ? "kernel" : ""; exit }
	}'
}

asked=0 at=0 at_kernel=0 at_other=0
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
	found=$(next "$wanted" || true)
	if [ -n "$found" ]; then
		at=${found% *}
		[ -n "$threaded" ] && [ "${found#* }" != kernel ] || at_kernel=$at
		[ -n "$threaded" ] && [ "${found#* }" = kernel ] || at_other=$at
		echo "ok - $what"
	else
		echo "not ok - $what (no line below line $at of $log matches $wanted)"
	fi
done < <(cat "$@")
[ $asked -gt 0 ] || echo 'not ok - something is expected'
