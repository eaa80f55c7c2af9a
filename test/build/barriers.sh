#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# barriers.sh DIR A64-COMPILER-AND-FLAGS A32-COMPILER-AND-FLAGS: is each barrier of the environment the
# instruction that orders what it says, for firmware and walkers too; and each access to an entry one
# instruction that does the whole of it? No test on the host can see that. Prints TAP.
set -u
dir=$1 a64=$2 a32=$3
rm -rf "$dir"
mkdir -p "$dir/linux"
# U-Boot's environment wants these, and of these the types only.
for name in compiler stddef string types; do
	echo '#include <stdbool.h>' >"$dir/linux/$name.h"
	echo '#include <stdint.h>' >>"$dir/linux/$name.h"
done

# judge NAME BARRIER INSTRUCTION COMPILER-AND-FLAGS...
judge() {
	local name=$1 barrier=$2 want=$3 got
	shift 3
	# Alone in a function, there is nothing else but the return.
	got=$(printf '#include <gpuas_env.h>\nvoid f(void);\nvoid f(void) { gpuas_%s_barrier(); }\n' "$barrier" |
		"$@" -x c - -S -o - 2>"$dir/log" | sed -nE 's/^[ \t]+(dmb|dsb)[ \t]+([a-z]+).*/\1 \2/p' | tr '\n' ' ')
	if [ "${got% }" = "$want" ]; then
		echo "ok - $name: gpuas_${barrier}_barrier() is $want"
	else
		echo "not ok - $name: gpuas_${barrier}_barrier() is $want (and not '${got% }')"
		cat "$dir/log" >&2
	fi
}

# all NAME COMPILER-AND-FLAGS PUBLISH FULL ACQUIRE RELEASE
all() {
	local name=$1 compiler barrier
	read -ra compiler <<<"$2"
	shift 2
	for barrier in publish full acquire release; do
		judge "$name" $barrier "$1" "${compiler[@]}"
		shift
	done
}

# access NAME LOAD STORE COMPILER-AND-FLAGS...: all instructions that access memory, and no exclusives,
# which need more of memory that is not cached than the architecture promises.
access() {
	local name=$1 load=$2 store=$3 what want got
	shift 3
	for what in load store; do
		want=${!what}
		got=$({
			printf '#include <gpuas_env.h>\n'
			printf 'uint64_t load(const uint64_t *);\nvoid store(uint64_t *, unsigned int, uint64_t);\n'
			[ $what = load ] || printf 'void store(uint64_t *e, unsigned int i, uint64_t v) {%s}\n' \
				' gpuas_entry_store(&e[i], v); gpuas_entry_store(&e[0x1234], ~v); '
			[ $what = store ] || printf 'uint64_t load(const uint64_t *e) {%s}\n' \
				' return gpuas_entry_load(e) + gpuas_entry_load(&e[0x1234]); '
		} | "$@" -fomit-frame-pointer -x c - -S -o - 2>"$dir/log" |
			sed -nE 's/^[ \t]+((ld|st)[a-z0-9.]*|bl|push)[ \t]+(.*)/\1 \3/p' |
			grep -vE '\[?sp\b|^push|^ldr r[0-9]+, \.L|, =' | sed 's/ .*//' | tr '\n' ' ')
		if [ "${got% }" = "$want $want" ]; then
			echo "ok - $name: gpuas_entry_$what() is $want"
		else
			echo "not ok - $name: gpuas_entry_$what() is $want, twice (and not '${got% }')"
			cat "$dir/log" >&2
		fi
	done
}

all a64 "$a64" 'dmb oshst' 'dmb osh' 'dmb oshld' 'dmb osh'
all a32 "$a32" 'dmb oshst' 'dmb osh' 'dmb osh' 'dmb osh'
all U-Boot-a64 "${a64/ / -Ilib/u-boot/include -I$dir }" 'dmb oshst' 'dmb osh' 'dmb oshld' 'dmb osh'
all U-Boot-a32 "${a32/ / -Ilib/u-boot/include -I$dir }" 'dmb oshst' 'dmb osh' 'dmb osh' 'dmb osh'

# accesses NAME LOAD STORE COMPILER-AND-FLAGS
accesses() {
	local compiler
	read -ra compiler <<<"$4"
	access "$1" "$2" "$3" "${compiler[@]}"
}

for env in '' U-Boot-; do
	include=${env:+ -Ilib/u-boot/include -I$dir}
	accesses ${env}a64 ldr str "${a64/ /$include }"
	accesses ${env}a32 ldrd strd "${a32/ /$include }"
	accesses ${env}t32 ldrd strd "${a32/ /$include } -mthumb"
	accesses ${env}armv7-a ldrd strd "${a32/ /$include } -mcpu=generic-armv7-a"
done
