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
