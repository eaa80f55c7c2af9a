# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
# shellcheck shell=bash
#
# To be sourced, then: use_qemu DIR, or use_qemu installed; and gpu IMAGE [OPTION...]: run a
# bare-metal image on the machine with the stand-in GPU. Its console is stdout, its exit status
# ours. judge NAME: a result in TAP, by the status of the command before.

# shellcheck source=test/qemu/walk/qemu.sh
. "${BASH_SOURCE[0]%/*}/../walk/qemu.sh"

# Sets $version, unless QEMU_VERSION has it, and $whole: 1 if the SMMU does all that the tests want.
# The installed one is a second opinion, and what it cannot do no test that is skipped.
use_qemu() {
	local program
	skips=(cat)
	program=$(board/qemu-virt/qemu.sh path "$1")
	version=${QEMU_VERSION:-$(board/qemu-virt/qemu.sh version "$1")}
	case $program in
	*/*) PATH=${program%/*}:$PATH ;;
	esac
	whole=$((${version%%.*} >= 10))
	echo "# QEMU $version"
	if [ "$1" = installed ]; then
		skips=(sed '/# SKIP/s/^ok [0-9]* -/# left out:/')
	elif [ $whole -eq 0 ]; then
		echo "ok - QEMU 10 # SKIP there is only $version, whose SMMU does a part of it"
	fi
}

judge() {
	if [ $? -eq 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
	fi
}

# 16K granule, as in the boots; the shift makes edu's 100 ms short. The image finds what the loader
# leaves in RAM: struct params. GPU_PROBES, GPU_STEPS: how long the fuzz takes.
gpu() {
	local image=$1
	shift
	qemu cortex-a76 "$image" -M virt,gic-version=3,iommu=smmuv3,virtualization=on -m 256M \
		-device edu,dma_mask=0xffffffffffffffff,addr=02.0 -icount shift=10 \
		-device "loader,addr=0x43f00000,data=${GPUAS_SEED:-1},data-len=8" \
		-device "loader,addr=0x43f00008,data=$whole,data-len=8" \
		-device "loader,addr=0x43f00010,data=${GPU_PROBES:-20000},data-len=8" \
		-device "loader,addr=0x43f00018,data=${GPU_STEPS:-2500},data-len=8" "$@" |
		"${skips[@]}"
}
