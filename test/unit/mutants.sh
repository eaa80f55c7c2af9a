#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# mutants.sh DIR UNIT CC LIBS OBJECT...: plant one defect after the other into copies of the sources; the
# unit test that its line names has to fail, and to pass with an unchanged copy. UNIT: where the unit
# tests' objects are; OBJECT...: those of the library; LIBS: what is linked after them. Prints TAP.
set -u
list=test/unit/mutants
dir=$1 unit=$2 cc=$3 libs=$4
shift 4
rm -rf "$dir"
mkdir -p "$dir"
cp -r lib board include "$dir"

# build TEST FILE: a test with what a change to FILE changes
build() {
	local file files=$2 objects=() object
	case $2 in
	*.h) files=$(cd "$dir" && ls "${2%/*}"/*.c) ;;
	esac
	rm -rf "$dir/o" "$dir/test"
	for file in $files; do
		mkdir -p "$dir/o/${file%/*}"
		# shellcheck disable=SC2086
		(cd "$dir" && $cc -w -c "$file" -o "o/${file%.c}.o") || return
	done
	for object in "${objs[@]}"; do
		file=$dir/o/${object#"$unit/"}
		[ -e "$file" ] && objects+=("$file") || objects+=("$object")
	done
	# shellcheck disable=SC2086
	$cc "$unit/test/unit/$1_test.o" "${objects[@]}" $libs -o "$dir/test"
}

judge() {
	GPUAS_OPS=300 CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=detect_leaks=0 timeout 600 "$dir/test" >"$dir/log" 2>&1
}

# Which cases failed; or how it ended
found() {
	local cases
	cases=$(sed -n 's/^not ok [0-9]* - //p' "$dir/log" | paste -sd ' ')
	echo "${cases:-$(grep -m 1 -e 'ERROR:' -e 'runtime error:' "$dir/log")}"
}

objs=("$@")
declare -A sound
while IFS='|' read -r name file what change; do
	read -r name <<<"$name"
	read -r file <<<"$file"
	read -r what <<<"$what"
	if [ -z "${sound[$name]:-}" ]; then
		build "$name" lib/table/table.c && judge || printf 'not '
		echo "ok - unit-$name passes with an unchanged copy"
		sound[$name]=1
	fi
	sed -i "${change# }" "$dir/$file"
	if cmp -s "$file" "$dir/$file"; then
		echo "not ok - unit-$name mutant: $what ($list: changes nothing in $file)"
	elif ! build "$name" "$file"; then
		echo "not ok - unit-$name mutant: $what ($list: does not compile)"
	elif judge; then
		echo "not ok - unit-$name mutant: $what (SURVIVED)"
	else
		echo "ok - unit-$name mutant: $what (found: $(found))"
	fi
	cp "$file" "$dir/$file"
done < <(grep -v -e '^#' -e '^$' "$list" | sed 's/ | /|/; s/ | /|/; s/ | /|/')
