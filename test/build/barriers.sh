#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# barriers.sh DIR A64-COMPILER-AND-FLAGS A32-COMPILER-AND-FLAGS: is each barrier of the environment the
# instruction that orders what it says, for firmware and walkers too? No test on the host can see that:
# there, most of them are none. Prints TAP.
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

all a64 "$a64" 'dmb oshst' 'dmb osh' 'dmb oshld' 'dmb osh'
all a32 "$a32" 'dmb oshst' 'dmb osh' 'dmb osh' 'dmb osh'
all U-Boot "${a64/ / -DCONFIG_ARM64 -Ilib/u-boot/include -I$dir }" \
	'dmb oshst' 'dmb osh' 'dmb oshld' 'dmb osh'
