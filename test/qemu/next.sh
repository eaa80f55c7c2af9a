#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# next.sh O FIRST NEXT CASE: one boot of kernel FIRST, which starts kernel NEXT while jobs of the GPU's
# are queued. Cases: kexec; efi: kexec, the first one being booted by EFI; panic: it crashes, and NEXT makes the dump; unshut: kexec by a driver that
# does nothing when it is shut down. Prints TAP.
set -eu
o=$1 first=$2 next=$3 name=$4
log=$o/test/next-$name-$first-$next.log
mkdir -p "$o/test"
for part in "$o/linux/$first" "$o/linux/$next" "$o/kexec"; do
	if [ ! -e "$part/.unpacked" ]; then
		echo "ok - $name, Linux $first starts Linux $next # SKIP its packages cannot be downloaded"
		exit 0
	fi
done

initrd=$o/linux/$first/initrd.gz
test=kexec size=1G append='' path=booti lpi=irqchip.gicv3_nolpi=1
case $name in
efi)	path=bootefi lpi='' ;;
# What the GPU went on writing would be the next kernel's, which may not come up then: it only reads.
unshut)	initrd=$o/test/unshut/initrd.gz append=' gpuas.job=0' ;;
panic)	test=panic size=2G append=' crashkernel=384M'
	# An eighth of it is KASAN's, and more is other checkers'.
	[ "$next" != debug ] || append=' crashkernel=768M' ;;
esac

# kexec refuses a tree with a seed in it, which only a kernel with KASLR takes out.
seedless=()
[ "$first" != debug ] || seedless=(-- -machine dtb-randomness=off)

# Over the first initrd goes a second one. Firmware without EFI cannot tell the next kernel where the
# interrupt controller's tables for LPIs are, which go on being used: so there are none.
image=$log.initrd tree=$log.tree
rm -rf "$tree"
cp -r "$o/kexec/tree" "$tree"
mkdir "$tree/next"
cp "$o/linux/$next/vmlinuz" "$tree/next/"
cat "$o/linux/$next/initrd.gz" "$o/guest/user.cpio.gz" >"$tree/next/initrd.gz"
# Of two loaders and C libraries the newer one is the last.
{
	cat "$initrd"
	head -c $((-$(stat -c %s "$initrd") & 3)) /dev/zero
	(cd "$tree" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet)
	cat "$o/guest/user.cpio.gz"
} >"$image"
rm -rf "$tree"
board/qemu-virt/run.sh -O "$o" -k "$first" -p $path -m "$size" -i "$image" -l "$log" -s 'gpuas info' \
	-a "$lpi gpuas.test=$test gpuas.mib=4 gpuas.loops=2$append" "${seedless[@]}" ||
	echo "not ok - $name: the guest switches itself off"
rm -f "$image" "${log%.log}.esp"

version() {
	sed 's/[.+]/\\&/g' "$o/linux/$1/version"
}
# What the tree says of firmware's memory and CPU, wherever it came from
tree='init: reserved-memory gpuas-ttbs@[0-9a-f]+
	the second CPU is withheld: init: CPUs 0-?0?, cpu@0 okay cpu@1 fail'
adopted='adopts: gpuas: adopted: 6 regions
	the firmware runs: gpuas: firmware runs: heartbeat [0-9]+,'
{
	echo "the first kernel comes up: init: kernel $(version "$first")"
	[ "$name" != efi ] || echo 'by EFI: init: booted by EFI'
	echo "the tree has the firmware's memory: $tree"
	echo "the first one $adopted"
	[ "$first" = 6.1 ] || echo 'jobs are queued: gpuas-test: linger: [1-9][0-9]* jobs queued'
	case $name in
	kexec | efi)
		[ "$first" = 6.1 ] ||
			echo 'those that wait are cancelled: gpuas-test: linger: the first job: 0, the last one: -3'
		echo 'the driver leaves the GPU: gpuas: left to the next kernel' ;;
	panic)	echo 'it crashes: Kernel panic - not syncing: sysrq triggered crash' ;;
	esac
	[ "$name" = panic ] || echo 'the first kernel ends: kexec_core: Starting new kernel'
	echo "the next kernel comes up: init: kernel $(version "$next")"
	[ "$name" != efi ] || echo 'it knows of EFI: init: booted by EFI'
	echo "the next tree has the firmware's memory: $tree"
	case $name in
	kexec | efi)
		echo "the next one $adopted"
		[ "$next" = 6.1 ] || echo 'the GPU works: gpuas-user copy: passed'
		echo 'the selftest passes: gpuas: selftest: mapped [0-9]+ chunks of order [0-9], 0 wrong'
		echo 'nothing of others has changed: gpuas: released: 0 foreign entries changed, host slots 0, 0 tables leaked, 0 pages leaked'
		echo 'and again: gpuas-round 2 done' ;;
	unshut)	echo 'the next one cannot adopt: gpuas: not adopted: mailbox: is in use, state 0x[12] .-EBUSY' ;;
	panic)
		echo 'it does not adopt, and says why: gpuas: not adopted: kernel: is for the dump of one that crashed'
		echo "the dump has the firmware's memory: gpuas-test: vmcore: handoff page begins with 0x4b1d000000000002, right"
		echo "the firmware goes on: gpuas-test: vmcore: the firmware's heart beats" ;;
	esac
	echo 'the machine is switched off: init: end'
} | sed "s/^[[:space:]]*/$name, /" >"$log.expect"
test/qemu/judge.sh "$log" "$log.expect"

# All that the GPU did is done when the first kernel ends: of what it counts, nothing grows until the next
# one has adopted, but for the message that asks whether anybody is there.
counts() {
	tr -d '\r' <"$log" | sed -nE "s/.*gpuas: firmware $1: heartbeat ([0-9]+), ([0-9]+) messages, (.*) faults, .*/\1 \2 \3/p" |
		sed -n "$2p"
}
if [ "$name" = kexec ] || [ "$name" = efi ]; then
	read -r beat messages work <<<"$(counts 'goes on' 1)"
	read -r later more same <<<"$(counts runs 2)"
	if [ -n "${same:-}" ] && [ "$later" -gt "$beat" ] && [ "$more" -eq $((messages + 1)) ] && [ "$same" = "$work" ]; then
		echo "ok - $name, the firmware runs on, from heartbeat $beat to $later, and the GPU does nothing in between"
	else
		echo "not ok - $name, the firmware runs on, and the GPU does nothing in between (${beat:-?} ${messages:-?} ${work:-?}, then ${later:-?} ${more:-?} ${same:-?})"
	fi
fi

bad=$(tr -d '\r' <"$log" | grep -anE 'WARNING:|BUG:|Oops|Call trace|Unable to handle|Kernel panic|SMMU cannot be closed' |
	grep -v 'sysrq triggered crash' || true)
[ "$name" != panic ] || bad=$(grep -v 'Call trace' <<<"$bad" || true)
if [ -z "$bad" ]; then
	echo "ok - $name, the kernels have nothing else to complain about"
else
	echo "not ok - $name, the kernels have nothing else to complain about (${bad%%$'\n'*} of $log)"
fi
