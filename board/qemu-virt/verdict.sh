#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# verdict.sh LOG: what a boot of the whole chain came to, from its console log: a table of the
# regions that Linux adopted, the pages that it mapped and verified, and one closing line. Fails, and
# names what is missing, unless everything is there: three rounds, no page wrong, nothing left over.
set -eu
tr -d '\r' <"$1" | awk -v log_file="$1" '
function missing(what) {
	printf "gpuas: handover not verified: %s (see %s)\n", what, log_file
	bad = 1
	exit 1
}
# 0x40000 as 256K
function size(hex,    i, n) {
	for (i = 3; i <= length(hex); i++)
		n = n * 16 + index("123456789abcdef", substr(hex, i, 1))
	return n / 1024 "K"
}
/gpuas: not adopted:/ { sub(/.*gpuas: /, ""); missing($0) }
/gpuas: adopted: [0-9]+ regions/ {
	adopted++
	match($0, /adopted: [0-9]+/)
	promised = substr($0, RSTART + 9, RLENGTH - 9)
}
adopted < 2 && match($0, /gpuas: region .*/) {
	split(substr($0, RSTART), word, " ")
	row[++regions] = sprintf("%-12s  %-12s  %-6s  %-18s  %s", word[3], word[5],
		size(word[7]), word[9], word[11])
}
/gpuas: selftest: mapped [0-9]+ chunks/ {
	if (!/, 0 wrong,/) missing("a page was translated wrongly")
	match($0, /[0-9]+ pages,/)
	pages = substr($0, RSTART, RLENGTH - 7)
	mapped++
}
/gpuas: released: / {
	if (!/ 0 foreign entries changed, host slots 0, 0 tables leaked, 0 pages leaked/)
		missing("something was changed or left behind")
	released++
}
/gpuas-round [0-9]+ done/ { rounds++ }
/^init: end/ { end = 1 }
END {
	if (bad) exit 1
	if (!adopted) missing("Linux adopted nothing")
	if (regions != promised) missing("of " promised + 0 " regions " regions + 0 " were listed")
	if (!mapped || !pages) missing("Linux mapped no page")
	if (rounds < 3 || adopted < 3 || released < 3 || mapped < 3)
		missing("only " rounds + 0 " of 3 rounds were done")
	if (!end) missing("the guest did not come to its end")
	printf "\n%-12s  %-12s  %-6s  %-18s  %s\n", "Region", "PA", "Size", "GPU VA", "Owner"
	for (i = 1; i <= regions; i++)
		print row[i]
	printf "\nLinux mapped %d pages of 16 KiB (%d MiB), translated each back and unmapped it, %d times.\n", \
		pages, pages / 64, mapped
	printf "gpuas: handover verified: %d regions, %d pages, 0 foreign entries changed\n", \
		regions, pages
}'
