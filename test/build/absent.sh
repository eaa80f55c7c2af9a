#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# absent.sh O: a machine that can download neither the newest kernel nor compilers. What needs them is
# named, counted as skipped, and nothing fails; a kernel that has to be there does fail. Prints TAP.
set -u
dir=$1/test/absent
rm -rf "$dir" && mkdir -p "$dir/bin"
cp board/qemu-virt/kernel.sh board/qemu-virt/tools.sh "$dir/bin"
printf '#!/bin/sh\necho "cannot download" >&2\nexit 1\n' >"$dir/bin/fetch.sh"
chmod +x "$dir/bin/fetch.sh"

result() {
	[ "$1" -eq 0 ] && echo "ok - $2" || echo "not ok - $2"
}

# missing WHAT COMMAND...: it succeeds, says what is missing, and leaves no stamp
missing() {
	local what=$1 said folder=$dir/$2
	shift 2
	said=$("$@" 2>&1)
	result $? "without $what, make goes on"
	grep -q "$what cannot be had: what needs it is left out" <<<"$said"
	result $? "it says that $what is missing"
	[ ! -e "$folder/.unpacked" ]
	result $? "and tries to have $what again the next time"
}
missing newest linux/newest "$dir/bin/kernel.sh" unpack "$dir/cache" "$dir/linux/newest" newest "$dir/tools"
missing 'a newer gcc' tools/gcc "$dir/bin/tools.sh" unpack "$dir/cache" "$dir/tools/gcc" gcc
missing 'a newer clang' tools/clang "$dir/bin/tools.sh" unpack "$dir/cache" "$dir/tools/clang" clang

! "$dir/bin/kernel.sh" unpack "$dir/cache" "$dir/linux/6.1" 6.1 "$dir/tools" >/dev/null 2>&1
result $? 'without 6.1, make stops'

# skips COMMAND...: each line is a skip that names the kernel
skips() {
	local said
	said=$("$@") && grep -q '^ok - Linux newest.* # SKIP ' <<<"$said" &&
		! grep -qv '^ok - Linux newest.* # SKIP ' <<<"$said"
	result $? "$(basename "$1") skips it by name"
}
skips test/qemu/boot.sh "$dir" newest booti
skips test/build/module.sh "$dir" newest driver clang

# A unit test that lacks a program skips itself, as cmocka says it.
said=$(test/suite.sh "$dir" skips printf 'ok 1 - one\nnot ok 2 # SKIP another\n' &&
	test/summary.sh "$dir/skips.tap")
[[ $said == *'skipped: another'*'1 passed, 0 failed, 1 skipped' ]]
result $? 'what a unit test skips is counted as skipped'
