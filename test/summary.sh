#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# summary.sh FILE...: add up TAP files. The last line is "N passed, N failed", with ", N skipped" if
# any were; each skip is named. Fails if anything failed, or if nothing passed.
awk '
/^(not )?ok / {
	name = $0
	sub(/^(not )?ok *[0-9]* *-? */, "", name)
	if (/^not ok /) { failed++; print "failed: " name }
	else if (/# *[Ss][Kk][Ii][Pp]/) { skipped++; print "skipped: " name }
	else passed++
}
END {
	printf "%d passed, %d failed", passed, failed
	if (skipped) printf ", %d skipped", skipped
	print ""
	exit failed || !passed
}' "$@"
