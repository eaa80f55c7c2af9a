#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# mutants.sh DIR ARCHIVE CC LINK SOURCES OBJECT...: plant one defect after the other into copies of
# the library; the judge has to find each. And it has to find nothing in an unchanged copy, or it
# would not be the defects that it finds. Prints TAP.
set -u
# shellcheck source=test/qemu/walk/qemu.sh
. "${0%/*}/qemu.sh"
list=${0%/*}/mutants
dir=$1 archive=$2 cc=$3 link=$4 sources=$5
shift 5
rm -rf "$dir"
mkdir -p "$dir"

# build FILE: what a change to that file changes, linked before the archive
build() {
	local files=$1 file
	case $files in
	*.h) files=$sources ;;
	esac
	rm -f "$dir"/*.o
	for file in $files; do
		$cc -c "$dir/lib/$file" -o "$dir/${file%.c}.o" || return
	done
	$link "${objects[@]}" "$dir"/*.o "$archive" -o "$dir/judge.elf"
}

judge() {
	rm -f "$dir/log"
	# shellcheck disable=SC2086
	WALK_TIMEOUT=60 qemu max "$dir/judge.elf" $el2 >"$dir/log"
}

# The difference that was found first
found() {
	local line
	line=$(grep -m 1 '^# difference: ' "$dir/log" || grep -m 1 '^not ok' "$dir/log")
	sed -e 's/^# difference: //' -e 's/^not ok[ 0-9]*- //' <<<"${line:-no end of it}"
}

objects=("$@")
rm -rf "${dir:?}/lib" && cp -r lib "$dir/lib"
if build translate.c && judge; then
	echo 'ok - nothing is found in an unchanged copy'
else
	echo "not ok - nothing is found in an unchanged copy ($(found))"
fi

declare -A caught=([walker]=0 [mapper]=0)
while IFS='|' read -r side file what change; do
	read -r side <<<"$side"
	read -r file <<<"$file"
	read -r what <<<"$what"
	rm -rf "${dir:?}/lib" && cp -r lib "$dir/lib"
	sed -i "${change# }" "$dir/lib/$file"
	if cmp -s "lib/$file" "$dir/lib/$file"; then
		echo "not ok - $side mutant: $what ($list: changes nothing in lib/$file)"
	elif ! build "$file"; then
		echo "not ok - $side mutant: $what ($list: does not compile)"
	elif judge; then
		echo "not ok - $side mutant: $what (SURVIVED)"
	else
		caught[$side]=$((caught[$side] + 1))
		echo "ok - $side mutant: $what (found: $(found))"
	fi
done < <(grep -v -e '^#' -e '^$' "$list" | sed 's/ | /|/; s/ | /|/; s/ | /|/')

for side in walker mapper; do
	if [ "${caught[$side]}" -ge 5 ]; then
		echo "ok - at least five mutants of the $side were caught (${caught[$side]})"
	else
		echo "not ok - at least five mutants of the $side were caught (${caught[$side]})"
	fi
done
