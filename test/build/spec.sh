#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# spec.sh SUITE...: is each test that dts/SPEC.md names one that is there? Prints TAP. [unit-x: a, b] are
# functions of test/unit/x_test.c that cmocka is given; anything else in brackets is a suite.
set -u
spec=dts/SPEC.md
suites=" $* qemu-boots "

# "SUITE FUNCTION", or "SUITE -", one a line
named() {
	tr '\n' ' ' <$spec | grep -oE '\[[a-z][a-z0-9_.-]*(: [a-z0-9_, ]+)?\]' | tr -d '[]' |
		while IFS=: read -r suite functions; do
			[ -n "$functions" ] || functions=-
			for function in ${functions//,/ }; do echo "$suite $function"; done
		done
}

missing=
count=0
while read -r suite function; do
	[ "$suite" != suite ] || continue
	count=$((count + 1))
	case $suites in
	*" $suite "*) ;;
	*) missing="$missing $suite" ;;
	esac
	[ "$function" = - ] ||
		grep -qE "(cmocka_unit_test[a-z_]*|\b[A-Z_]*T[A-Z_]*)\($function\b" "test/unit/${suite#unit-}_test.c" ||
		missing="$missing $suite:$function"
done < <(named)
[ -z "$missing" ] && [ "$count" -ge 100 ] && echo "ok - the $count tests that $spec names are there" ||
	echo "not ok - the $count tests that $spec names are there, but for:$missing"
