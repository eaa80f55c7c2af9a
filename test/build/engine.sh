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

# What the headers declare that need no more, but for the inline ones
# shellcheck disable=SC2046
nm -g $(objects host) | awk '$2 == "T" { print $3 }' | sort >"$o/engine.has"
sed -nE 's/^ \* (gpuas_[a-z0-9_]+)\(\) - .*/\1/p; s/^\/\*\* (gpuas_[a-z0-9_]+)\(\) - .*/\1/p' \
	include/gpuas/space.h include/gpuas/visit.h include/gpuas/format.h | sort >"$o/engine.wanted"
missing=$(comm -23 "$o/engine.wanted" "$o/engine.has" | tr '\n' ' ')
if [ "$(wc -l <"$o/engine.wanted")" -ge 25 ] && [ -z "$missing" ]; then
	echo 'ok - the engine alone has all functions of space.h, visit.h and format.h'
else
	echo "not ok - the engine alone has all functions of space.h, visit.h and format.h, but for $missing"
fi

# A host of its own has what include/gpuas_env.h lists, and no more.
mkdir -p "$o/engine-env"
cat >"$o/engine-env/gpuas_env.h" <<'END'
#ifndef GPUAS_ENV_H
#define GPUAS_ENV_H
typedef __INT8_TYPE__ int8_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __INT16_TYPE__ int16_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __INT32_TYPE__ int32_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __SIZE_TYPE__ size_t;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)
#define offsetof(type, field) __builtin_offsetof(type, field)
void *memcpy(void *dest, const void *src, size_t n);
void *memmove(void *dest, const void *src, size_t n);
void *memset(void *dest, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
uint64_t gpuas_entry_load(const uint64_t *entry);
void gpuas_entry_store(uint64_t *entry, uint64_t value);
uint32_t gpuas_word_load(const uint32_t *word);
void gpuas_word_store(uint32_t *word, uint32_t value);
uint8_t gpuas_byte_load(const uint8_t *byte);
void gpuas_byte_store(uint8_t *byte, uint8_t value);
void gpuas_publish_barrier(void);
void gpuas_full_barrier(void);
void gpuas_acquire_barrier(void);
void gpuas_release_barrier(void);
#endif
END
words=$(sed -n '/A replacement has to provide/,/All barriers/p' include/gpuas_env.h)
unlisted=$(sed -nE 's/^typedef .* ([a-z_]+_t|bool);/\1/p; s/^#define (NULL|offsetof).*/\1/p; s/.*\b((gpuas_|mem)[a-z_]+)\(.*/\1/p' \
	"$o/engine-env/gpuas_env.h" | while read -r word; do
	grep -qw -- "$word" <<<"$words" || echo "$word"
done | tr '\n' ' ')
others=$(ls lib/handoff/*.c lib/manifest/*.c lib/snapshot/*.c)
# shellcheck disable=SC2086
if "${CC:-cc}" -std=c11 -ffreestanding -nostdinc -fsyntax-only -I"$o/engine-env" -Iinclude \
	$(printf 'lib/%s ' $sources) $others 2>"$o/engine-env/log" && [ -z "$unlisted" ]; then
	echo 'ok - what include/gpuas_env.h lists is enough for a host of its own'
else
	head -n 3 "$o/engine-env/log" >&2
	echo "not ok - what include/gpuas_env.h lists is enough for a host of its own${unlisted:+; not listed: $unlisted}"
fi

# Where a 64-bit access is a function that takes a lock, nothing compiles.
refused=$(echo '#include <gpuas_env.h>' | clang --target=riscv32-linux-gnu -ffreestanding -Iinclude -x c -fsyntax-only - 2>&1)
if grep -q 'error: .this CPU has no load and store of 64 bits that is one' <<<"$refused" &&
	echo '#include <gpuas_env.h>' | clang --target=riscv64-linux-gnu -ffreestanding -Iinclude -x c -fsyntax-only -; then
	echo 'ok - a CPU without accesses of 64 bits is refused, and its larger brother is not'
else
	echo 'not ok - a CPU without accesses of 64 bits is refused, and its larger brother is not'
fi

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
