#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# files.sh O: what each command says of a core, of RAM, of a machine's core, of another driver's, packed or
# not, where it is known what is in them. Prints TAP.
. test/tool/common.sh "$1" files

ends 0 'info' info before.core
silent err
says out 'before.core: gpuas-core, '"$(stat -c %s "$dir/before.core")"' bytes'
says out 'taken because: a test asked for it'
says out 'at: 2023-11-14 22:13:20 UTC'
says out 'by: machine, libgpuas'
says out 'board: qemu-virt'
says out 'root 0 upper 0x00800410000 39 lpae-16k 0xffff...'
says out 'context 5 lower 0x00800014000 39 lpae-16k 0x0005...'
says out '5 0x0005000800014001 0x0005000800410001'
says out 'fw-text 0x00800460000 256K 0xffffff8000000000 firmware'
says out 'owned 98304 65536'
says out 'region 851968 851968'
says out 'extents: 25; odd entries: 0; findings: 0'
says out 'fw: job 7 ?[31mfailed'
ends 0 'ls' ls before.core
silent err
says out 'context 5: lower half of 39 VA bits, root 0x00800014000'
says out '0x0005000010000000-0x000500001000bfff 48K 0x00800240000 gpu=r-- fw=r-- gl=--- shared user'
says out '0xffffffa001000000-0xffffffa001007fff 32K 0x00003000000 gpu=--- fw=rw- gl=--- device owned !not-ram'
says out '0xffffff8000000000-0xffffff800003ffff 256K 0x00800460000 gpu=--- fw=r-x gl=--- cached global fw-text'
says out '0x007f000800410000-0x007f000800413fff 16K 0x00800410000 table of level 2 pagetables'
for range in 0x0005000010004000 5:0x10000000-0x10003fff 'context 5:0x10000000+1' 'context 5' 5: \
	'context 5:' 5:0x10000000-5:0x10003fff 0x5000000000000+512M; do
	ends 0 "ls of $range" ls before.core "$range"
	lines 2
	says out '0x0005000010000000-0x000500001000bfff 48K 0x00800240000 gpu=r-- fw=r-- gl=--- shared user'
done
ends 0 'ls of where nothing is' ls before.core 5:0
silent out

# Spaces that are called as Linux does: the number of the context will do, and a name may have anything in it
for name in 'vm:1 pid9' '7/4194304'; do
	python3 - "$dir/before.core" "$dir/named.core" "$name" <<'END'
import sys
core = open(sys.argv[1], 'rb').read()
open(sys.argv[2], 'wb').write(core.replace(b'context 5', sys.argv[3].encode()))
END
	for range in "$name" "$name:" "$name:0x10000000" 'context 5' 'context 5:0x10000000-0x10003fff' 5:; do
		ends 0 "ls of $range" ls named.core "$range"
		lines 2
		says out "$name: lower half of 39 VA bits, root 0x00800014000"
	done
	ends 0 "walk in $name" walk named.core "$name:0x10004010"
	says out 'PA 0x800244010, user'
done

ends 0 'walk' walk before.core 5:0x10004010
silent err
says out 'context 5, VA 0x0000000010004010'
says out 'level 2 table 0x00800014000 [0] 0x000000080001c003 table 0x0080001c000'
says out 'level 0 table 0x00800018000 [1] 0x0060000800244fcb page 0x00800244000 gpu=r-- fw=r-- gl=--- shared'
says out 'PA 0x800244010, user'
cp "$dir/out" "$dir/walk"
ends 0 'walk by the address in the file' walk before.core 0x0005000010004010
holds 'is the same' cmp -s "$dir/out" "$dir/walk"
ends 0 'walk in RAM' walk before.ram 0x0005000010004010 --dtb machine.dtb
holds 'is the same' cmp -s "$dir/out" "$dir/walk"
ends 1 'walk to where nothing is' walk before.core 0xffffffa00f000000
says out 'level 1 table 0x00800004000 [7] 0x0000000000000000 hole'
says out 'nothing is mapped there'
ends 0 'walk to a device' walk before.core 0xffffffa001000000
says out 'PA 0x3000000, owned, not in this file'

ends 0 'find' find before.core 0x800460123
says out '0xffffff8000000123 root 0, leaf, fw-text'
says out '0x007f000800460123 PA, memory, fw-text'
lines 2
ends 0 'find a table' find before.core 0x800018008
says out '0x007f000800018008 context 5, table of level 0, owned'
for pa in PA:0x800460123 0x007f000800460123 34364326179; do
	ends 0 "find $pa" find before.core $pa
	says out '0xffffff8000000123 root 0, leaf, fw-text'
done
ends 1 'find nothing' find before.core 0
says out 'nothing leads to PA 0x0'

# What is read is what was in RAM: region and buffers, whole, across pages and in part
while read -r address pa size; do
	ends 0 "read $size bytes at $address" read before.core "$address" "$size" -o part
	tail -c +$((pa - 0x800000000 + 1)) "$dir/before.ram" | head -c "$((size))" | cmp -s - "$dir/part" &&
		echo 'ok - which are those of the RAM' || echo 'not ok - which are those of the RAM'
done <<'LIST'
0xffffff8000000000 0x800460000 262144
0xffffff8001000000 0x8004a0000 0x80000
0xffffffa000003ff1 0x800203ff1 40000
5:0x10000000 0x800240000 49152
1:0x1000bfff 0x80022bfff 1
PA:0x800410000 0x800410000 16384
0x007f000800400000 0x800400000 1024
LIST
ends 0 'read in rows' read before.core 0x007f000800410010 0x11
says out '0x007f000800410010 03 40 00 00 08 00 00 00 00 00 00 00 00 00 00 00 .@..............'
lines 2

ends 0 'read in rows' read before.core 5:0x10000000 1
holds 'at the address in the file' grep -q '^0x0005000010000000  ' "$dir/out"
ends 0 'read in rows' read before.core 0xffffff8000000000 1
holds 'which is that of the GPU in the first upper half' grep -q '^0xffffff8000000000  ' "$dir/out"

# Pages that follow each other are not looked for one by one, among all that there are.
python3 -B test/tool/map_core.py steps "$dir/steps.core" || echo 'not ok - there is a core with many pages'
(cd "$dir" && ulimit -t 30 && "$gpuas" read steps.core 0xffffff8000000000 $((100000 * 16384)) -o - >/dev/null)
holds 'many pages are read' [ $? -eq 0 ]

ends 0 'core and RAM image agree' diff before.core before.ram --dtb machine.dtb
says out 'no difference'
ends 0 'core and core of the machine agree' diff before.vmcore before.core --dtb machine.dtb
says out 'no difference'
# Half a gigabyte of zeroes behind the RAM, which nobody looks at, costs no memory.
python3 - "$dir/before.vmcore" "$dir/long.vmcore" <<'END'
import struct, sys
core = bytearray(open(sys.argv[1], 'rb').read())
size = struct.unpack_from('<Q', core, 64 + 56 + 32)[0] + (512 << 20)
struct.pack_into('<QQ', core, 64 + 56 + 32, size, size)
out = open(sys.argv[2], 'wb')
out.write(core)
out.truncate(len(core) + (512 << 20))
END
cat >"$dir/frugal" <<END
#!/usr/bin/python3
import resource, subprocess, sys
status = subprocess.run(["$gpuas"] + sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
sys.exit(status or used > 256 and "%d MiB" % used)
END
chmod +x "$dir/frugal"
(cd "$dir" && ./frugal ls long.vmcore --dtb machine.dtb) >"$dir/out"
holds 'the core of a large machine is not copied' [ $? -eq 0 ]

for file in before.core before.ram before.vmcore; do
	ends 0 "ls of $file" ls $file --dtb machine.dtb
	# Whose record of a table there is, only the environment knew.
	sed 's/\(table of level .\) .*/\1/' "$dir/out" >"$dir/$file.ls"
	holds 'is that of the core' cmp "$dir/$file.ls" "$dir/before.core.ls"
	ends 0 "check of $file" check $file --dtb machine.dtb
	says out 'nothing is wrong'
done

ends 0 'two roots, a lent table: core and RAM agree' diff published.core published.ram --dtb published.dtb
for file in published.core published.ram; do
	ends 0 "info of $file" info $file --dtb published.dtb
	says out 'root 1 upper 0x00800450000 39 lpae-16k 0x0041...'
	ends 0 "ls of $file" ls $file --dtb published.dtb
	says out '0x007f000800540000-0x007f00080054ffff 64K 0x00800540000 memory lent lent'
done

for pair in 'before.core after.core' 'before.ram after.ram' 'before.core after.ram' 'split.vmcore after.ram'; do
	# shellcheck disable=SC2086
	ends 1 "diff $pair" diff $pair --dtb machine.dtb
	says out ' unmapped 0xffffffa000000000-0xffffffa000003fff 16K 0x00800200000 owned gpu=--- fw=rw- gl=--- shared'
	says out ' attributes 0xffffffa000004000-0xffffffa000007fff 16K 0x00800204000 owned gpu=--- fw=r-- gl=--- shared, was gpu=--- fw=rw- gl=--- shared'
	says out ' contents 0xffffffa000009000-0xffffffa000009fff 4K 0x00800209000 owned gpu=--- fw=rw- gl=--- shared'
	says out ' mapped 0x0005000020000000-0x0005000020007fff 32K 0x00800278000 user gpu=r-- fw=r-- gl=--- shared'
	says out '1 mapped, 1 unmapped, 1 attributes, 1 contents'
	lines 7
done

for file in bad.core bad.ram; do
	ends 1 "check of $file" check $file --dtb machine.dtb
	says out 'context 5: VA 0x0000000000000000, level 2, entry 0x0000000800014003: leads back to a table on its own path, PA 0x00800014000'
	lines 1
done
ends 0 'a small core says no more than is known' check small.core
says err 'gpuas: small.core: its tables are not all in the file: only what it says of them was checked'
for pair in 'before.core small.core' 'small.core before.core' 'small.core small.core'; do
	# shellcheck disable=SC2086
	ends 0 "diff $pair" diff $pair
	says out 'no difference'
	says out "1343488 bytes are not in both files, and were not compared"
	lines 2
done
ends 2 'and does not read what was left out' read small.core 0xffffff8000000000 16
says err 'gpuas: small.core: root 0: what is at 0xffffff8000000000 was left out: the file would have been too large, or is cut off'

ends 0 "info of the other driver's file" info agx.core
says out 'chip 0x8103, GPU generation 13, variant 71, revision 0, 8 cores, initial data at 0xffffffa000000000'
says out 'firmware: 0.0.0.0.0.0'
says out 'fw: up'
ends 0 'and ls' ls agx.core
says out 'root 0: upper half of 39 VA bits, root not said'
says out '0xffffffa001000000-0xffffffa001003fff 16K 0x00003000000 gpu=--- fw=rw- gl=--- device foreign !not-ram'
says out '0xffffffffffffc000-0xffffffffffffffff 16K 0x0080021c000 gpu=--- fw=rw- gl=--- shared foreign'
ends 0 'which is what is in ours' diff agx.core uat.core
ends 0 'and read' read agx.core 0xffffffffffffc000 16K -o part
tail -c +$((0x21c000 + 1)) "$dir/before.ram" | head -c 16384 >"$dir/page"
(cd "$dir" && "$gpuas" read uat.core 0xffffffffffffc000 16K -o page)
holds 'of the same bytes' cmp -s "$dir/page" "$dir/part"
ends 0 'it has no tables to check' check agx.core
says err 'gpuas: agx.core: its tables are not all in the file: only what it says of them was checked'
ends 2 'it has no tables to walk' walk agx.core 0xffffffa000000000
says err 'gpuas: agx.core: the root of root 0, at PA 0x0, is not in it (not in readable memory): files of that kind have no tables; ls has what is mapped'

gzip -k "$dir/before.core" "$dir/before.ram"
zstd -q "$dir/before.core" "$dir/before.ram"
cat "$dir/before.core" | (cd "$dir" && "$gpuas" diff - before.core) >"$dir/out" 2>&1
holds 'a pipe will do' [ $? -eq 0 ]
for kind in gz zst; do
	ends 0 "packed by $kind" diff before.core before.core.$kind
	ends 0 "RAM, too" diff before.core before.ram.$kind --dtb machine.dtb
	head -c 20000 "$dir/before.ram.$kind" >"$dir/cut.$kind"
	ends 2 'but not if it is cut off' info cut.$kind --dtb machine.dtb
	holds 'it says so' grep -q "^gpuas: cut.$kind: is cut off: .* data ends too early; copy it again$" "$dir/err"
	ends 2 'nor if it is more than is wanted' info before.ram.$kind --dtb machine.dtb --limit 1M
	says err "gpuas: before.ram.$kind: has more than 1048576 bytes; --limit SIZE allows more"
done
# What standard input is, follows from its first bytes, whenever they come; or from the rest.
(cd "$dir" && (head -c 1 before.core.zst; sleep 1; tail -c +2 before.core.zst) | "$gpuas" diff - before.core) >"$dir/out" 2>&1
holds 'a pipe may be slow' [ $? -eq 0 ]
(cd "$dir" && (printf 'x%.0s' {1..100}; cat before.core) >behind && (head -c 100 >behind.head; "$gpuas" diff - before.core) <behind) >"$dir/out" 2>&1
holds 'a file may have been read in part' [ $? -eq 0 ]

# pzstd says first how large a frame is, in one to be skipped; tapes and disks have zeroes behind the end.
{ printf '\x50\x2a\x4d\x18\4\0\0\0\1\2\3\4'; cat "$dir/before.core.zst"; } >"$dir/skip.zst"
head -c 300000 /dev/zero | cat "$dir/before.core.gz" - >"$dir/zeroes.gz"
cat "$dir/zeroes.gz" "$dir/zeroes.gz" >"$dir/behind.gz"
cat "$dir/before.core" "$dir/before.core" >"$dir/behind"
ends 0 'a frame that is skipped' diff skip.zst before.core
ends 0 'zeroes behind the end' diff zeroes.gz before.core
ends 0 'and between two parts' diff behind.gz behind
holds 'no temporary file stays' [ -z "$(find "$dir" -name 'gpuas-*')" ]

# On a terminal there are colours, and what lasts long says so, and takes it away; elsewhere not. Here each
# look at the clock is a second later.
escape=$(printf '\033[')
lacks() {
	! grep -qF -- "$1" "$2"
}
ends 0 'no terminal' ls before.core
holds 'has no colours' lacks "$escape" "$dir/out"
cat >"$dir/clock.c" <<'END'
#include <time.h>
time_t time(time_t *at)
{
	static time_t now = 1000;

	now++;
	if (at)
		*at = now;
	return now;
}
END
"${CC:-cc}" -shared -fPIC -o "$dir/clock.so" "$dir/clock.c" || echo 'not ok - there is a clock'
cat >"$dir/long" <<END
#!/bin/sh
export LD_PRELOAD=$dir/clock.so ASAN_OPTIONS=verify_asan_link_order=0
exec "$gpuas" "\$@"
END
chmod +x "$dir/long"
(cd "$dir" && cat before.ram | ./long info - --dtb machine.dtb && ./long diff before.core before.ram --dtb machine.dtb) >"$dir/out" 2>"$dir/err"
holds 'what lasts long works' [ $? -eq 0 ]
says out 'no difference'
silent err
if ! command -v script >/dev/null; then
	for what in 'there are colours' 'what lasts long says so'; do
		echo "ok - on a terminal, $what # SKIP no script (the package bsdutils)"
	done
	exit 0
fi
terminal() {
	(cd "$dir" && script -qec "$*" /dev/null </dev/null >"$dir/out" 2>&1)
}
# goes NAME TEXT: a line that is there for a while, and has gone before anything else is said
goes() {
	tr '\r' '\n' <"$dir/out" >"$dir/screen"
	holds "$1 says so" grep -qxE "$2 " "$dir/screen"
	holds 'and goes again' [ "$(grep -oE "^($2 |$gone)" "$dir/screen" | tail -n 1)" = "$(printf '\033[K')" ]
}
gone=$(printf '\033\\[K')
terminal "$gpuas" ls before.core
holds 'a terminal has colours' grep -qF "$escape" "$dir/out"
terminal TERM=dumb "$gpuas" ls before.core
holds 'but not one that cannot' lacks "$escape" "$dir/out"
terminal 'cat before.ram | TERM=dumb ./long info - --dtb machine.dtb'
holds 'which is not told to take lines away, either' lacks "$escape" "$dir/out"
terminal NO_COLOR=1 "$gpuas" ls before.core
holds 'but not with NO_COLOR' lacks "$escape" "$dir/out"
terminal 'cat before.ram | ./long info - --dtb machine.dtb'
goes 'reading' 'reading standard input: [0-9]+M'
terminal './long diff before.core before.ram --dtb machine.dtb'
goes 'comparing' 'comparing contents: [0-9]+%'
holds 'which does not start again' sort -nc <(grep -o '[0-9]*%' "$dir/screen")
terminal './long read steps.core 0xffffff8000000000 16M -o part'
goes 'reading contents' 'reading contents: [0-9]+%'
holds 'which does not start again' sort -nc <(grep -o '[0-9]*%' "$dir/screen")
terminal './long map before.core -o map.svg --diff before.ram --dtb machine.dtb'
goes 'drawing what is compared' 'comparing contents: [0-9]+%'
