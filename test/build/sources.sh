#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# sources.sh O CORE FDT ADT MODULE-FOLDER...: do all consumers compile the very files in lib/?
# Reads what the compilers left behind: the host's and U-Boot's and the modules' dependency files
# name the source of each object. Each list must be the one in lib/sources.mk, and each source the
# file in this tree, reached through whatever links. What was built of files that are gone is not counted.
set -u
o=$1 core=$2 fdt=$3 adt=$4
shift 4
top=$(pwd -P)


# kbuild: "source_PATH.o := FILE", relative to where the compiler ran, which is $kbuild_dir.
kbuild_sources() {
	sed -n 's/^source_.* := //p' "$@" | while read -r file; do
		case $file in
		/*) ;;
		*) file=$kbuild_dir/$file ;;
		esac
		realpath -qe "$file"
	done
}

# gcc -MMD: the first prerequisite.
gcc_sources() {
	local file
	for file in "$@"; do
		tr -d '\\\n' <"$file" | sed 's/^[^:]*: *\([^ ]*\).*/\1/'
		echo
	done | while read -r file; do [ -z "$file" ] || realpath -qe "$file"; done
}

# judge WHO WANT: compare with what stands on stdin, below lib/ only, personalities left out
judge() {
	local who=$1 want have
	want=$(printf '%s\n' $2 | sort)
	have=$(sed -n "s#^$top/lib/\(.*\.c\)\$#\1#p" | grep -vE '^(linux|u-boot|host)/' | sort -u)
	if [ "$want" = "$have" ]; then
		echo "ok - $who compiles the $(wc -l <<<"$want") files of lib/sources.mk"
	else
		echo "not ok - $who compiles other files:" \
			"$(diff <(echo "$want") <(echo "$have") | grep '^[<>]' | tr '\n' ' ')"
	fi
}

mapfile -t files < <(find "$o/host/lib" -name '*.d')
gcc_sources "${files[@]}" | judge host "$core $fdt $adt"

kbuild_dir=$o/u-boot
mapfile -t files < <(find -L "$o/u-boot/lib/gpuas/lib" -name '.*.o.cmd')
kbuild_sources "${files[@]}" | judge U-Boot "$core $fdt"

for module in "$@"; do
	if [ ! -e "$(dirname "$module")/.unpacked" ]; then
		echo "ok - module $(basename "$(dirname "$module")") # SKIP its kernel cannot be downloaded"
		continue
	fi
	kbuild_dir=$module
	mapfile -t files < <(find "$module/gpuas-out" -name '.*.o.cmd')
	kbuild_sources "${files[@]}" | judge "module $(basename "$(dirname "$module")")" "$core"
done
