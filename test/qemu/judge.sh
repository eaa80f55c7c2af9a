#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# judge.sh LOG EXPECT...: does a console log show what was expected? Prints TAP.
#
# A line of an EXPECT file is "what it shows: extended regular expression"; empty lines and lines
# that start with # do not count. Every expression has to match a line of the log, each one below
# the line that the one before it matched: what is missing fails, and so does what comes too early.
# Only what is there counts; a log without errors proves nothing.
set -eu
log=$1
shift
[ -r "$log" ] || { echo "not ok - there is a log ($log)"; exit 0; }
cat "$@" | sed -e '/^#/d' -e '/^$/d' | awk -v log_file="$log" '
BEGIN {
	while ((getline line < log_file) > 0) {
		gsub(/\r/, "", line)
		text[++lines] = line
	}
}
{
	colon = index($0, ": ")
	what = substr($0, 1, colon - 1)
	wanted = substr($0, colon + 2)
	asked++
	for (i = at + 1; i <= lines; i++)
		if (text[i] ~ wanted) {
			at = i
			print "ok - " what
			next
		}
	print "not ok - " what " (no line below line " at + 0 " of " log_file " matches " wanted ")"
}
END { if (!asked) print "not ok - something is expected" }'
