#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# circles.sh NAME=FOLDER...: do no two of the objects below each folder need each other, directly or
# in a circle? Who reads one file should not have to know another that has to know the first. Prints
# TAP. An object needs another if it has an undefined symbol that the other defines.
set -u

# objects FOLDER: those of one source each; a module, linked, has an X.mod beside its X.o
objects() {
	find "$1" -name '*.o' ! -name '*.mod.o' ! -name built-in.o | while read -r object; do
		[ -e "${object%.o}.mod" ] || printf '%s\0' "$object"
	done
}

# needs FOLDER: "OBJECT OBJECT" for each that needs another
needs() {
	objects "$1" | xargs -0 nm -go 2>/dev/null | awk '
		NF < 2 { next }
		{ name = $1; sub(/\.o:.*/, "", name); symbol = $NF; kind = $(NF - 1) }
		kind == "U" { want[name, symbol] = 1; next }
		{ at[symbol] = name }
		END {
			for (pair in want) {
				split(pair, part, SUBSEP)
				if (part[2] in at && at[part[2]] != part[1])
					print part[1], at[part[2]]
			}
		}' | sort -u
}

for pair in "$@"; do
	name=${pair%%=*} folder=${pair#*=}
	edges=$(needs "$folder")
	count=$(printf '%s\n' "$edges" | grep -c ' ')
	loops=$(tsort <<<"$edges" 2>&1 >/dev/null | sed -n "s#^tsort: .*/##p" | sort -u | tr '\n' ' ')
	if [ "$count" -lt 5 ]; then
		echo "not ok - $name: only $count files need another ($folder)"
	elif [ -n "$loops" ]; then
		echo "not ok - $name: files need each other in a circle: $loops"
	else
		echo "ok - $name: no circle among files, $count times one needs another"
	fi
done
