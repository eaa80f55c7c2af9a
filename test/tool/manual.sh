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
offers "$(printf '%s\n' $commands help | sort | tr '\n' ' ')" ''
offers 'walk ' w
offers 'apple-t8103 ' plan apple-t8103
offers 'apple-t8140 apple-t8142 ' soc apple-t814
offers 'before.core ' info before.c
offers 'after.core after.ram ' diff before.core af
offers '--dtb ' ls before.core --d
offers '--base --dtb --limit --output ' read --
offers 'machine.dtb ' info before.ram --dtb machine.d
