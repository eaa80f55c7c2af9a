#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# spec.sh SUITE...: is each test that dts/SPEC.md names one that is there? Prints TAP. [unit-x: a, b] are
# functions of test/unit/x_test.c that cmocka is given; anything else in brackets is a suite.
set -u
spec=dts/SPEC.md
suites=" $* qemu-boots "

# The page as one line, without code blocks and tables
page() {
	sed -e '/^    /d' -e '/^|/d' $spec | tr '\n' ' '
}

# What is in brackets, as it stands there
marks() {
	page | grep -oE '\[[^]]*\]'
}

# "SUITE FUNCTION", or "SUITE -", one a line
named() {
	marks | tr -d '[]' | while IFS=: read -r suite functions; do
		[ -n "$functions" ] || functions=-
		for function in ${functions//,/ }; do echo "$suite $function"; done
	done
}

# Points of a list that neither name a test nor say that there is none
unmarked() {
	awk '/^- / { if (text != "" && text !~ /\[|\(not tested\)/) print text; text = $0; next }
	     /^  / { if (text != "") text = text " " $0; next }
	     { if (text != "" && text !~ /\[|\(not tested\)/) print text; text = "" }' $spec
}

missing=$(marks | grep -vxE '\[[a-z][a-z0-9_.-]*(: [a-z0-9_]+(, +[a-z0-9_]+)*)?\]' | tr '\n' ' ')
count=0
while read -r suite function; do
	count=$((count + 1))
	case $suites in
	*" $suite "*) ;;
	*) missing="$missing $suite" ;;
	esac
	[ "$function" = - ] ||
		grep -vE '^[[:space:]]*//' "test/unit/${suite#unit-}_test.c" |
		grep -qE "(cmocka_unit_test[a-z_]*|\b[A-Z_]*T[A-Z_]*)\($function\b" ||
		missing="$missing $suite:$function"
done < <(named)
[ -z "$missing" ] && [ "$count" -ge 100 ] && echo "ok - the $count tests that $spec names are there" ||
	echo "not ok - the $count tests that $spec names are there, but for: $missing"
missing=$(unmarked | head -n 3)
[ -z "$missing" ] && echo 'ok - each point of its lists names a test, or says that there is none' ||
	echo "not ok - each point of its lists names a test, or says that there is none: $missing"

# Files that a page names. In a table of files, a name without a folder is in that of the name before it.
# What is in a block of code is somebody's, and X and NAME are whatever there is.
files() {
	sed -e '/^```/,/^```/d' -e '/^    /d' "$1" |
		grep -oE '(^|[^A-Za-z0-9_./-])(lib|board|test|dts|include)/[A-Za-z0-9_./*-]*[A-Za-z0-9_*/]' |
		grep -oE '(lib|board|test|dts|include)/.*'
	! grep -q '^## Where in the source' "$1" || sed -n '/^## Where in the source/,$p' "$1" | awk '
		{ count = split($0, word, /[ ,;:()|]+/) }
		{ for (i = 1; i <= count; i++)
			if (word[i] ~ /\//) folder = substr(word[i], 1, match(word[i], /[^\/]*$/) - 1)
			else if (word[i] ~ /^[a-z0-9_*]+\.[ch]$/) print folder word[i] }'
}
count=0 missing=
for page in README.md lib/DESIGN.md $spec test/README.md lib/u-boot/gpuas.rst; do
	for file in $(files $page | grep -vE '\b(X|NAME)\b' | grep -vx 'lib/gpuas' | sort -u); do
		count=$((count + 1))
		compgen -G "$file" >/dev/null || missing="$missing $page:$file"
	done
done
[ -z "$missing" ] && [ "$count" -ge 100 ] && echo "ok - the $count files and folders that pages name are there" ||
	echo "not ok - the $count files and folders that pages name are there, but for:$missing"
