#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# manual.sh O: the manual page and the completion: do they know what the tool knows? Prints TAP.
. test/tool/common.sh "$1" manual

page=lib/host/gpuas.1
holds 'mandoc has nothing against the page' mandoc -T lint -W warning $page
mandoc -T utf8 $page | sed 's/.\x08//g' >"$dir/page"
commands=$("$gpuas" help | sed -n 's/^  \([a-z]*\) .*/\1/p')
holds 'there are commands' [ "$(wc -w <<<"$commands")" -ge 9 ]
for word in $commands; do
	holds "the page has $word" grep -qE "^ +gpuas $word( |$)" "$dir/page"
done
for option in $(sed -n 's/^\t{ "\([a-z]*\)", \(no\|required\)_argument.*/--\1/p' lib/host/gpuas.c); do
	holds "and $option" grep -q -- "$option" "$dir/page"
done

holds 'nor has groff' [ -z "$(groff -ww -man -mdoc -Tutf8 $page 2>&1 >/dev/null)" ]
# What is printed, and is no English
for word in gpu= fw= gl= cached shared device other global fw-owned raw foreign lent owned user 'odd entry' 'refused:' help --version --help; do
	holds "the page says what '$word' is" grep -q -- "$word" "$dir/page"
done
holds 'the page has the status of each command' grep -q 'read and ls' "$dir/page"
holds 'and what -o does' grep -q 'takes the place' "$dir/page"

# offered WORD...: what the completion offers for the last word
offered() {
	(
		script=$PWD/lib/host/gpuas.bash
		cd "$dir" || exit
		set +u
		. "$script"
		COMP_WORDS=("$gpuas" "$@") COMP_CWORD=$#
		_gpuas
		printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
	)
}

# offers WANTED WORD...
offers() {
	local want=$1 found
	shift
	found=$(offered "$@")
	[ "$found" = "$want" ] && echo "ok - completion of '$*'" || echo "not ok - completion of '$*' is '$found', not '$want'"
}

# shellcheck disable=SC2086
offers "$(printf '%s\n' $commands help --help --version | sort | tr '\n' ' ')" ''
offers 'walk ' w
offers 'info ' help in
offers '--help ' --h
offers 'apple-t8103 ' plan apple-t8103
offers 'apple-t8140 apple-t8142 ' soc apple-t814
offers 'before.core ' info before.c
offers 'after.core after.ram ' diff before.core af
offers '--dtb ' ls before.core --d
offers '--base --dtb --limit --output ' read --
offers 'machine.dtb ' info before.ram --dtb machine.d
