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

git_files -name '*.[chS]' -o -name '*.cc' -o -name '*.rs' -o -name '*.mk' -o -name '*.sh' -o -name '*.dts*' -o -name '*.yaml' |
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

# Folders of lib/ from the bottom up; what stands beside them is below all. A file uses what is below it,
# and of the personalities at the end no other one.
order='lib lib/table lib/handoff lib/manifest lib/adt lib/fdt lib/snapshot lib/linux lib/u-boot lib/host'
personalities='lib/linux lib/u-boot lib/host'
# The folder of each public header.
headers='types.h:lib text.h:lib env.h:lib/table format.h:lib/table space.h:lib/table token.h:lib/table visit.h:lib/table
	inspect.h:lib/table link.h:lib/table root.h:lib/table pool.h:lib/table dump.h:lib/table
	ttb.h:lib/handoff profile.h:lib/handoff handoff.h:lib/handoff unmap.h:lib/handoff
	board.h:lib/manifest contract.h:lib/manifest manifest.h:lib/manifest bringup.h:lib/manifest
	soc.h:lib/manifest boards.h:lib/manifest
	adt.h:lib/adt fdt.h:lib/fdt snapshot.h:lib/snapshot core.h:lib/snapshot'

# folder FILE: of the list; "?" for a public header that is in none
folder() {
	local header
	case $1 in
	include/gpuas/*)
		for header in $headers; do
			[ "${header%:*}" != "${1##*/}" ] || { echo "${header#*:}"; return; }
		done
		echo '?' ;;
	include/*) echo lib ;;
	lib/*/*) echo "$1" | cut -d/ -f1,2 ;;
	lib/*) echo lib ;;
	esac
}

# FILE FOLDER NAME, for each name in an #include. "../table/x.h" is a name of lib/table.
includes() {
	local file
	git_files -path './lib/*' -name '*.[ch]' -o -path './include/gpuas/*.h' | sed 's#^\./##' |
	while read -r file; do
		sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]([^">]*)[">].*/\1/p' "$file" |
			sed "s#^#$file $(folder "$file") #"
	done
}

# FILE FOLDER NAME FOLDER-OF-THAT, for those that are ours. gpuas_env.h is everybody's own.
ours() {
	local file in name found
	while read -r file in name; do
		case $name in
		gpuas_env.h) found=include/gpuas_env.h ;;
		libfdt.h) continue ;;
		gpuas/*) found=include/$name ;;
		*)	found=$(realpath -qe --relative-to=. "${file%/*}/$name" ||
				find lib -path "*/${name#../}" -print -quit) ;;
		esac
		case $found in
		'' | ../* | board/*) ;;
		*) echo "$file $in $name $(folder "$found")" ;;
		esac
	done
}

awk -v order="$order" -v personalities=" $personalities " '
	BEGIN { n = split(order, name, " "); for (i = 1; i <= n; i++) rank[name[i]] = i }
	function personality(folder) { return index(personalities, " " folder " ") }
	{ count++ }
	!($2 in rank) { print $1 ": in no folder of the list"; next }
	!($4 in rank) { print $3 ": in no folder of the list"; next }
	rank[$4] > rank[$2] || personality($2) && personality($4) && $2 != $4 { print $1 " includes " $3 }
	END { if (count < 100) print "only " count + 0 " includes found" }' < <(includes | ours) |
	judge 'a file uses its own folder and those below it'

comm -3 <(printf '%s\n' $order | sort) <(printf '%s\n' lib lib/*/ | sed 's#/$##' | sort) |
	judge 'the folders of lib/ are those of the list'

# The record is the manifest, the page is the handoff page; a handover is what happens.
git_files -name '*' ! -name README.md ! -name style.sh ! -path './.git*' | xargs grep -niIE 'handover' |
	sed -E 's/gpuas: handover (not )?verified//; s/gpuas:\\ handover\\ verified//' |
	grep -iE ':[0-9]+:.*handover' | judge 'the record is called manifest, not handover'

find lib -mindepth 1 -maxdepth 1 -type f | tail -n +5 | judge 'at most four files stand beside the folders of lib/'

# README's table of folders is the tree.
{
	listed=$(sed -n '/^## Layout/,/^## /s/^| \([^|]*\) |.*/\1/p' README.md | tr -d ' ' | tr ',' '\n')
	for entry in $listed; do
		case $entry in
		*/) [ -d "$entry" ] || echo "README names $entry" ;;
		esac
	done
	for dir in include/gpuas/ dts/ test/ lib/ lib/*/ board/*/; do
		grep -qxF "$dir" <<<"$listed" || echo "README does not name $dir"
	done
} | judge "README's table of folders is the tree"
