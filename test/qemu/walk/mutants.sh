#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# mutants.sh DIR ARCHIVE CC LINK SOURCES OBJECT...: plant one defect after the other into copies of
# the library; the judge has to find each. And it has to find nothing in an unchanged copy, or it
# would not be the defects that it finds. Prints TAP.
#
# MUTANTS=FILE: another list. Its files may be outside of lib/table/, with their path; they replace the
# OBJECT of the same name. JUDGE=COMMAND: another judge, called with an image. AT_LEAST=N: see the
# end. LACKS=WHAT: without that, the judge does not find them all: one that it does not is a skip.
set -u
# shellcheck source=test/qemu/walk/qemu.sh
. "${0%/*}/qemu.sh"
list=${MUTANTS:-${0%/*}/mutants}
dir=$1 archive=$2 cc=$3 link=$4 sources=$5
shift 5
rm -rf "$dir"
mkdir -p "$dir"

# A copy of what may be changed; each change is taken back
cp -r lib board test "$dir"

# path FILE: where a file of the list is
path() {
	case $1 in
	*/*) echo "$1" ;;
	*) echo "lib/table/$1" ;;
	esac
}

# build FILE: what a change to that file changes, linked before the archive
build() {
	local files=$1 file kept=() object
	case $files in
	*.h) files=$sources ;;
	esac
	rm -f "$dir"/*.o
	for file in $files; do
		object=${file##*/}
		$cc -c "$dir/$(path "$file")" -o "$dir/${object%.c}.o" || return
	done
	for object in "${objects[@]}"; do
		[ -e "$dir/${object##*/}" ] || kept+=("$object")
	done
	$link "${kept[@]}" "$dir"/*.o "$archive" -o "$dir/judge.elf"
}

cpu() {
	# shellcheck disable=SC2086
	qemu max "$1" $el2
}

judge() {
	rm -f "$dir/log"
	WALK_TIMEOUT=600 ${JUDGE:-cpu} "$dir/judge.elf" >"$dir/log"
}

# The difference that was found first
found() {
	local line
	line=$(grep -m 1 '^# difference: ' "$dir/log" || grep -m 1 '^not ok' "$dir/log")
	sed -e 's/^# difference: //' -e 's/^not ok[ 0-9]*- //' <<<"${line:-no end of it}"
}

objects=("$@")
if build translate.c && judge; then
	echo 'ok - nothing is found in an unchanged copy'
else
	echo "not ok - nothing is found in an unchanged copy ($(found))"
fi

declare -A caught
while IFS='|' read -r side file what change; do
	read -r side <<<"$side"
	read -r file <<<"$file"
	read -r what <<<"$what"
	changed=$(path "$file")
	sed -i "${change# }" "$dir/$changed"
	if cmp -s "$changed" "$dir/$changed"; then
		echo "not ok - $side mutant: $what ($list: changes nothing in $changed)"
	elif ! build "$file"; then
		echo "not ok - $side mutant: $what ($list: does not compile)"
	elif judge; then
		[ -n "${LACKS:-}" ] && echo "ok - $side mutant: $what # SKIP there is no $LACKS" ||
			echo "not ok - $side mutant: $what (SURVIVED)"
	else
		caught[$side]=$((${caught[$side]:-0} + 1))
		echo "ok - $side mutant: $what (found: $(found))"
	fi
	cp "$changed" "$dir/$changed"
done < <(grep -v -e '^#' -e '^$' "$list" | sed 's/ | /|/; s/ | /|/; s/ | /|/')

least=${AT_LEAST:-5}
while read -r side; do
	count=${caught[$side]:-0}
	[ "$count" -ge "$least" ] || printf 'not '
	echo "ok - at least $least mutants of the $side were caught ($count)"
done < <(sed -n 's/^\([a-z]*\) |.*/\1/p' "$list" | sort -u)
