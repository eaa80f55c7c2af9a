# shellcheck shell=bash disable=SC2054 # QEMU likes commas
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# For scripts that source it. machine DIR [FIRMWARE]: set $machine to the command line of the machine
# with the stand-in GPU; DIR is the build folder. What else QEMU is given is the caller's.
#
# profile NAME FILE: after that, choose the stand-in's profile: "answers", which changes nothing, or
# "published": QEMU's own tree with another first word about the machine, in FILE, by which U-Boot
# chooses another board. All binaries are the same.

machine() {
	local dir=$1 firmware=${2:-$1/firmware/firmware.bin} qemu
	qemu=$("${BASH_SOURCE[0]%/*}/qemu.sh" path "$dir/qemu")
	machine=("$qemu"
		# 16K pages need a CPU that has them; a76 does, and is several times faster than "max"
		-M virt,gic-version=3,iommu=smmuv3 -cpu cortex-a76 -smp 2
		-device edu,dma_mask=0xffffffffffffffff,addr=02.0
		-nographic -no-reboot -nic none -bios "$dir/u-boot/u-boot.bin"
		-fw_cfg "name=opt/gpuas/firmware,file=$firmware")
}

profile() {
	case $1 in
	answers)
		return ;;
	published)
		"${machine[@]}" -machine "dumpdtb=$2" </dev/null >/dev/null 2>&1
		fdtput -t s "$2" / compatible gpuas,qemu-virt-published linux,dummy-virt
		machine+=(-dtb "$2") ;;
	*)	echo "there is no profile '$1', but: answers, published" >&2
		return 1 ;;
	esac
}
