#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# verdict.sh LOG: what a boot of the whole chain came to, from its console log: a table of the
# regions that Linux adopted, the firmware's heartbeat and what the GPU copied, the pages that Linux
# mapped and verified, and one closing line. Fails, and names what is missing, unless everything is
# there: the regions as U-Boot's "gpuas info" listed them, a heartbeat that grows from there on, users
# who passed their tests, and three rounds alike, each step of a round in its turn, no page wrong,
# nothing left over.
set -eu
"${0%/*}/lines.sh" "$1" | awk -v log_file="$1" '
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
# The number before TEXT in the line, -1 if there is none
function before(text) {
	if (!match($0, "[0-9]+ " text)) return -1
	return substr($0, RSTART, RLENGTH) + 0
}
# The next step of a round, which may only follow on one of those named
function step(name, after) {
	if (!index(" " after " ", " " at " "))
		missing("round " rounds + 1 ": " name " comes after " at)
	at = name
}
function same(what, first, value) {
	if (first != value) missing("round " rounds + 1 ": " value " " what ", not " first)
}
# The number after TEXT in the line, -1 if there is none
function after(text) {
	if (!match($0, text "[0-9]+")) return -1
	return substr($0, RSTART + length(text), RLENGTH - length(text)) + 0
}
function beat(heart) {
	if (heart <= last) missing("the heartbeat went from " last " to " heart)
	last = heart
}
BEGIN { at = "nothing" }

# What U-Boot lists: name, PA, size, GPU VA, owner. It is asked before Linux starts.
at == "nothing" && /^[a-z-]+ +0x[0-9a-f]+ +[0-9]+[KM] / {
	sub(/^0x0*/, "0x", $2)
	offered += !($1 in listed)
	if ($3 ~ /M$/) $3 = $3 * 1024 "K"
	sub(/,$/, "", $5)	# behind it, U-Boot says no-map
	listed[$1] = $1 " " $2 " " $3 " " $4 " " $5
}
/^firmware: runs, heartbeat [0-9]+, then [0-9]+$/ {
	first = after("heartbeat ")
	beat(first)
	beat(after("then "))
}
/gpuas: not adopted:/ { sub(/.*gpuas: /, ""); missing($0) }
/gpuas: adopted: / {
	step("adopting", "nothing end-of-round")
	found = before("regions")
	if (found < 1) missing("Linux adopted no region")
	if (!rounds) regions = found
	same("regions", regions, found)
	region = 0
}
match($0, /gpuas: region /) {
	if (at != "adopting") missing("a region was listed by itself")
	split(substr($0, RSTART), word, " ")
	sub(/^0x0*/, "0x", word[5])
	found = word[3] " " word[5] " " size(word[7]) " " word[9] " " word[11]
	if (listed[word[3]] != found)
		missing("U-Boot lists no region " found)
	row[++region] = sprintf("%-12s  %-12s  %-6s  %-18s  %s", word[3], word[5],
		size(word[7]), word[9], word[11])
	if (row[region] in seen && seen[row[region]] == rounds) missing("a region was listed twice")
	seen[row[region]] = rounds
}
/gpuas: firmware runs: / {
	step("firmware running", "adopting")
	beat(after("heartbeat "))
}
/^gpuas-user / {
	if (at != "firmware running") missing("a user came after " at)
	if (!/: passed$/) missing("a test failed: " $2)
	passed[$2] = 1
}
/gpuas: selftest: mapped / {
	step("mapping", "firmware running")
	same("regions were listed", regions, region)
	same("regions were listed by U-Boot", regions, offered)
	found = before("pages")
	if (found < 1) missing("Linux mapped no page")
	if (!rounds) pages = found
	same("pages", pages, found)
	same("chunks were mapped", pages, before("chunks"))
	if (before("wrong") != 0) missing("a page was translated wrongly")
	if (!/ 0 of [1-9][0-9]* foreign requests accepted/) missing("a foreign request was accepted")
}
/gpuas: selftest: unmapped / {
	step("unmapping", "mapping")
	same("chunks were unmapped", pages, before("chunks"))
	if (before("still mapped") || before("tables left") || before("pages left") ||
	    before("chunks leaked"))
		missing("something was left after unmapping")
	unmapped++
}
/gpuas: firmware goes on: / {
	step("firmware going on", "mapping unmapping")
	beat(after("heartbeat "))
	bytes = before("bytes")
	if (bytes < 1) missing("the GPU copied nothing")
}
/gpuas: released: / {
	step("release", "firmware going on")
	if (!/ 0 foreign entries changed, host slots 0, 0 tables leaked, 0 pages leaked$/)
		missing("something was changed or left behind")
}
/^gpuas-round [0-9]+ done/ {
	step("end-of-round", "release")
	if ($2 != ++rounds) missing("round " $2 " came instead of " rounds)
}
/^init: end/ { step("end", "end-of-round") }
END {
	if (bad) exit 1
	if (at == "nothing") missing("Linux adopted nothing")
	if (rounds != 3) missing(rounds + 0 " of 3 rounds were done")
	if (!unmapped) missing("nothing was unmapped")
	if (!first) missing("U-Boot saw no firmware")
	if (!("copy:" in passed)) missing("no user came")
	if (at != "end") missing("the guest did not come to its end")
	printf "\n%-12s  %-12s  %-6s  %-18s  %s\n", "Region", "PA", "Size", "GPU VA", "Owner"
	for (i = 1; i <= regions; i++)
		print row[i]
	printf "\nThe firmware ran all the time: heartbeat %d in U-Boot, %d at the end.\n", first, last
	printf "The GPU copied %d bytes.\n", bytes
	printf "Linux mapped %d pages of 16 KiB (%d MiB), translated each back and unmapped it, %d times.\n", \
		pages, pages / 64, rounds
	printf "gpuas: handover verified: %d regions, %d pages, 0 foreign entries changed\n", \
		regions, pages
}'
