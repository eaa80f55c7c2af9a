#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# module.sh O KERNEL CHECK...: modules for one kernel of O/linux, each built from nothing by its own
# makefiles, at W=1, without a word of compiler, sparse or modpost. Prints TAP. A CHECK is one of
#
#   driver	library, the stand-in's driver and its tests, as they were built for the boots
#   exports	the library's module exports what the public headers declare, and nothing else
#   doc		the kernel's own kernel-doc on the public headers
#   sparse	the same once more, by sparse
#   engine	a module with the engine alone
#   all		a module with all of the library
#   device-tree	the library for a kernel that has device trees, though this one has none
#   clang	the stand-in's driver by clang
#   clang-engine	the module with the engine alone by clang
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL	# another make called us; the ones here are on their own
o=$1 kernel=$2
shift 2
top=$(pwd -P)
linux=$o/linux/$kernel tools=$o/tools

# silent WHAT COMMAND...: one result; it has to succeed and to print nothing
silent() {
	local what=$1 said
	shift
	if said=$("$@" 2>&1) && [ -z "$said" ]; then
		echo "ok - Linux $kernel, $what"
	else
		echo "not ok - Linux $kernel, $what"
		tail -n 20 <<<"$said" >&2
	fi
}

skip() {
	echo "ok - Linux $kernel, $1 # SKIP $2"
}

# What kernel-doc says of the comments, it has said when the driver was built for the boots.
kbuild() {
	board/qemu-virt/kernel.sh "$@" cmd_checkdoc=
}

# module NAME OBJECTS: a folder with one source of ours and a Kbuild file
module() {
	dir=$o/test/module/$kernel-$1
	rm -rf "$dir" && mkdir -p "$dir"
	cp "test/build/module/$1.c" "$dir/main.c"
	printf '%s\n' "gpuas := $top" 'include $(gpuas)/lib/linux/Kbuild' "obj-m := gpuas-$1.o" \
		"gpuas-$1-y := main.o $2" >"$dir/Kbuild"
}

# Objects in the module's own folder, none beside its source.
own_folder() {
	local outside
	outside=$(find lib include board -name '*.o' -o -name '.*.cmd')
	[ -e "$dir/gpuas-out/table/map.o" ] && [ -z "$outside" ] || echo "$outside"
}

# not_strict MODULE...: those that are not there, or were not built with -Werror
not_strict() {
	local name
	for name; do
		grep -qs -e '-Werror ' "$linux/module/.$name.mod.o.cmd" && [ -e "$linux/module/$name.ko" ] ||
			echo "$name"
	done
}

# exports MODULE NAMESPACE: what it has for other objects and does not export, and the other way round. A
# name that ends in _ is for its own objects.
exports() {
	local defined exported
	defined=$(nm -g --defined-only "$linux/module/gpuas-out"/{,*/}*.o | awk 'NF == 3 && $3 !~ /_$/ { print $3 }' |
		grep -v '^__' | sort -u)
	exported=$(awk -v name="$1" -v space="$2" '
		$3 ~ "(^|/)" name "$" && $4 == "EXPORT_SYMBOL_GPL" && $5 == space { print $2 }' \
		"$linux/module/Module.symvers" | sort)
	[ "$(wc -l <<<"$exported")" -gt 100 ] || echo "only $(wc -l <<<"$exported")"
	comm -3 <(echo "$defined") <(echo "$exported")
}

# Clang has to be as new as the kernel wants it.
clang_fits() {
	local wanted have
	wanted=$("$linux"/headers/scripts/min-tool-version.sh llvm 2>/dev/null || echo 0)
	have=$("$tools/clang/cc" -dumpversion) || return
	[ "${have%%.*}" -ge "${wanted%%.*}" ]
}

if [ ! -e "$linux/.unpacked" ]; then
	skip 'modules build' 'its packages cannot be downloaded'
	exit 0
fi
for check; do
	case $check in
	driver)
		[ -z "$(not_strict gpuas gpuas-qemu-virt gpuas-test)" ] &&
			echo "ok - Linux $kernel, $(cat "$linux/version"): the driver builds at W=1," \
				'where a warning is an error' ||
			echo "not ok - Linux $kernel, the driver builds at W=1, where a warning is an error"
		;;
	exports)
		silent 'gpuas.ko exports what the headers declare, and no more' exports gpuas GPUAS
		;;
	doc)
		silent 'kernel-doc has nothing to say of the public headers' \
			"$linux"/tree/usr/lib/linux-kbuild-*/scripts/kernel-doc -none -Wall \
			include/gpuas/*.h lib/linux/include/gpuas_linux.h
		;;
	sparse)
		silent 'sparse has nothing to say of driver and library' kbuild make "$linux" "$tools" -s \
			C=2 CF="-include $top/test/build/module/sparse.h" W=1 KCFLAGS=-Werror M="$linux/module" modules
		;;
	engine)
		module engine '$(gpuas-engine-objs)'
		silent 'a module takes the engine alone' kbuild make "$linux" "$tools" -s W=1 M="$dir" modules
		silent 'and has all objects in its own folder' own_folder
		;;
	all)
		module all '$(gpuas-objs) gpuas-out/board/qemu-virt/board.o'
		silent 'a module takes all of the library' kbuild make "$linux" "$tools" -s W=1 M="$dir" modules
		;;
	device-tree)
		module all '$(gpuas-objs)'
		silent 'with device trees, the library compiles' kbuild make "$linux" "$tools" -s W=1 \
			CONFIG_OF=y KCFLAGS=-DCONFIG_OF=1 M="$dir" gpuas-out/linux/of.o gpuas-out/linux/adopt.o
		;;
	clang | clang-engine)
		if [ ! -e "$tools/clang/.unpacked" ]; then
			skip "clang builds it ($check)" 'no clang that is new enough can be downloaded'
			continue
		elif ! clang_fits; then
			skip "clang builds it ($check)" 'clang is too old for it'
			continue
		elif [ "$check" = clang ]; then
			what=driver dir=$o/test/module/$kernel-clang
			rm -rf "$dir" && mkdir -p "$dir"
			cp -a "$linux"/module/{board,test,Kbuild} "$dir"
			find "$dir" -type f ! -name Kbuild -delete
		else
			what='engine alone'
			module engine '$(gpuas-engine-objs)'
		fi
		silent "$("$tools/clang/cc" --version | sed -n '1s/.*version /clang /p') builds the $what" \
			kbuild clang "$linux" "$tools" -s W=1 M="$dir" modules
		;;
	*)	echo "not ok - there is a check $check" ;;
	esac
done
