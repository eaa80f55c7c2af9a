#!/bin/sh
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# deps.sh [run|list|list-run]: installs the Debian packages that this project builds and tests with; with
# "run", only those that "make run" needs; with "list" or "list-run", says which these are. Does
# nothing, fast, when they are all there. This is the only step that changes the system or needs root.

set -eu

# package           needed by  for
need='
make                run   every build
gcc                 run   programs of this machine: library, tests, tools of U-Boot and kbuild
libc6-dev           run   programs of this machine
pkg-config          run   the tools of U-Boot
gcc-aarch64-linux-gnu   run   U-Boot, the Linux module, the bare-metal library
libc6-dev-arm64-cross   run   the programs that run in the guest
qemu-system-arm     run   every boot
device-tree-compiler    run   the tree of PROFILE=published, and tests
bison               run   the configuration of U-Boot, and its dtc
flex                run   the configuration of U-Boot, and its dtc
bc                  run   the build of U-Boot
libssl-dev          run   the tools of U-Boot
libgnutls28-dev     run   the tools of U-Boot
uuid-dev            run   the tools of U-Boot
dpkg-dev            run   fetching and unpacking Debian packages
bzip2               run   the archive of U-Boot
xz-utils            run   Debian packages
cpio                run   the initrd
kmod                run   the build of the Linux module
libelf1             run   the build of the Linux module
ca-certificates     run   fetching over https
libasan8            test  the address sanitizer
libubsan1           test  the undefined behaviour sanitizer
libcmocka-dev       test  unit tests
libfdt-dev          test  the device-tree parts of the host library
libelf-dev          test  cores, in the tool of the host
libjson-c-dev       test  what the tool of the host prints for programs
zlib1g-dev          test  files packed by gzip, in the tool of the host
libzstd-dev         test  files packed by zstd, in the tool of the host
zstd                test  files packed by zstd, for its tests
elfutils            test  cores, by another reader of ELF than binutils
shellcheck          test  the program that saves dumps: any POSIX shell
groff-base          test  another judge of the manual page
mandoc              test  the judge of its manual page
python3-jsonschema  test  the judge of what it prints for programs
gdb-multiarch       test  dumps, by a debugger
python3-drgn        test  dumps, by a debugger that knows physical addresses
chromium            test  maps of dumps, as a browser shows them
gcc-arm-none-eabi   test  the bare-metal library for 32-bit Arm
g++                 test  the headers in C++
clang               test  the library, what bindgen reads headers with, and fuzzing
libclang-rt-14-dev  test  fuzzing: what clang links for it
bindgen             test  the headers in Rust
rustc               test  the headers in Rust
sparse              test  checks of address spaces
python3             test  the second judge of device trees
mtools              test  FAT images for boots by EFI, without root
valgrind            test  the counting of instructions (make bench)
'

verb=install who=
case ${1:-} in
'') ;;
run) who=run ;;
list) verb=list ;;
list-run) verb=list who=run ;;
*)	echo 'usage: deps.sh [run|list|list-run]' >&2
	exit 2 ;;
esac

names=$(printf '%s' "$need" | awk -v who="$who" 'NF && (who == "" || $2 == who) { print $1 }')
if [ "$verb" = list ]; then
	printf '%s\n' "$names"
	exit
fi

missing=
why=
# One dpkg-query call: a package is there when its state is "installed", not only "known".
# shellcheck disable=SC2086
have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $names 2>/dev/null |
	awk '$1 == "installed" { print $2 }') || true
for p in $names; do
	case "
$have
" in
	*"
$p
"*)	;;
	*)	missing="$missing $p"
		why="$why$(printf '%s' "$need" | awk -v p="$p" \
			'$1 == p { $1 = $2 = ""; sub(/^ +/, ""); printf "  DEPS    %-22s for %s", p, $0 }')
" ;;
	esac
done

[ -n "$missing" ] || exit 0
printf '%s' "$why"

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "deps: neither root nor sudo. As root, run:" >&2
		echo "  apt-get install --no-install-recommends$missing" | fold -s -w 90 |
			sed -e '$!s/ *$/ \\/' -e '2,$s/^/    /' >&2
		exit 1
	fi
	as_root="sudo"
fi

install() {
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends $missing </dev/null
}

# The package lists may be empty or old: refresh them only when the list does not do as it is.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! install >"$log" 2>&1; then
	echo "  DEPS    refreshing the package lists (apt-get update)"
	if ! { $as_root apt-get -qq update && install; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		echo "deps: apt-get could not install:$missing" | fold -s -w 100 >&2
		echo "deps: check the network and apt's sources, then run 'make deps' again" >&2
		exit 1
	fi
fi
echo "  DEPS    done"
