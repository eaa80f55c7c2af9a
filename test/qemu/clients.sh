#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# clients.sh O: programs that nobody here wrote, from Debian, look at the render node. What is required is
# what each has to show of it: also that programs for displays say that there is none. Prints TAP.
set -eu
o=$1
log=$o/test/clients.log
mkdir -p "$o/test"

board/qemu-virt/run.sh -O "$o" -k 6.12 -p booti -i "$o/linux/6.12/initrd-clients.gz" -l "$log" \
	-a 'gpuas.loops=1 gpuas.mib=0 gpuas.user=clients' ||
	echo 'not ok - clients, the guest switches itself off'

cat >"$log.expect" <<'END'
the driver has a render node: ^client node: /dev/dri/renderD[0-9]+ card[0-9]+
somebody uses it: gpuas-test: linger: [1-9][0-9]* jobs queued
drmdevice finds two devices: ^client drmdevice: --- Devices reported 2 ---
drmdevice finds the nodes: ^client drmdevice: .*/dev/dri/renderD[0-9]+
drmdevice knows where it is: fullname./gpuas-gpu
drmdevice knows what it is: ^client drmdevice: +gpuas,qemu-virt-gpu
drmdevice opens the node, and finds the same: ^client drmdevice: --- Retrieving device info, for node /dev/dri/renderD[0-9]+ ---
drm_info is for displays, of which there are none: ^client drm_info: drmModeGetResources: Operation not supported
and which no render node gives: ^client drm_info-render: drmModeGetResources: Permission denied
modetest names driver and version: ^client modetest: opened device `Stand-in GPU with libgpuas` on driver `gpuas` .version 1\.0\.0
proptest names it: ^client proptest: opened device `Stand-in GPU with libgpuas` on driver `gpuas` .version 1\.0\.0
modeprint finds no display: ^client modeprint: Failed to get resources from card
vbltest finds none: ^client vbltest: drmWaitVBlank .relative. failed
nvtop knows only drivers that it was written for: ^client nvtop: No GPU to monitor\.
fdinfo names the driver: ^client fdinfo: drm-driver:.gpuas
fdinfo names the client: ^client fdinfo: drm-client-id:.[1-9][0-9]*
fdinfo has the user's memory: ^client fdinfo: drm-total-memory:.128 KiB
fdinfo has what of it is there: ^client fdinfo: drm-resident-memory:.128 KiB
fdinfo has the GPU's time, which grows: ^client fdinfo-later: drm-engine-copy:.[1-9][0-9]* ns
debugfs shows what is bound: ^client debugfs: .*0x0000000040000000 . 0x0000000000010000 . 0x0000000040010000
the programs came to their end: gpuas-user clients: passed
nothing of the user is left: gpuas-usage: 0 contexts, 0 pages, 0 tables, 0 mappings, 0 jobs
nothing leaked: gpuas: released: 0 foreign entries changed, host slots 0, 0 tables leaked, 0 pages leaked
the machine is switched off: init: end
END
sed -i 's/^/clients, /' "$log.expect"
test/qemu/judge.sh "$log" "$log.expect"

bad=$(tr -d '\r' <"$log" | grep -anE -m 1 'WARNING:|BUG:|Oops|Call trace|Unable to handle|Kernel panic' || true)
if [ -z "$bad" ]; then
	echo 'ok - clients, the kernel has nothing to complain about'
else
	echo "not ok - clients, the kernel has nothing to complain about (line $bad of $log)"
fi
