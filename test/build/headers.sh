#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# headers.sh DIR CACHE ARCHIVE SOURCES LIBFDT A64-CC A32-CC: does each public header, alone and twice, please
# compilers of every age in C99, C11, C++11 and C++17, with no word said? Asked are the compilers that are
# installed, the cross compilers, and the newest GCC and Clang of Debian (unpacked below CACHE, never
# installed). Does a C++ program link with ARCHIVE? And have the newest two nothing to say about SOURCES?
# Prints TAP. A compiler that cannot be had is a skip.
set -uo pipefail
dir=$1 cache=$2 archive=$3 sources=$4 libfdt=$5 a64=$6 a32=$7
rm -rf "$dir"
mkdir -p "$dir"
headers=$(cd include && find . -name '*.h' | sed 's#^\./##' | sort)
count=$(wc -l <<<"$headers")
strict='-fsyntax-only -Wall -Wextra -Wundef -pedantic-errors -Werror -Iinclude'

skip() {
	echo "ok - $1 # SKIP $2"
}

# languages NAME LANGUAGES COMMAND...: all headers in each of the languages; COMMAND compiles the file that
# is its last argument
languages() {
	local name=$1 languages=$2 language header bad
	shift 2
	for language in $languages; do
		bad=
		for header in $headers; do
			[[ $language == c++* ]] && file=$dir/one.cc || file=$dir/one.c
			printf '#include <%s>\n#include <%s>\nint unused;\n' "$header" "$header" >"$file"
			"$@" -std="$language" $strict "$file" 2>"$dir/log" && [ ! -s "$dir/log" ] && continue
			bad+=" $header"
			cat "$dir/log" >&2
		done
		# And is a wrong layout an error?
		printf '#include <gpuas/types.h>\nGPUAS_STATIC_ASSERT(sizeof(gpuas_pa_t) == 4, "planted");\n' >"$file"
		"$@" -std="$language" $strict "$file" 2>"$dir/log" && bad+=' planted-fault'
		[ -z "$bad" ] && echo "ok - $name, $language: $count headers" ||
			echo "not ok - $name, $language:$bad"
	done
}

# installed COMMAND LANGUAGES [FLAGS]
installed() {
	if command -v "$1" >"$dir/log"; then
		languages "$($1 --version | sed -n 1p)" "$2" "$1" ${3:-}
	else
		skip "$1, $2" 'is not installed'
	fi
}

installed gcc 'c99 c11'
installed g++ 'c++11 c++17'
installed clang 'c99 c11'
installed clang++ 'c++11 c++17'
installed "$a64" 'c99 c11' '-ffreestanding -mgeneral-regs-only'
installed "$a32" 'c99 c11' '-ffreestanding -mcpu=cortex-a15'

# What a C++ host does is C++: its callbacks too.
if command -v g++ >"$dir/log"; then
	g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -Iinclude test/build/headers.cc "$archive" \
		-o "$dir/program" && "$dir/program" || echo 'not ok - a C++ program is built and runs'
else
	skip 'a C++ program is built and runs' 'there is no g++'
fi

# The compilers proper, without their drivers, which would start programs by the wrong loader.
root=$cache/root
newest_c() {
	"$loader" --library-path "$libs" "$cc1/cc1" -quiet "${includes[@]}" "$@"
}
newest_cxx() {
	"$loader" --library-path "$libs" "$cc1/cc1plus" -quiet "${includes[@]}" "$@"
}
newest_clang() {
	"$loader" --library-path "$libs:$llvm/lib" "$llvm/bin/clang" -resource-dir "$resources" \
		--sysroot="$root" "$@"
}

# sources NAME COMMAND...: nothing to say about the library itself
sources() {
	local name=$1 file bad=
	shift
	for file in $sources; do
		"$@" -std=c11 -O2 -Wall -Wextra -Wshadow -Werror -Iinclude -isystem lib/host/freestanding -isystem "$libfdt" \
			"$file" -o "$dir/one.s" >&2 ||
			bad+=" $file"
	done
	[ -z "$bad" ] && echo "ok - $name: $(wc -w <<<"$sources") sources" || echo "not ok - $name:$bad"
}

if ! test/unstable.sh "$cache" 'g[+][+]-[0-9]+' 'clang-[0-9]+'; then
	skip "Debian's newest GCC, c99 c11 c++11 c++17" "cannot be fetched (see $cache/log)"
	skip "Debian's newest Clang, c99 c11 c++11 c++17" "cannot be fetched (see $cache/log)"
	exit 0
fi
loader=$(find "$root" -name 'ld-linux*.so.*' -type f | head -n 1)
libs=$(dirname "$(find "$root" -name libc.so.6)")
cc1=$(dirname "$(find "$root/usr/libexec" -name cc1plus)")
triplet=$(basename "$(dirname "$cc1")")
includes=(-nostdinc -isystem "$root/usr/lib/gcc/$triplet/$(basename "$cc1")/include"
	-isystem "$root/usr/include/$triplet" -isystem "$root/usr/include")
llvm=$(find "$root/usr/lib" -maxdepth 1 -name 'llvm-*' -type d | sort -V | tail -n 1)
resources=$(find "$llvm/lib/clang/" -mindepth 1 -maxdepth 1 | tail -n 1)
gcc=$(newest_c -version -fsyntax-only /dev/null 2>&1 | sed -n 's/^GNU C[^(]*(\([^)]*\)) version \([^ ]*\).*/GCC \2/p')
clang=$(newest_clang --version 2>"$dir/log" | sed -n 's/.*\(clang version [^ ]*\).*/\1/p')
if [ -z "$gcc" ] || [ -z "$clang" ]; then
	skip "Debian's newest GCC, c99 c11 c++11 c++17" 'does not run here'
	skip "Debian's newest Clang, c99 c11 c++11 c++17" 'does not run here'
	exit 0
fi
languages "Debian's newest, $gcc" 'c99 c11 c23' newest_c
languages "Debian's newest, $gcc" 'c++11 c++17 c++23' newest_cxx
languages "Debian's newest, $clang" 'c99 c11 c23 c++11 c++17 c++23' newest_clang
sources "$gcc has nothing to say about the library" newest_c
sources "$clang has nothing to say about the library" newest_clang -S
