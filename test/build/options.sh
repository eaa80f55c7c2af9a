#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# options.sh DIR: does make refuse to build in, or to remove, what is no build folder? And does help
# stay readable? Prints TAP.
#
# All of it happens to a copy of this tree below DIR, with an rm that reaches nothing else: a failing
# test must not remove what it stands on.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL O V W CACHE
dir=$(realpath -m "$1")
rm -rf "$dir"
mkdir -p "$dir/bin" "$dir/around/tree/.git" "$dir/foreign/folder"
cp -r Makefile lib board test include dts "$dir/around/tree"
echo precious | tee "$dir/around/precious" "$dir/around/tree/.git/precious" >"$dir/foreign/precious"
ln -s around/tree "$dir/link"

cat >"$dir/bin/rm" <<END
#!/bin/bash
for arg; do
	case \$arg in
	-*) continue ;;
	esac
	[[ \$(realpath -m "\$arg") == $dir/* ]] || { echo "\$arg" >>"$dir/escaped"; exit 1; }
done
exec $(command -v rm) "\$@"
END
chmod +x "$dir/bin/rm"
own_path=$PATH
export PATH=$dir/bin:$PATH
cd "$dir/around/tree" || exit 1
log=$dir/log

result() {
	[ "$1" -eq 0 ] && echo "ok - $2" || echo "not ok - $2"
}

all() {
	find "$dir" ! -path "$log" | sort
}

# refuses NAME PATTERN ARGUMENT...: make fails, says PATTERN in one line, and all files stay
refuses() {
	local name=$1 pattern=$2 before bad=0
	shift 2
	before=$(all)
	! make "$@" >"$log" 2>&1 || bad=1
	[ "$(grep -cE "$pattern" "$log")" -eq 1 ] || bad=1
	[ "$before" = "$(all)" ] || bad=1
	result $bad "make $* is refused ($name)"
	[ $bad -eq 0 ] || tail -n 3 "$log" >&2
}

for goal in clean distclean; do
	refuses 'empty' 'O= is empty' O= $goal
	refuses 'blank' 'O= is empty' 'O= ' $goal
	refuses 'the root' 'O= is empty or /' O=/ $goal
	refuses 'the tree' 'source tree' O=. $goal
	refuses 'the tree' 'source tree' O="$PWD" $goal
	refuses 'the tree, in a roundabout way' 'source tree' O=lib/.. $goal
	refuses 'the tree, through a link' 'source tree' O="$dir/link" $goal
	refuses 'above the tree' 'source tree' O=.. $goal
	refuses 'far above the tree' 'source tree' O="$dir" $goal
	refuses 'a blank' 'without blanks' 'O=a b' $goal
	for name in 'a:b' 'a%b' 'a#b' 'a$$b' "a'b" 'a;b' 'a*' 'a=b'; do
		refuses 'a special character' 'must not contain' "O=$name" $goal
	done
	refuses 'no cache' 'without blanks' CACHE= $goal
	refuses 'a source folder' 'no .gpuas-build' O=lib $goal
	refuses 'a folder of others' 'no .gpuas-build' O="$dir/foreign" $goal
done
refuses 'a blank, with advice' 'a folder elsewhere will do: O=/tmp/gpuas' 'O=a b' lib
refuses 'a special character, with advice' 'a folder elsewhere will do: O=/tmp/gpuas' 'O=a;b' lib
refuses 'a cache with a blank, with advice' 'a folder elsewhere will do: CACHE=/tmp/gpuas' 'CACHE=a b' lib
refuses 'a file' 'is a file, and no folder to build in; a folder elsewhere will do' O=/dev/null help
refuses 'a prefix with a blank' 'has to be one name without blanks; a folder elsewhere will do: PREFIX=/tmp/gpuas' \
	'PREFIX=/opt/my gpu' DESTDIR="$dir/dest" O=out install
refuses 'a prefix that sed would take for something else' 'PREFIX=/opt/a&b must not contain &' \
	'PREFIX=/opt/a&b' DESTDIR="$dir/dest" O=out install
refuses "a U-Boot's tree with a blank" 'U_BOOT_SRC=.a b. has to be one name' 'U_BOOT_SRC=a b' O=out u-boot
refuses 'empty' 'O= is empty' O= help
refuses 'the tree' 'source tree' O=. lib

# built O: build the least that there is to build
built() {
	make O="$1" "${@:2}" "$(realpath -m "$1")/libfdt/fdt.h" >"$log" 2>&1 && [ -f "$1/libfdt/fdt.h" ]
}

built "$dir/foreign"
result $? 'a folder of others can be built in'
refuses 'a folder of others, built in' 'no .gpuas-build' O="$dir/foreign" distclean

make -n O=out out/libfdt/fdt.h >"$log" 2>&1
failed=
for goal in u-boot run qemu-6.12-booti build-module-6.12 debug-kernel bench-boot bench-guest; do
	make -n O=out CACHE="$dir/nothing" $goal >"$log" 2>&1 || failed="$failed $goal"
done
[ -z "$failed" ]
result $? "make -n says what would be done, with nothing there to do it in${failed:+, but for$failed}"
make O=out help suites >"$log" 2>&1
[ ! -e out ]
result $? 'make -n and make help make no build folder'
built out
result $? 'a new folder is built in'
mkdir -p out/cache/deep out/u-boot-src out/linux/6.1/module out/host
make O=out clean >"$log" 2>&1
result $? 'and cleaned'
[ "$(cd out && echo * && ls linux/6.1)" = 'cache linux u-boot-src' ]
result $? 'but for downloads and unpacked sources'
built out && make O=out distclean >"$log" 2>&1 && [ ! -e out ]
result $? 'built in again, and removed'
built out && built out distclean && make O=out distclean >"$log" 2>&1 && [ ! -e out ]
result $? 'what is built after distclean, by the same make, can be removed'
make O=out clean distclean >"$log" 2>&1 && [ ! -e out ]
result $? 'no build folder is no error'
mkdir -p out/downloads/here && touch out/downloads/here/plan
built out CACHE=out/downloads/here && make O=out CACHE=out/downloads/here clean >"$log" 2>&1 &&
	[ -f out/downloads/here/plan ] && make O=out distclean >"$log" 2>&1 && [ ! -e out ]
result $? 'a folder with downloads only is one to build in, and clean keeps them'
# A tree below a name with a blank, or any other that make and the shell stumble over
mkdir "$dir/my (new) tree"
cp -r "$dir/around/tree" "$dir/my (new) tree/gpuas"
cd "$dir/my (new) tree/gpuas" || exit 1
refuses 'a tree with a blank in its name' 'a folder elsewhere will do: O=/tmp/gpuas' lib
make O="$dir/elsewhere" "$dir/elsewhere/host/gpuas" >"$log" 2>&1 && "$dir/elsewhere/host/gpuas" plan all >"$log"
result $? 'but can be built elsewhere'
cd "$dir/around/tree" || exit 1
[ ! -e "$dir/escaped" ]
result $? 'nothing outside was to be removed'

wide=$(make help | awk 'length($0) > 100' | wc -l)
[ "$wide" -eq 0 ] && [ "$(make help | wc -l)" -le 24 ]
result $? 'make help has at most 24 lines of at most 100 columns'
make -nk O=out run >"$log" 2>&1
! grep -wE 'valgrind|sparse|mformat|mcopy|dtc|bindgen|rustc|clang|g\+\+|arm-none-eabi-(gcc|ar)|-fsanitize|-lcmocka|-lfdt' "$log" >&2 &&
	grep -q 'deps.sh run$' "$log" && grep -q -- '-o .*gpuas-copy' "$log"
result $? 'make run installs and uses nothing that only tests need'
for package in libcmocka-dev valgrind sparse rustc; do
	board/qemu-virt/deps.sh list | grep -qx $package && ! board/qemu-virt/deps.sh list-run | grep -qx $package
	result $? "$package is one of these"
done
make -pq help 2>/dev/null | sed -n 's/^test-suites: //p' | tr ' ' '\n' | sort >"$dir/want"
make suites | tr ' ' '\n' | grep . | sort >"$dir/have"
[ -s "$dir/want" ] && cmp -s "$dir/want" "$dir/have"
result $? 'make suites lists what make test runs'
PATH=$own_path
rm -rf "$dir"
