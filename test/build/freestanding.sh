#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# freestanding.sh DIR A64-PREFIX A32-PREFIX: what do the freestanding archives need from outside?
# The core: mem*() and nothing else, so none of libgcc's 64-bit division either. The device-tree
# part: the core, libfdt, and what libfdt's own inline functions call; the one for Apple's device
# tree: the core. And is the core still small?
set -u
dir=$1

# Bytes of code and constants. To raise it is a decision: say what the bytes are for. 39500 and 47000 before
# Apple's later parts, 1000 of them for what a format has against attributes, in words. Then 2800 for
# profiles of the handoff page and for unmaps; 3000 (5600 on a32, where constant data counts) for
# contracts, how they are chosen and judged; 6000 for roots and tables that are lent; 4000 (9000) for
# twenty SoCs and where each fact is from.
declare -A text_budget=([a64]=56000 [a32]=71000)

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
	size=$("${prefix}size" -t "$core" | awk 'END { print $1 }')
	limit=${text_budget[$flavour]}
	[ "$size" -gt 0 ] && [ "$size" -le "$limit" ] && echo "ok - $flavour core text is in its budget" ||
		echo "not ok - $flavour core text is in its budget: $size of $limit bytes"
	echo "# budget $flavour core text: $size of $limit bytes"
done
