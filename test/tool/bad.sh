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
# A core needs no tree, but who names one wants to know what it says.
sed 's/linux,dummy-virt/never,dummy-virt/' "$dir/machine.dtb" >"$dir/stranger.dtb"
for command in 'check before.core' 'info before.core' 'ls before.core' 'diff before.core before.core' 'check before.core --json'; do
	refused "a core in the place of a core's tree: $command" 'before.core: is no device tree: --dtb wants the blob, as in /sys/firmware/fdt' $command --dtb before.core
done
refused "a core's tree that is cut off" 'cut.dtb: is cut off: it has 100 bytes of 16384' check before.core --dtb cut.dtb
refused "the tree of a machine that is not known, for a core" "stranger.dtb: is of a machine 'never,dummy-virt', for which there is no board; gpuas plan all lists those that there are" check before.core --dtb stranger.dtb
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
refused 'a range over two spaces' "'5:0-1:0x1000' is no range: its ends are in two spaces" ls before.core 5:0-1:0x1000
refused 'a range over two spaces' "'0x5000000000000-0x1000000001000' is no range: its ends are in two spaces" ls before.core 0x5000000000000-0x1000000001000
refused 'a range of all addresses' "'root 0:0-0xffffffffffffffff' is no range: it is all that there is, as the name of the space" ls before.core 'root 0:0-0xffffffffffffffff'
refused 'a range that ends in no space' "before.core: 0x7000000001000 is in no space of this file; there are: 'root 0', 'context 1', 'context 5', 'PA'" ls before.core 0x5000000000000-0x7000000001000
holds 'with one line' [ "$(wc -l <"$dir/err")" -eq 1 ]
refused 'an octal number' "before.core: context 5: nothing is mapped at 0xa" read before.core 5:010 1
refused 'a PA that is none' "'x' is no PA: a number is" find before.core x
refused 'nor is a VA' "'5:0x10000000' is no PA: a number is" find before.core 5:0x10000000
refused 'a size that is none' "'0' is no size: a number of bytes, as 64 or 4K, is" read before.core 0xffffff8000000000 0
refused 'a read that wraps' 'before.core: 0x2000000000000000 bytes from 0xffffff8000000000 on would wrap' read before.core 0xffffff8000000000 0x2000000000000000
refused 'a read into a hole' 'before.core: root 0: nothing is mapped at 0xffffffa000010000' read before.core 0xffffffa000000000 65537
refused 'a read of registers' 'before.core: root 0: what is at 0xffffffa001000000 is no RAM, or nobody may read it' read before.core 0xffffffa001000000 4
refused 'a file that cannot be written' '/nowhere/x cannot be written: No such file or directory' read before.core 0xffffffa000000000 4 -o /nowhere/x
# Nothing that a file says, nor its name, starts another line or tells the terminal what to do.
odd=$(printf 'M\303\274ll\n\t\302\233\342\200\256\377\033]0;x\a')
python3 - "$dir/before.core" "$dir/$odd.core" <<'END'
import os, sys
core = open(sys.argv[1], 'rb').read()
for name, other in ((b'context 5', b'con\next\t5'), (b'fw-text', b'fw\text\n'), (b'a test asked', b'a\ttest\nasked'),
		    (b'machine, libgpuas', b'mach\x7fne,\nlibgpuas')):
	assert name in core
	core = core.replace(name, other)
open(os.fsencode(sys.argv[2]), 'wb').write(core)
END
clean='Müll??????]0;x?.core'
ends 0 'ls of odd names' ls "$odd.core"
says out '0x0005000010000000-0x000500001000bfff 48K 0x00800240000 gpu=r-- fw=r-- gl=--- shared user'
says out 'con?ext?5: lower half of 39 VA bits, root 0x00800014000'
says out '0xffffff8000000000-0xffffff800003ffff 256K 0x00800460000 gpu=--- fw=r-x gl=--- cached global fw?ext?'
ends 0 'info of them' info "$odd.core"
says out "$clean: gpuas-core, $(stat -c %s "$dir/before.core") bytes"
says out 'taken because: a?test?asked for it'
says out 'by: mach?ne,?libgpuas'
head -c 400000 "$dir/$odd.core" >"$dir/cut-$odd.core"
ends 2 'a space of them' ls "cut-$odd.core" none
says err "gpuas: cut-$clean: no space is called 'none'; there are: 'root 0', 'context 1', 'con?ext?5', 'PA'"
ends 1 'what is wrong with it' check "cut-$odd.core"
says out "is cut off: it has 400000 bytes of $(stat -c %s "$dir/before.core")"
ends 2 'what it has not' read "cut-$odd.core" PA:0 1
says err "gpuas: cut-$clean: is cut off: it has 400000 bytes of $(stat -c %s "$dir/before.core")"
says err "gpuas: cut-$clean: PA 0x0 is not in it"
ends 2 'an output of such a name' read before.core 5:0x10000000 1 -o "nowhere/$odd"
says err 'gpuas: nowhere/Müll??????]0;x? cannot be written: No such file or directory'

# What is written never takes the place of what is read, by whatever name, nor is it there in part.
cp "$dir/before.core" "$dir/mine.svg"
ln -s mine.svg "$dir/link"
ln "$dir/mine.svg" "$dir/second.svg"
cp "$dir/machine.dtb" "$dir/tree.svg"
while read -r output arguments; do
	# shellcheck disable=SC2086
	refused "gpuas $arguments -o $output" "-o $output would write over a file that is read" $arguments -o "$output"
done <<'LIST'
mine.svg read mine.svg 5:0x10000000 16
link read mine.svg 5:0x10000000 16
mine.svg map mine.svg
second.svg map mine.svg
mine.svg map before.core --diff mine.svg
tree.svg map before.core --dtb tree.svg
LIST
(cd "$dir" && "$gpuas" read - 5:0x10000000 16 -o mine.svg <mine.svg) 2>/dev/null
holds 'nor by standard input' [ $? -eq 2 ]
holds 'the files are what they were' cmp "$dir/before.core" "$dir/mine.svg"
holds 'the files are what they were' cmp "$dir/machine.dtb" "$dir/tree.svg"
echo old >"$dir/old.svg"
for output in old.svg new.svg; do
	for command in 'map before.core' 'read before.core 0xffffff8000000000 256K'; do
		# shellcheck disable=SC2086
		(trap '' XFSZ && ulimit -f 4 && cd "$dir" && "$gpuas" $command -o $output) >"$dir/out" 2>"$dir/err"
		holds "no room for $output" [ $? -eq 2 ]
		says err "gpuas: $output cannot be written: File too large"
		holds 'leaves what was there' [ "$(cat "$dir/old.svg")" = old ]
	done
done
holds 'and nothing where nothing was' [ ! -e "$dir/new.svg" ]
holds 'nor beside it' [ -z "$(find "$dir" -name '*.part')" ]
ends 0 'room for it' read before.core 0xffffff8000000000 16 -o old.svg
holds 'puts it there' [ "$(stat -c %s "$dir/old.svg")" -eq 16 ]
ends 2 'a device is written to as it is' read before.core 0xffffff8000000000 16 -o /dev/full
says err 'gpuas: /dev/full cannot be written: No space left on device'

for arguments in 'info' 'walk before.core' 'read before.core 0 1 2' 'info --nothing before.core' 'plan --json all' 'read --json before.core 0 1' \
	'info before.core --base x' 'info a --dtb b --dtb c --dtb d'; do
	# shellcheck disable=SC2086
	ends 2 "gpuas $arguments" $arguments
	says err 'usage: gpuas COMMAND [ARGUMENT...]'
	silent out
done

# Each says what is wrong before how it is right; what would be ignored is refused.
while IFS='|' read -r arguments text; do
	# shellcheck disable=SC2086
	ends 2 "gpuas $arguments" $arguments
	says err "gpuas: $text"
	silent out
done <<'LIST'
infos x|there is no command 'infos'
walk before.core|walk wants FILE ADDRESS
info a b|info wants FILE
info --nothing before.core|unrecognized option '--nothing'
read before.core 0 1 -o|option requires an argument -- 'o'
help nothing|there is no command 'nothing'
help info ls|help wants [COMMAND]
read before.core 0 1 -o a -o b|-o: one is enough
info before.ram --dtb machine.dtb --dtb machine.dtb|--dtb: one for each file is enough
map before.core -o x.svg --dtb machine.dtb --dtb machine.dtb|--dtb: one for each file is enough
info before.core --base 0x1000|--base is for RAM, byte by byte, which no file here is
map before.core -o x.svg --diff after.core --diff after.core|--diff: one is enough
LIST
for arguments in help --help -h 'info --help' 'help info' '-h info' 'ls -h' --version; do
	# shellcheck disable=SC2086
	(cd "$dir" && "$gpuas" $arguments) >/dev/full 2>"$dir/err"
	holds "gpuas $arguments cannot be written" [ $? -eq 2 ]
	says err 'gpuas: standard output: No space left on device'
	# shellcheck disable=SC2086
	ends 0 "gpuas $arguments" $arguments
	silent err
done
says out "gpuas $(sed -n 's/^VERSION := //p' Makefile)"
ends 0 'help of a command' help read
says out 'usage: gpuas read [OPTION...] FILE ADDRESS SIZE'

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
