#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# bad.sh O COUNT: no file, and no command line, can harm the tool, and each gets a sentence. The tool has
# sanitizers in it; COUNT files with random damage are tried for each kind (GPUAS_SEED= chooses). Prints TAP.
. test/tool/common.sh "$1" bad

# refused NAME TEXT ARGUMENT...
refused() {
	local name=$1 text=$2
	shift 2
	ends 2 "$name" "$@"
	says err "gpuas: $text"
	silent out
}

: >"$dir/empty"
head -c 100 "$dir/before.core" >"$dir/head.core"
head -c 100 "$dir/machine.dtb" >"$dir/cut.dtb"
head -c 400000 "$dir/before.core" >"$dir/cut.core"
printf '\177ELF\1\1\1' | cat - /dev/zero | head -c 500 >"$dir/elf32"
refused 'a file that is not there' 'nothing: cannot be opened: No such file or directory' info nothing
refused 'a folder' '.: cannot be read: Is a directory' info .
refused 'an empty file' 'empty: is empty' info empty
refused 'RAM without a tree' 'before.ram: is no ELF core, so it has to be RAM: --dtb FILE has to name the device tree that the machine ran with' info before.ram
refused 'the core of a machine without a tree' 'before.vmcore: is no core of gpuas, so it has to be that of a machine: --dtb FILE has to name the device tree that it ran with' info before.vmcore
refused 'a tree in the place of RAM' 'machine.dtb: is a device tree: name it by --dtb, beside the RAM that it is of' info machine.dtb
refused 'RAM in the place of a tree' 'before.core: is no device tree: --dtb wants the blob, as in /sys/firmware/fdt' info before.ram --dtb before.core
refused 'a tree that is cut off' 'cut.dtb: is cut off: it has 100 bytes of 16384' info before.ram --dtb cut.dtb
refused 'a core that is cut off in its headers' 'head.core: has no program headers, or not all: it is cut off, or damaged' info head.core
refused 'an ELF file of 32 bits' 'elf32: is no little-endian ELF file of 64 bits' info elf32
refused 'a program' "$gpuas: is an ELF file, but no core of aarch64" info "$gpuas"
exec 3<&0 <"$dir/before.core"
refused 'standard input, twice' 'standard input: can be read once: one of the two needs a name' diff - -
exec <"$dir/machine.dtb"
refused 'a tree and RAM, both on standard input' 'standard input: can be read once: one of the two needs a name' info - --dtb -
exec <&3 3<&-
cat "$dir/before.core" | zstd -q --long=31 -o "$dir/window.zst"
printf '\3757zXZ\0' | cat - "$dir/before.ram" >"$dir/before.xz"
gzip -c "$dir/before.core" | zstd -q -o "$dir/before.gz.zst"
gzip -c "$dir/before.core" | gzip >"$dir/before.gz.gz"
for magic in 'KDUMP   ' DISKDUMP makedumpfile; do
	{ echo "$magic"; cat "$dir/before.ram"; } >"$dir/kdump"
	refused "what makedumpfile wrote, $magic" 'kdump: is of makedumpfile, and no ELF core: makedumpfile -E writes one' info kdump --dtb machine.dtb
done
refused 'a file of xz' 'before.xz: is packed by xz: unpack it first' info before.xz --dtb machine.dtb
refused 'a file that is packed twice' 'before.gz.zst: is packed by gzip, and once more: unpack it first' info before.gz.zst --dtb machine.dtb
refused 'a file that is packed twice by one' 'before.gz.gz: is packed by gzip, and once more: unpack it first' info before.gz.gz --dtb machine.dtb
refused 'a file that takes too much memory' 'window.zst: takes more memory than zstd is given here: unpack it first' info window.zst
ends 0 'another base is where nothing is' info before.ram --dtb machine.dtb --base 0x900000000
ends 0 'another base is where nothing is' info before.ram --dtb machine.dtb --base 0x900000000
holds 'which is said' grep -q 'not all spaces are known: the TTB array is not in the file' "$dir/err"
refused 'a space that is not there' "before.core: no space is called 'context 7'; there are: 'root 0', 'context 1', 'context 5', 'PA'" walk before.core 'context 7:0'
refused 'an address of no space' "before.core: 0x7000000000000 is in no space of this file; there are: 'root 0', 'context 1', 'context 5', 'PA'" walk before.core 0x7000000000000
refused 'an address that is none' "'5:0x12q' is no address: 'q' is left over" walk before.core 5:0x12q
refused 'a VA that the half has not' 'before.core: VA 0x8000000000 is not in context 5, which has the lower half of 39 VA bits' walk before.core 5:0x8000000000
refused 'walk to a PA' 'before.core: PA:0 is a PA: find says which VAs lead there' walk before.core PA:0
refused 'a range that is none' "'5:0x2000-0x1000' is no range: ADDRESS, ADDRESS-ADDRESS, ADDRESS+SIZE and SPACE are" ls before.core 5:0x2000-0x1000
refused 'a PA that is none' "'x' is no PA: a number is" find before.core x
refused 'a size that is none' "'0' is no size: a number of bytes, as 64 or 4K, is" read before.core 0xffffff8000000000 0
refused 'a read that wraps' 'before.core: 0x2000000000000000 bytes from 0xffffff8000000000 on would wrap' read before.core 0xffffff8000000000 0x2000000000000000
refused 'a read into a hole' 'before.core: root 0: nothing is mapped at 0xffffffa000010000' read before.core 0xffffffa000000000 65537
refused 'a read of registers' 'before.core: root 0: what is at 0xffffffa001000000 is no RAM, or nobody may read it' read before.core 0xffffffa001000000 4
refused 'a file that cannot be written' '/nowhere/x cannot be written: No such file or directory' read before.core 0xffffffa000000000 4 -o /nowhere/x
for arguments in 'info' 'walk before.core' 'read before.core 0 1 2' 'info --nothing before.core' 'plan --json all' 'read --json before.core 0 1' \
	'info before.core --base x' 'info a --dtb b --dtb c --dtb d'; do
	# shellcheck disable=SC2086
	ends 2 "gpuas $arguments" $arguments
	says err 'usage: gpuas COMMAND [ARGUMENT...]'
	silent out
done

ends 0 'a core whose contents are cut off is shown' info cut.core
says err "gpuas: cut.core: is cut off: it has 400000 bytes of $(stat -c %s "$dir/before.core")"
ends 1 'which is a finding' check cut.core
says out "is cut off: it has 400000 bytes of $(stat -c %s "$dir/before.core")"
ends 1 'and so is a tree that says another thing than the core' check before.core --dtb other.dtb
says out 'device tree other.dtb: region shared: PA is 0x800520000 in the manifest, 0x800530000 in the device tree'
ends 1 'or than the tables in RAM' check before.ram --dtb other.dtb
says out 'root 0: VA 0xffffff8002000000: region shared is not there: mapped is PA 0x00800520000'

# A region that is said to have all there is: what is not in both files is not gone through.
python3 - "$dir/before.core" "$dir/huge.core" <<'END'
import struct, sys
core = bytearray(open(sys.argv[1], 'rb').read())
start, count = struct.unpack_from('<Q', core, 32)[0], struct.unpack_from('<H', core, 56)[0]
last = max((i for i in range(count) if struct.unpack_from('<Q', core, start + 56 * i + 16)[0] >> 48 == 0x7f),
	   key=lambda i: struct.unpack_from('<Q', core, start + 56 * i + 16)[0])
struct.pack_into('<I', core, start + 56 * last, 0x60006770)
struct.pack_into('<QQ', core, start + 56 * last + 32, 0, 1 << 62)
open(sys.argv[2], 'wb').write(core)
END
for pair in 'huge.core before.core' 'before.core huge.core' 'huge.core huge.core'; do
	# shellcheck disable=SC2086
	(cd "$dir" && timeout 60 "$gpuas" diff $pair) >"$dir/out" 2>"$dir/err"
	holds "diff $pair ends" [ $? -eq 0 ]
done

# damaged NAME PROGRAM ARGUMENT...: the fuzz target comes to its end
damaged() {
	local name=$1 program=$2
	shift 2
	"$o/unit/$program" "$@" >"$dir/$program.out" 2>"$dir/$program.err" && echo "ok - $name ($(head -n 1 "$dir/$program.out"))" || {
		echo "not ok - $name ($(head -n 1 "$dir/$program.out"))"
		grep -v '^gpuas: ' "$dir/$program.err" | head -n 30 >&2
	}
}

# What was found once: for cores, the files; for RAM, what is changed in it; notes.
for target in core ram notes; do
	found=$(find test/tool/cases -name "$target-*" | sort)
	# shellcheck disable=SC2086
	[ -z "$found" ] || damaged "what was found in $target before" fuzz-$target $found
done

# What reaches most, of what fuzzing kept (make tool-corpus): all commands on each, opened in each way.
for target in core ram notes; do
	mkdir "$dir/corpus-$target"
	tar -xzf "test/tool/corpus/$target.tar.gz" -C "$dir/corpus-$target"
	count=$(find "$dir/corpus-$target" -type f | wc -l)
	damaged "the corpus of $target, $count inputs" fuzz-$target "$dir/corpus-$target"/*
done

# The start of a core has all that is believed; its end is memory.
head -c 3000 "$dir/tiny.core" >"$dir/short.core"
damaged "each beginning of a core's headers and notes" fuzz-core -t "$dir/short.core"
damaged "$2 cores with random damage" fuzz-core -r "$(($2 / 2))" "$dir/tiny.core" "$dir/agx.core"
head -c 1500 "$dir/before.ram" >"$dir/words"
gzip -k "$dir/tiny.core"
zstd -q "$dir/tiny.core"
damaged "$2 packed cores with random damage" fuzz-core -r "$(($2 / 2))" "$dir/tiny.core.gz" "$dir/tiny.core.zst"
damaged "$2 machines with random words in their tables" fuzz-ram -r "$2" "$dir/words"
damaged "$(($2 * 10)) random notes" fuzz-notes -r "$(($2 * 10))" test/tool/notes
