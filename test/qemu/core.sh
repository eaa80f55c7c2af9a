#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# core.sh O KERNEL PROFILE CORE: the firmware breaks down with the handoff lock in its hands. The dump that
# the driver makes then leaves the guest by its console, and CORE compares it with the file that was
# the machine's RAM; so do tools that know nothing of it. Prints TAP.
set -eu
o=$1 kernel=$2 profile=$3 core=$4
name=core-$kernel-$profile
log=$o/test/$name.log
ram=$o/test/$name.ram file=$o/test/$name.elf
mkdir -p "$o/test"
rm -f "$ram" "$file"
trap 'rm -f "$ram" "$log.initrd"' EXIT
mib=1

cat "$o/linux/$kernel/initrd.gz" "$o/guest/user.cpio.gz" >"$log.initrd"
board/qemu-virt/run.sh -O "$o" -k "$kernel" -P "$profile" -p booti -i "$log.initrd" -l "$log" \
	-a "gpuas.test=dead gpuas.mib=$mib" -- -machine memory-backend=ram \
	-object "memory-backend-file,id=ram,size=1G,mem-path=$ram,share=on" ||
	echo "not ok - $name: the guest switches itself off"

# Who has no render node has no users.
users=1
! grep -q 'gpuas: no render node' "$log" || users=0
{
	[ $users = 0 ] || load='while VMs come and go, too: gpuas-test: dead: while VMs come and go: 20 of 20, then 2 VMs'
	printf '%s\n' \
		'by hand it makes a dump, of a limited size: gpuas-test: dead: by hand, with 1 MiB: [1-9][0-9]* bytes; kept: the first' \
		${load:+"$load"} \
		'the GPU is dead: gpuas: the GPU is dead: ' \
		'the driver makes a dump, of 1 GiB and more if there are users, in less than 30 MiB, and says so: gpuas: snapshot: [0-9]+ bytes, [0-9]+ spaces, [0-9]+ extents, 0 findings, in [0-9]+ ms with [12]?[0-9]{4} KiB of memory' \
		'there is one: gpuas-test: dead: a dump of [1-9][0-9]* bytes' \
		'the user is content: gpuas-user dead: passed' \
		'it is switched off: init: end'
} >"$log.expect"
test/qemu/judge.sh "$log" "$log.expect"

tr -d '\r' <"$log" | sed '1,/^gpuas-core-begin$/d; /^gpuas-core-end$/,$d' | base64 -d | gzip -dc >"$file" || true
tr -d '\r' <"$log" | sed -n 's/.*gpuas: region \([a-z-]*\) pa \(0x[0-9a-f]*\) size \(0x[0-9a-f]*\) .*/\1 \2 \3/p' |
	sort -u >"$log.regions"
# The program that the bootloader started it from
"$core" "$file" "$ram" "$o/firmware/firmware.bin" "$log.regions" $mib $users ||
	echo "not ok - $name: the dump can be read"

bad=$(tr -d '\r' <"$log" | grep -anE -m 1 'WARNING:|BUG:|Oops|Call trace|Unable to handle|Kernel panic' || true)
if [ -z "$bad" ]; then
	echo "ok - $name, the kernel has nothing to complain about"
else
	echo "not ok - $name, the kernel has nothing to complain about (line $bad of $log)"
fi

# What the tools of others say: the first words of the firmware's code, by VA and by PA
pa=$(sed -n 's/^fw-text \(.*\) .*/\1/p' "$log.regions")
va=0xffffff8000000000
right=$(od -An -v -tx8 -w8 -j $((pa - 0x40000000)) -N 64 "$ram" | sed 's/^ */0x/')

missing=$(readelf -lnW "$file" 2>"$log.readelf" | tee -a "$log.readelf" | grep -cE '^ +NULL +0x' || true)
notes=$(grep -c '^ *libgpuas' "$log.readelf" || true)
if grep -qE "LOAD +0x[0-9a-f]+ $va " "$log.readelf" && [ "$missing" -gt 0 ] && [ "$notes" -ge 8 ]; then
	echo "ok - readelf lists code, $missing ranges without contents, $notes notes"
else
	echo "not ok - readelf lists code, $missing ranges without contents, $notes notes"
fi

compare() {
	if [ "$2" = "$right" ]; then
		echo "ok - $1 reads the firmware's code"
	else
		echo "not ok - $1 reads the firmware's code: $2"
	fi
}

if command -v gdb-multiarch >/dev/null; then
	compare 'gdb, by VA,' "$(gdb-multiarch -nx -batch -ex "x/8xg $va" -c "$file" 2>"$log.gdb" |
		sed -n 's/^0x[0-9a-f]*:[[:space:]]*//p' | tr '\t' '\n')"
	device=$(awk '$1 == "NULL" { print $3; exit }' "$log.readelf")
	if gdb-multiarch -nx -batch -ex "x/xg $device" -c "$file" 2>&1 | grep -q 'Cannot access memory'; then
		echo 'ok - gdb reads nothing where there are no contents'
	else
		echo 'not ok - gdb reads nothing where there are no contents'
	fi
else
	echo 'ok - gdb reads the dump # SKIP no gdb-multiarch'
fi

if command -v drgn >/dev/null; then
	cat >"$log.py" <<-END
		import struct
		for address, physical in ($va, False), ($pa, True):
		    print(*("0x%016x" % w for w in struct.unpack("<8Q", prog.read(address, 64, physical))), sep="\n")
	END
	compare 'drgn, by VA and by PA,' "$(drgn -q -c "$file" "$log.py" 2>"$log.drgn" | awk 'NR <= 8 { first[NR] = $0; print }
		NR > 8 && first[NR - 8] != $0 { print "by PA", $0 }')"
else
	echo 'ok - drgn reads the dump # SKIP no drgn'
fi

# Ours, for people
said=$("$o/host/gpuas" info "$file" 2>&1 | grep -A 2 '^taken because' | paste -sd ' ' | tr -s ' ')
checked=$("$o/host/gpuas" check "$file" 2>&1 || true)
if [[ $said =~ ^'taken because: the firmware is dead at: '(20|1970).*' by: Linux '[67] ]] && [ "$checked" = 'nothing is wrong' ]; then
	echo "ok - gpuas: $said; nothing is wrong"
else
	echo "not ok - gpuas: $said; $checked"
fi

# What README.md says
here=$o/test/$name.readme
rm -rf "$here" && mkdir -p "$here" && ln -s "$file" "$here/gpuas.elf"
first=$(head -n 1 <<<"$right")
byte=0x$(printf '%x' $((first & 0xff)))
commands=0
while read -r line; do
	commands=$((commands + 1))
	word=${line%% *}
	case $word in
	readelf) want='^  NULL  ' ;;
	gdb-multiarch) want=$first ;;
	drgn) want=^$byte\ 0x ;;
	*)	want='' ;;
	esac
	if ! command -v "$word" >/dev/null; then
		echo "ok - what README.md says, $word # SKIP no $word"
	elif (cd "$here" && bash -c "$line" 2>/dev/null) | grep -q -e "$want" || [ -z "$want" ]; then
		echo "ok - what README.md says, $word"
	else
		echo "not ok - what README.md says, $word"
	fi
done < <(awk '/^<!-- commands: dump/ { on = 1; next } on && /^```$/ { exit } on && !/^```/' README.md)
if [ $commands -eq 4 ]; then
	echo "ok - README.md has 4 commands"
else
	echo "not ok - README.md has 4 commands, but $commands"
fi
