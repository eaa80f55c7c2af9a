#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# style.sh CORE-AND-FDT-SOURCES...: the rules of the house that a machine can check. Prints TAP.
set -u

# judge NAME: what stands on stdin is what breaks the rule
judge() {
	local bad
	bad=$(head -n 5 | tr '\n' ' ')
	[ -z "$bad" ] && echo "ok - $1" || echo "not ok - $1: $bad"
}

git_files() {
	find . -name .git -prune -o -path ./build -prune -o -type f \( "$@" \) -print | sort
}

git_files -name '*.[chS]' -o -name '*.mk' -o -name '*.sh' -o -name '*.dts*' -o -name '*.yaml' |
	while read -r file; do
		head -n 2 "$file" | grep -q SPDX-License-Identifier || echo "$file"
	done | judge 'every source names its licence'

git_files -name '*.c' -path './lib/*' -o -name '*.c' -path './board/*' | xargs awk '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ { if (start && FNR - start > 60) print FILENAME ":" start; start = 0 }' |
	judge 'no function is longer than 60 lines'

grep -nE '^#[ \t]*if' "$@" | judge 'no source of the core knows its host (#if)'
grep -nE '(^|[^/])(/ |% )[a-z_]+(size|count|granule)' "$@" |
	judge 'the core does not divide by variables'

# One file at a time: for sparse, a bitwise type is another type in each file of a run.
{
	command -v sparse >/dev/null || echo 'there is no sparse, install the package "sparse"'
	for file in "$@" board/*.c board/*/*.c board/*/device/*.c; do
		sparse -Wbitwise -Wsparse-error -std=c11 -Iinclude -Iboard/qemu-virt/device/include \
			"$file" 2>&1
	done | grep -E '^(lib|include|board)/'
} | judge 'sparse finds no address of the wrong kind'
