# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
# shellcheck shell=bash
#
# To be sourced. qemu CPU IMAGE [OPTION...]: run a bare-metal image to its end; its console is
# stdout, its exit status ours; 124 if it does not come to an end.

qemu() {
	local cpu=$1 image=$2 emulator=qemu-system-aarch64
	shift 2
	case $cpu in
	cortex-a15) emulator=qemu-system-arm ;;
	esac
	timeout -k 5 "${WALK_TIMEOUT:-1800}" "$emulator" -nodefaults -display none -serial stdio \
		-monitor none -semihosting -cpu "$cpu" -kernel "$image" "$@" </dev/null | tr -d '\r'
	return "${PIPESTATUS[0]}"
}

# For CPUs that judge.
# shellcheck disable=SC2034
el2='-M virt,virtualization=on -m 256'
