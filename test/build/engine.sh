#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# engine.sh O ENGINE-SOURCES FLAVOUR:PREFIX...: is GPUAS_ENGINE_SRCS enough for who wants the engine alone?
# In no flavour do these objects need anything but mem*(), and programs of test/examples/ are linked with
# them, or with the whole library, and run. Prints TAP.
set -u
o=$1 sources=$2
shift 2

# objects FLAVOUR
objects() {
	local source
	for source in $sources; do
		echo "$o/$1/lib/${source%.c}.o"
	done
}

for flavour; do
	prefix=${flavour#*:} flavour=${flavour%%:*}
	# shellcheck disable=SC2046
	"${prefix}nm" -g $(objects "$flavour") >"$o/engine.nm"
	needs=$(comm -23 <(awk '$1 == "U" { print $2 }' "$o/engine.nm" | sort -u) \
		<(awk 'NF == 3 && $2 != "U" { print $3 }' "$o/engine.nm" | sort -u) |
		grep -vxE 'mem(cpy|set|cmp|move)' | tr '\n' ' ')
	if ! grep -q ' T gpuas_map$' "$o/engine.nm"; then
		echo "not ok - $flavour: there is no engine"
	elif [ -n "$needs" ]; then
		echo "not ok - $flavour: the engine alone needs $needs"
	else
		echo "ok - $flavour: the engine alone needs nothing but mem*()"
	fi
done

# run NAME WITH OBJECT...: build an example and run it
run() {
	local name=$1 with=$2
	shift 2
	if ! "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Iinclude "test/examples/$name.c" "$@" -o "$o/$name"; then
		echo "not ok - the example $name is built with $with"
		return
	fi
	"$o/$name" >"$o/$name.out"
	status=$?
	sed "s/^\(ok\|not ok\) - /&example $name: /" "$o/$name.out"
	[ $status -eq 0 ] && echo "ok - the example $name, built with $with" ||
		echo "not ok - the example $name, built with $with, ends with status $status"
}
# shellcheck disable=SC2046
run allocator 'the engine alone' $(objects host)
run contexts libgpuas.a "$o/host/libgpuas.a"
