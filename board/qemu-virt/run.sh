#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Boots QEMU's virt machine once: U-Boot, then a kernel. Does not judge: it writes the console to a
# log, and ends when the guest switches itself off or the time is up.

# shellcheck disable=SC2016,SC2054 # U-Boot expands its variables itself; QEMU likes commas

set -euo pipefail

usage() {
	cat >&2 <<-END
		usage: run.sh [options] [-- more QEMU arguments]
		  -O DIR   build folder (build)
		  -k NAME  kernel: 6.1 or 6.12 (6.1)
		  -P NAME  profile of the stand-in: answers or published (answers)
		  -p PATH  how U-Boot starts it: booti, bootm (in steps), bootefi, or none (booti)
		  -s TEXT  U-Boot commands to run first; once more: one more line
		  -b TEXT  U-Boot commands just before the start, when the tree is made, for bootm
		  -a TEXT  more words for the kernel command line
		  -F ADDR  start it with the device tree at ADDR, not with QEMU's
		  -i FILE  initrd (DIR/linux/KERNEL/initrd.gz)
		  -l FILE  log (DIR/run/KERNEL-PATH.log)
		  -f FILE  the GPU's firmware (DIR/firmware/firmware.bin)
		  -m SIZE  RAM (1G)
		  -t SECS  give it up after so long (1200, or GPUAS_LIMIT)
		  -c       show the console too
	END
	exit 2
}

O=build kernel=6.1 profile=answers path=booti script='' before='' append='' fdt='${fdtcontroladdr}'
log='' ram=1G limit=${GPUAS_LIMIT:-1200} firmware='' initrd='' console=
while getopts O:k:P:p:s:b:a:F:i:l:f:m:t:ch opt; do
	case $opt in
	O) O=$OPTARG ;;
	k) kernel=$OPTARG ;;
	P) profile=$OPTARG ;;
	p) path=$OPTARG ;;
	s) script="$script$OPTARG; " ;;
	b) before="$before$OPTARG; " ;;
	a) append="$append $OPTARG" ;;
	F) fdt=$OPTARG ;;
	i) initrd=$OPTARG ;;
	l) log=$OPTARG ;;
	f) firmware=$OPTARG ;;
	m) ram=$OPTARG ;;
	t) limit=$OPTARG ;;
	c) console=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))

: "${log:=$O/run/$kernel-$path.log}"
mkdir -p "$(dirname "$log")"
env=${log%.log}.env

version=$("${0%/*}/qemu.sh" version "$O/qemu")
if [ "${version%%.*}" -lt 10 ]; then
	echo "run.sh: the SMMU of QEMU $version has no upper half: what needs it is left out" >&2
	append="$append gpuas.upper=N"
fi
# The kernel's tests of its own ciphers are a tenth of a boot. A speed, as its serial driver would
# divide by one that nobody has set.
bootargs="console=ttyAMA0,115200 panic=-1 cryptomgr.notests$append"
image=$O/linux/$kernel/vmlinuz
: "${initrd:=$O/linux/$kernel/initrd.gz}"

# shellcheck source=board/qemu-virt/machine.sh
. "${0%/*}/machine.sh"
machine "$O" "$firmware"
profile "$profile" "${log%.log}.dtb"
qemu=("${machine[@]}" -m "$ram")

case $path in
booti)	# fw_cfg carries kernel, initrd and command line: no disk at all.
	qemu+=(-kernel "$image" -initrd "$initrd" -append "$bootargs")
	boot="qfw load 0x42000000 0x4c000000; booti 0x42000000 0x4c000000:\${filesize} $fdt"
	;;
bootm)	# As the last tree that "fdt" is told of, the one that the OS will get is the working one.
	# Made once for all boots, which may be several at a time; its sum proves nothing here.
	uimage=$O/linux/$kernel/uimage
	[ "$uimage" -nt "$O/linux/$kernel/.unpacked" ] || {
		"$O/u-boot/tools/mkimage" -A arm64 -O linux -T kernel -C none -a 42000000 -e 42000000 \
			-d "$image" "$uimage.$$" >/dev/null
		mv "$uimage.$$" "$uimage"
	}
	qemu+=(-kernel "$uimage" -initrd "$initrd" -append "$bootargs")
	boot='setenv verify n; qfw load 0x52000000 0x4c000000'
	boot="$boot; bootm start 0x52000000 0x4c000000:\${filesize} $fdt"
	boot="$boot; bootm loados; bootm ramdisk; bootm fdt; bootm prep; ${before}bootm go"
	;;
bootefi) # No size after the address: with it, the kernel's EFI loader does not find the initrd.
	esp=$O/linux/$kernel/esp.img
	if [ "$initrd" != "$O/linux/$kernel/initrd.gz" ]; then
		cp --sparse=always "$esp" "${log%.log}.esp"
		esp=${log%.log}.esp
		mcopy -o -i "$esp" "$initrd" ::initrd.gz
	fi
	qemu+=(-drive "if=none,id=esp,format=raw,file=$esp,snapshot=on"
		-device virtio-blk-device,drive=esp)
	boot="setenv bootargs $bootargs initrd=initrd.gz; load virtio 0 0x42000000 Image"
	boot="$boot; bootefi 0x42000000 $fdt"
	;;
none)	# The script boots by itself, or not at all.
	qemu+=(-kernel "$image" -initrd "$initrd" -append "$bootargs")
	boot='poweroff'
	;;
*)	usage ;;
esac

# U-Boot imports this from memory and runs it (BOOTCOMMAND in u-boot.config): no rebuild per script.
printf 'gpuas_boot=%s\n' "$script$boot" >"$env"
qemu+=(-device "loader,file=$env,addr=0x4f000000,force-raw=on" "$@")

# What the kernel says is often wider than a terminal; the log has it as it came.
show() {
	if [ -n "$console" ]; then
		fold -s -w 100
	else
		cat >/dev/null
	fi
}

# The pipe hands QEMU no terminal; "timeout" covers a guest that hangs.
status=0
timeout --foreground -k 5 "$limit" "${qemu[@]}" </dev/null 2>&1 |
	tee "$log" | show || status=$?
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
	echo "run.sh: not finished after $limit s, see $log" >&2
fi
exit "$status"
