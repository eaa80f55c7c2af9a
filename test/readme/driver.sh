#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# driver.sh O CROSS_COMPILE KERNEL...: README.md's driver, as it stands there, with its Kbuild: built
# for each kernel at W=1 without a word of compiler or modpost, and nothing written into this tree; it
# runs on those from 6.12 on. Prints TAP.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL	# another make called us; the ones here are on their own
o=$1 cross=$2
top=$(pwd -P)
dir=$o/readme-driver
shift 2
kernels=$*
rm -rf "$dir" && mkdir -p "$dir"

# shellcheck source=test/readme/blocks.sh
. test/readme/blocks.sh

block 'example: driver.c' >"$dir/driver.c"
lines=$(grep -c . "$dir/driver.c")
try "the driver example, a whole module, has at most 40 lines ($lines)" \
	test "$lines" -gt 30 -a "$lines" -le 40
try 'and none is too long' test -z "$(expand "$dir/driver.c" | grep -E '.{101}')"

make_module() {
	board/qemu-virt/kernel.sh make "$o/linux/$1" "$o/tools" -s W=1 cmd_checkdoc= M="$dir/module" \
		modules 2>&1
}

# All of it for the first kernel; for the others, the library's objects are those of the stand-in's
# driver.
build() {
	local said
	if [ "$1" != "${kernels%% *}" ]; then
		cp -a "$o/linux/$1/module/gpuas-out" "$dir/module" && export KBUILD_NOCMDDEP=1 || return
		find "$dir/module" -name '.*.cmd' -exec sed -i "s#$o/linux/$1/module#$dir/module#g" {} +
	fi
	said=$(make_module "$1") && [ -z "$said" ] && [ -e "$dir/module/my-gpu.ko" ] && return
	echo "$said"
	return 1
}

# What is judged is the judge: nothing is silent that has an error, or less than that.
notices() {
	local said
	sed -i "$2" "$dir/module/driver.c" && ! cmp -s "$dir/driver.c" "$dir/module/driver.c" || return
	said=$(KBUILD_NOCMDDEP=1 make_module "$1")
	cp "$dir/driver.c" "$dir/module/"
	[ -n "$said" ]
}

# With nothing else in the initrd, which is what init is for.
initrd() {
	local ko root=$dir/initrd
	rm -rf "$root" && mkdir -p "$root/bin" && cp "$o/busybox" "$root/bin/" &&
		cp test/readme/init "$root/" || return
	for ko in gpuas my-gpu; do
		"${cross}strip" -g -o "$root/$ko.ko" "$dir/module/$ko.ko" || return
	done
	(cd "$root" && find . -mindepth 1 | cpio -o -H newc -R 0:0 --quiet | gzip -1n) >"$root.gz"
}

runs() {
	local log=$dir/$1.log line
	initrd && board/qemu-virt/run.sh -O "$o" -k "$1" -i "$dir/initrd.gz" -l "$log" || return
	for line in 'init: loaded: gpuas-gpu' 'init: unbound: ' 'init: again: gpuas-gpu' 'init: unloaded' \
		'init: end'; do
		tr -d '\r' <"$log" | grep -qxF "$line" || { echo "$log lacks: $line"; return 1; }
	done
	! grep -aE 'leaked|WARNING|BUG|not adopted|Call trace' "$log"
}

for kernel in $kernels; do
	if [ ! -e "$o/linux/$kernel/.unpacked" ]; then
		echo "ok - the driver example builds for Linux $kernel # SKIP it cannot be downloaded"
		continue
	fi
	rm -rf "$dir/module" && mkdir -p "$dir/module"
	ln -s "$top" "$dir/module/libgpuas"
	cp "$dir/driver.c" "$dir/module/"
	block 'example: Kbuild' >"$dir/module/Kbuild"
	(try "the driver example builds for Linux $kernel at W=1, with its Kbuild" build "$kernel")
	[ "$kernel" = 6.1 ] || try 'it adopts, binds, and gives back' runs "$kernel"
	(try 'a call with an argument too few is noticed' notices "$kernel" 's/, 1, &token/, 1/')
	(try 'and so is a variable that nobody uses' notices "$kernel" 's/uint32_t tables/&, unused/')
done
try 'and nothing was written into this tree' \
	test -z "$(find lib include board -name '*.o' -o -name '.*.cmd')"
rm -rf "$dir/module" "$dir/initrd"
