#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# freestanding.sh DIR A64-PREFIX A32-PREFIX BOARD-SOURCES SNAPSHOT-SOURCES: what do the freestanding archives need
# from outside?
# The core: mem*() and nothing else, so none of libgcc's 64-bit division either. The device-tree
# part: the core, libfdt, and what libfdt's own inline functions call; the one for Apple's device
# tree: the core. And is the core still small?
set -u
dir=$1

# Bytes of code and constants of the core without boards and snapshots, which have budgets of their own (23602
# and 27854 when this was set, boards included, and 15 % more). To raise it is a decision: say what the
# bytes are for. 1000: what a format has against attributes, in words. 3000: contracts. 2800: profiles
# and unmaps of the handoff page. 500: what a SoC lacks, in words. 7000: roots, and tables that are lent.
# 5000: tokens, lists of operations, patterns of any length.
declare -A text_budget=([a64]=58000 [a32]=66000)

# Boards, with their tables of pointers: 20 SoCs, each fact with its source, and nine contracts. 1000
# are the second profile of the stand-in.
declare -A board_budget=([a64]=18000 [a32]=13200)

# Snapshots: of 10424 and 12315, 2200 are the walk, 2800 the list and what is left out of a file, 3700
# what is in it, 900 what is compared with the manifest.
declare -A snapshot_budget=([a64]=11000 [a32]=13000)

# Symbols that an archive needs and neither it nor the other archives given define.
needs() {
	local prefix=$1 archive
	shift
	for archive in "$@"; do
		"${prefix}nm" "$archive" | awk 'NF == 2 && $1 == "U" { print $2 }'
	done | sort -u >"$dir/needs"
	for archive in "$@"; do
		"${prefix}nm" "$archive" | awk 'NF == 3 && $2 ~ /[A-Z]/ { print $3 }'
	done | sort -u >"$dir/has"
	comm -23 "$dir/needs" "$dir/has"
}

# judge NAME ALLOWED SYMBOL...
judge() {
	local name=$1 allowed=$2 bad
	shift 2
	bad=$(printf '%s\n' "$@" | grep -vxE "$allowed" | tr '\n' ' ')
	if [ -z "${bad// /}" ]; then
		echo "ok - $name"
	else
		echo "not ok - $name: needs $bad"
	fi
}

mem='memcpy|memset|memcmp|memmove'
for flavour in a64:$2 a32:$3; do
	prefix=${flavour#*:} flavour=${flavour%%:*}
	core=$dir/$flavour/libgpuas.a fdt=$dir/$flavour/libgpuas-fdt.a adt=$dir/$flavour/libgpuas-adt.a
	[ -s "$core" ] && [ -s "$fdt" ] && [ -s "$adt" ] || { echo "not ok - $flavour archives exist"; continue; }
	# shellcheck disable=SC2046
	judge "$flavour core needs nothing but mem*()" "$mem" $(needs "$prefix" "$core")
	# shellcheck disable=SC2046
	judge "$flavour device-tree part needs nothing but libfdt and mem*()" \
		"$mem|strlen|fdt_.*" $(needs "$prefix" "$core" "$fdt")
	# shellcheck disable=SC2046
	judge "$flavour part for Apple's device tree needs nothing but mem*()" "$mem" $(needs "$prefix" "$core" "$adt")
	data=$("${prefix}nm" "$core" "$fdt" "$adt" | awk 'NF == 3 && $2 ~ /[bBdDC]/ && $3 !~ /^\$/ { print $3 }')
	# Constant tables of pointers are relocated once in some hosts: .data.rel.ro, "d" for nm.
	data=$(for s in $data; do
		"${prefix}objdump" -t "$core" "$fdt" "$adt" | awk -v s="$s" '$NF == s && /\.(data|bss)/ && !/rel\.ro/'
	done)
	[ -z "$data" ] && echo "ok - $flavour has no writable data" ||
		echo "not ok - $flavour has writable data: $data"
	# shellcheck disable=SC2086
	read -r board_text boards < <("${prefix}size" -t $(printf "$dir/$flavour/board/%s " ${4//.c/.o}) |
		awk 'END { print $1, $1 + $2 }')
	# shellcheck disable=SC2086
	snapshots=$("${prefix}size" -t $(printf "$dir/$flavour/lib/%s " ${5//.c/.o}) | awk 'END { print $1 }')
	size=$(($("${prefix}size" -t "$core" | awk 'END { print $1 }') - board_text - snapshots))
	limit=${text_budget[$flavour]}
	[ "$size" -gt 20000 ] && [ "$size" -le "$limit" ] && echo "ok - $flavour core text is in its budget" ||
		echo "not ok - $flavour core text is in its budget: $size of $limit bytes"
	echo "# budget $flavour core text: $size of $limit bytes"
	limit=${snapshot_budget[$flavour]}
	[ "$snapshots" -gt 5000 ] && [ "$snapshots" -le "$limit" ] && echo "ok - $flavour snapshots are in their budget" ||
		echo "not ok - $flavour snapshots are in their budget: $snapshots of $limit bytes"
	echo "# budget $flavour snapshots: $snapshots of $limit bytes"
	limit=${board_budget[$flavour]}
	[ "$boards" -gt 5000 ] && [ "$boards" -le "$limit" ] && echo "ok - $flavour boards are in their budget" ||
		echo "not ok - $flavour boards are in their budget: $boards of $limit bytes"
	echo "# budget $flavour boards: $boards of $limit bytes"
done
