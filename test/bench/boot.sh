#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# boot.sh DIR CC CROSS_COMPILE: what does the library cost a boot? DIR/bench/u-boot-own has it, with
# the board of this machine only, DIR/bench/u-boot is the same U-Boot without it. Both run the same script, up to where the OS would be entered, with
# one instruction a nanosecond: what differs is the library's, with the commands, the driver of the
# stand-in GPU and the relocation of it all. Status 1 if a budget is exceeded, or nothing was counted.
set -euo pipefail
dir=$1 cc=$2 cross=$3
out=$dir/bench/boot
# Measured, and a tenth
start_budget=2340000 publish_budget=31560000 bytes_budget=81700
with=$dir/bench/u-boot-own without=$dir/bench/u-boot
mkdir -p "$out"

# shellcheck source=board/qemu-virt/machine.sh
. board/qemu-virt/machine.sh
machine "$dir"

# Versions that QEMU takes: 1 up to 8, from 2 on since 9
version=$(board/qemu-virt/qemu.sh version "$dir/qemu")
"$cc" -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared -DPLUGIN_VERSION=$((${version%%.*} < 9 ? 1 : 2)) \
	test/bench/boot/count.c -o "$out/count.so"

# An OS of one page, which is never entered: an arm64 image by its header, of 4096 bytes, that may lie
# anywhere.
{
	head -c 16 /dev/zero
	printf '\0\020\0\0\0\0\0\0\010\0\0\0\0\0\0\0'
	head -c 24 /dev/zero
	printf 'ARMd'
	head -c 4036 /dev/zero
} >"$out/os"
"$with/tools/mkimage" -A arm64 -O linux -T kernel -C none -a 42000000 -e 42000000 -d "$out/os" \
	"$out/os.uimage" >/dev/null

# run NAME U-BOOT COMMANDS: print what the boot CPU did, how long it waited, what all CPUs did
run() {
	local name=$1 u_boot=$2
	printf 'gpuas_boot=%s; poweroff\n' "$3" >"$out/$name.env"
	# shellcheck disable=SC2154 # by machine.sh
	timeout --foreground -k 5 300 "${machine[@]}" -M dtb-randomness=off -m 1G \
		-bios "$u_boot/u-boot.bin" -icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm \
		-plugin "file=$out/count.so" \
		-device "loader,file=$out/$name.env,addr=0x4f000000,force-raw=on" \
		-device "loader,file=$out/os.uimage,addr=0x52000000,force-raw=on" \
		</dev/null >"$out/$name.log" 2>&1 || true
	tr -d '\r' <"$out/$name.log" | awk '
		/^instructions: cpu 0 / { cpu = $4; waited = $6 }
		/^instructions: cpu / { all += $4 }
		END { print cpu - waited, waited + 0, all + 0 }'
}

# shellcheck disable=SC2016 # U-Boot expands its variables itself
prepare='bootm start 0x52000000 - ${fdtcontroladdr}; bootm loados; bootm fdt; bootm prep && echo prepared'
read -r start_a _ < <(run start-without "$without" true)
read -r start_b _ < <(run start-with "$with" true)
read -r prepare_a waited_a time_a < <(run prepare-without "$without" "$prepare")
read -r prepare_b waited_b time_b < <(run prepare-with "$with" "$prepare")
start=$((start_b - start_a))
publish=$((prepare_b - prepare_a - start))

# Once more, to see that what was counted has been done.
run checked "$with" "$prepare; gpuas check && echo checked; fdt list /reserved-memory" >/dev/null
for line in prepare-without:prepared prepare-with:prepared checked:checked checked:'.*gpuas-handoff'; do
	tr -d '\r' <"$out/${line%%:*}.log" | grep -q "^${line#*:}" || {
		echo "U-Boot did not come to its end: see $out/${line%%:*}.log" >&2
		exit 1
	}
done

status=0
# judge WHAT VALUE BUDGET UNIT
judge() {
	local verdict=met
	[ "$2" -gt 0 ] && [ "$2" -le "$3" ] || verdict='NOT MET' status=1
	printf '%-42s %9d of %9d %s: %s\n' "$1" "$2" "$3" "$4" "$verdict"
}
row() {
	printf '  %-40s %9d %s\n' "$@"
}

echo
echo 'What the library adds to a boot (board qemu-virt)'
judge 'bring-up' $start $start_budget instructions
judge 'publication' $publish $publish_budget instructions
row 'U-Boot without the library, up to the OS' "$prepare_a" instructions
row 'more, waiting for the firmware' $((waited_b - waited_a)) instructions
row 'guest time, with waiting and the firmware' $((time_b - time_a)) ns

# part NAME OBJECT...: text and data, also of functions that the linker leaves out
part() {
	local name=$1
	shift
	row "$name" "$("${cross}size" "$@" | awk 'NR > 1 { n += $1 + $2 } END { print n }')" bytes
}
cd "$with/lib/gpuas"
judge 'u-boot.bin' $(($(stat -c %s "$with/u-boot.bin") - $(stat -c %s "$without/u-boot.bin"))) \
	$bytes_budget bytes
row 'U-Boot without the library' "$(stat -c %s "$without/u-boot.bin")" bytes
echo '  Of the difference, before the linker drops what nobody calls:'
part 'core, device trees' lib/*.o lib/{table,handoff,manifest,fdt}/*.o
part 'U-Boot personality' lib/u-boot/{bringup,ft,gpu,last,memory,uboot}.o
part 'the command gpuas' lib/u-boot/cmd.o
part 'stand-in GPU' board/qemu-virt/mailbox.o board/qemu-virt/u-boot/*.o
part 'board qemu-virt' board/qemu-virt/board.o
row 'not in it: boards of apple' "$(($(stat -c %s "$dir/u-boot/u-boot.bin") - \
	$(stat -c %s "$with/u-boot.bin")))" bytes
exit $status
