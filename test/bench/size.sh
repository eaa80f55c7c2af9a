#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# size.sh DIR CC SOURCES... -- OTHERS... -- FLAGS...: how much text and stack does the page-table
# engine take? Compiles SOURCES into DIR with FLAGS, for one granule, prints the text of each, the
# largest frame and the deepest chain of calls, each with its budget. Then the text of SOURCES and
# OTHERS, for all granules, with its own. Status 1 if one is exceeded.
#
# The chain ends at callbacks of the environment: their frames are the host's. Text includes
# constants, with or without relocations.
set -euo pipefail

small_budget=8192 all_budget=16384 stack_budget=1024
dir=$1 cc=$2
shift 2
sources=() others=()
while [ "$1" != -- ]; do
	sources+=("$1")
	shift
done
shift
while [ "$1" != -- ]; do
	others+=("$1")
	shift
done
shift
flags=("$@")

rm -rf "$dir"
mkdir -p "$dir/all"

# compile SOURCE DIR FLAGS...
compile() {
	local source=$1 object
	object=$2/$(basename "$1" .c).o
	shift 2
	"$cc" "${flags[@]}" "$@" -c "$source" -o "$object"
}
for source in "${sources[@]}"; do
	compile "$source" "$dir" -DGPUAS_SMALL_GRANULE_SHIFT=14 -fstack-usage -fcallgraph-info=su
done
for source in "${sources[@]}" "${others[@]}"; do
	compile "$source" "$dir/all"
done

status=0
# judge WHAT VALUE BUDGET
judge() {
	local verdict=met
	[ "$2" -le "$3" ] || verdict='NOT MET' status=1
	printf '%-60s %6d of %5d bytes: %s\n' "$1" "$2" "$3" "$verdict"
}

echo "Engine for one granule, one format ($("$cc" -dumpmachine)); text includes constants"
"${cc%gcc}size" "$dir"/*.o | awk 'NR > 1 {
	sub(".*/", "", $6)
	printf "  %6d  %s\n", $1 + $2, $6
}'
"${cc%gcc}size" "$dir"/*.o | awk 'NR > 1 { n += $1 + $2 } END { printf "  %6d  all operations\n", n }'

# What somebody links who has one table tree, his own or a borrowed one. Sections nobody refers to are left out, as in a bootloader.
linked=$("${cc%gcc}ld" --gc-sections --unresolved-symbols=ignore-all -e gpuas_map \
	-u gpuas_space_create -u gpuas_space_adopt -u gpuas_space_release -u gpuas_unmap -u gpuas_translate \
	-u gpuas_format_uat "$dir"/*.o -o "$dir/linked" 2>/dev/null &&
	"${cc%gcc}size" "$dir/linked" | awk 'NR > 1 { print $1 + $2 }') || linked=unknown
judge 'text: create, adopt, map, unmap, translate, release' "$linked" $small_budget

all=$("${cc%gcc}size" "$dir"/all/*.o | awk 'NR > 1 { n += $1 + $2 } END { print n }')
judge 'text: all operations, granules and formats' "$all" $all_budget

# Call graphs are in the format of VCG, one node or edge a line. Static functions are called
# FILE:NAME there, others NAME.
cat "$dir"/*.ci | awk '
	function field(name,	rest) {
		rest = substr($0, index($0, name ": \"") + length(name) + 3)
		return substr(rest, 1, index(rest, "\"") - 1)
	}
	function depth(f,	i, d, best, list, n) {
		if (f in known)
			return known[f]
		if (busy[f]++) {
			print "recursion " f
			exit
		}
		n = split(calls[f], list, "\n")
		best = 0
		for (i = 1; i <= n; i++) {
			d = depth(list[i])
			if (d > best) {
				best = d
				next_of[f] = list[i]
			}
		}
		busy[f] = 0
		return known[f] = best + frame[f]
	}
	/^node:/ && match($0, /[0-9]+ bytes \((static|dynamic[^)]*)\)/) {
		split(substr($0, RSTART, RLENGTH), word, " ")
		frame[field("title")] = word[1]
	}
	/^edge:/ {
		from = field("sourcename")
		calls[from] = calls[from] (calls[from] == "" ? "" : "\n") field("targetname")
	}
	END {
		for (f in frame) {
			if (frame[f] > frame[large])
				large = f
			if (depth(f) > depth(deep))
				deep = f
		}
		print "frame", frame[large], large
		print "chain", known[deep]
		for (f = deep; f in next_of && frame[f]; f = next_of[f])
			print "link", frame[f], f
		print "link", frame[f] + 0, f
	}' >"$dir/stack.txt"

if grep '^recursion' "$dir/stack.txt"; then
	exit 1
fi
awk '$1 == "frame" {
	sub(".*[:/]", "", $3)
	print "largest stack frame:", $2, "bytes,", $3
}' "$dir/stack.txt"
stack=$(awk '$1 == "chain" { print $2 }' "$dir/stack.txt")
judge 'stack of the deepest chain' "$stack" $stack_budget
awk '$1 == "link" { sub(".*[:/]", "", $3); printf "  %6d  %s\n", $2, $3 }' "$dir/stack.txt"
exit $status
