#!/bin/sh
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Installs the Debian packages that this project builds and tests with. Does nothing, fast, when
# they are all there. This is the only step that changes the system or needs root.

set -eu

# package           what needs it
need='
make                every build
gcc                 host library and tests
libc6-dev           host library and tests
libasan8            address sanitizer, host tests
libubsan1           undefined behaviour sanitizer, host tests
libcmocka-dev       host tests
valgrind            make bench counts instructions with it
libfdt-dev          host library: the device tree parts
pkg-config          finds the two above
sparse              address space and endianness checks
python3             generators and log readers
gcc-aarch64-linux-gnu   U-Boot, the Linux module, the bare-metal library
libc6-dev-arm64-cross   the test program that runs in the guest
gcc-arm-none-eabi   the bare-metal library for 32-bit Arm
qemu-system-arm     every boot
bison               U-Boot configuration and dtc
flex                U-Boot configuration and dtc
bc                  U-Boot build
libssl-dev          U-Boot host tools
libgnutls28-dev     U-Boot host tools
uuid-dev            U-Boot host tools
device-tree-compiler    device tree tests
dpkg-dev            fetching and unpacking Debian packages
bzip2               the U-Boot archive
xz-utils            Debian packages
cpio                initrd
mtools              FAT image for EFI boots, without root
kmod                Linux module build
libelf1             Linux module build
ca-certificates     fetching over https
'

missing=
why=
# One dpkg-query call: a package is there when its state is "installed", not only "known".
names=$(printf '%s' "$need" | awk 'NF { print $1 }')
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
			'$1 == p { $1 = ""; printf "  DEPS    %-22s for%s", p, $0 }')
" ;;
	esac
done

[ -n "$missing" ] || exit 0
printf '%s' "$why"

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "deps: neither root nor sudo. As root, run:" >&2
		echo "  apt-get install --no-install-recommends$missing" >&2
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
		echo "deps: apt-get could not install:$missing" >&2
		echo "deps: check the network and apt's sources, then run 'make deps' again" >&2
		exit 1
	fi
fi
echo "  DEPS    done"
