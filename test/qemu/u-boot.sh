#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# u-boot.sh DIR: what the U-Boot personality does, seen on U-Boot's console; no OS is booted. DIR is
# the build folder with u-boot/u-boot.bin in it. Prints TAP. Logs stay in DIR/run/u-boot-*.log.
#
# Each boot runs a script of U-Boot commands in which "echo @@ NAME" begins a section of the log. A
# test requires lines of one section; a hang, a reset or a lost section therefore fails.

# shellcheck disable=SC2016,SC2054 # U-Boot expands its variables itself; QEMU likes commas

set -u
O=${1:?usage: u-boot.sh DIR}
run=$O/run
mkdir -p "$run"
log=
# shellcheck source=board/qemu-virt/machine.sh
. board/qemu-virt/machine.sh
machine "$O"

# boot NAME COMMANDS [QEMU ARGUMENT]...
boot() {
	local env=$run/u-boot-$1.env
	log=$run/u-boot-$1.log
	printf 'gpuas_boot=%s; echo @@ end; poweroff\n' "${2//$'\n'/;}" >"$env"
	shift 2
	timeout --foreground -k 5 900 "${machine[@]}" ${ram--m 1G} \
		-device "loader,file=$env,addr=0x4f000000,force-raw=on" "$@" \
		</dev/null 2>&1 | head -c 1000000 | tr -d '\r' >"$log"
}

# A section ends where the next one begins, so that the last one needs "@@ end".
section() {
	awk -v name="$1" '/^@@ /{ if (on) whole = 1; on = 0 } $0 == "@@ " name { on = 1; next }
		on { text = text $0 "\n" } END { if (whole) printf "%s", text }' "$log"
}

# Do lines that match all these patterns occur, in this order? A pattern that starts with ! must
# match no line at all.
judge() {
	local text=$1 at=0 pattern n
	shift
	for pattern; do
		if [ "${pattern:0:1}" = '!' ]; then
			! grep -qE -e "${pattern:1}" <<<"$text" || return 1
			continue
		fi
		n=$(tail -n +$((at + 1)) <<<"$text" | grep -nE -m1 -e "$pattern" | cut -d: -f1)
		[ -n "$n" ] || return 1
		at=$((at + n))
	done
}

# want TEST SECTION PATTERN...
want() {
	local name=$1 text
	text=$(section "$2")
	shift 2
	if [ -n "$text" ] && judge "$text" "$@"; then
		echo "ok - $name"
		return
	fi
	echo "not ok - $name"
	{
		echo "# $log: wanted, in this order:"
		printf '#   %s\n' "$@"
		echo '# got:'
		sed 's/^/#   /' <<<"$text"
	} >&2
}

still() {
	section "$1" | grep -v '^firmware: '
}

# same TEST SECTION SECTION: both have the same lines, and some; but for what the firmware counts
same() {
	if [ -n "$(still "$2")" ] && [ "$(still "$2")" = "$(still "$3")" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		diff <(still "$2") <(still "$3") >&2
	fi
}

# What lmb has reserved in a section, with neighbours of the same flags made one: lmb does not always
reserved() {
	local first last flags from='' to='' kind=''
	while read -r first last flags; do
		if [ "$flags" = "$kind" ] && [ $((first)) -eq $((to + 1)) ]; then
			to=$last
			continue
		fi
		[ -z "$from" ] || echo "$from $to $kind"
		from=$first to=$last kind=$flags
	done < <(section "$1" | sed -nE 's/^ *reserved\[[0-9]+\].*\[(0x[0-9a-f]+)-(0x[0-9a-f]+)\].*flags: (.*)/\1 \2 \3/p')
	[ -z "$from" ] || echo "$from $to $kind"
}

# same_reserved TEST SECTION SECTION: lmb has the same reserved, and something
same_reserved() {
	if [ -n "$(reserved "$2")" ] && [ "$(reserved "$2")" = "$(reserved "$3")" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		diff <(reserved "$2") <(reserved "$3") >&2
	fi
}

# judge_itself TEST STATUS TEXT PATTERN...
judge_itself() {
	local name=$1 status=$2 rc
	shift 2
	judge "$@"
	rc=$?
	[ "$rc" = "$status" ] && echo "ok - $name" || echo "not ok - $name"
}

judge_itself 'judge takes a log with all lines' 0 $'one\ntwo\nthree' '^one$' '^three$' '!four'
judge_itself 'judge refuses a log with a missing line' 1 $'one\nthree' '^one$' '^two$' '^three$'
judge_itself 'judge refuses lines in another order' 1 $'two\none' '^one$' '^two$'
judge_itself 'judge refuses one line for two' 1 $'one\nthree' '^one$' '^one$'
judge_itself 'judge refuses a line that must not be there' 1 $'one\ntwo' '^one$' '!two'
log=$run/u-boot-cut.log
printf '@@ a\none\n' >"$log"
judge_itself 'judge refuses a section that does not end' 1 "$(section a)" '^one$'

# What an answer looks like: a region's line, and the parts of other lines.
pa='0x[0-9a-f]{4,}0000'
row="$pa +[0-9]+K +"
tree='fdt move ${fdtcontroladdr} 48000000 110000'
stop='put that right, then .gpuas start. and boot again$'

#
# Bring-up, and looking at it
#

boot look "echo @@ info; gpuas info && echo true; echo @@ walk; gpuas walk 0xffffff8000000000 && echo true
 echo @@ last; gpuas walk ffffff800203c123 || echo false; echo @@ hole; gpuas walk ffffffa000000000 || echo false
 echo @@ outside; gpuas walk 7f00000000 || echo false; echo @@ dump; gpuas dump && echo true
 echo @@ check; gpuas check && echo true; echo @@ usage; gpuas walk || echo false; gpuas walk zz || echo false
 gpuas walk ffffff80000000000 || echo false; gpuas check 0x || echo false; gpuas start 1g || echo false
 gpuas nonsense || echo false; echo @@ badtree; gpuas check 4f000000 || echo false; gpuas check 3c || echo false"

want 'bring-up is automatic, with six regions' info \
	'^bring-up: built, board qemu-virt, tables 4$' "^ttbs +$row- +host$" \
	"^pagetables +$row- +firmware$" "^handoff +$row- +shared$" \
	"^fw-text +${row}0xffffff8000000000 +firmware$" \
	"^fw-data +${row}0xffffff8001000000 +firmware$" \
	"^shared +${row}0xffffff8002000000 +shared$" '^true$'
want 'info tells root, windows, TTBs and handoff page' info "^root: $pa$" \
	'^firmware window: 0xffffff8000000000-0xffffff9fffffffff$' \
	'^host window: 0xffffffa000000000-0xffffffafffffffff$' \
	'^context 0: TTB0 0x0{16}, TTB1 0x0+[0-9a-f]*0001 \(the root\)$' \
	'^handoff: host 0x4b1d000000000002, firmware 0x4b1d000000000002$' \
	'^handoff: locks 0 [01], turn 0, context 0x0$' '^firmware: runs, heartbeat [0-9]+, then [1-9][0-9]*$' \
	'^firmware: 0 messages, 0 locks, 0 copies, 0 bytes, 0 faults$' '^device tree: not yet published'
where() { section info | awk -v name="$1" '$1 == name { print $2 }'; }
root=$(where pagetables) ttbs=$(where ttbs) handoff=$(where handoff) text=$(where fw-text) shared=$(where shared)
[ -n "$root" ] || { echo 'not ok - U-Boot boots'; exit 1; }

# Regions: 64K-aligned, inside the 1G of RAM at 0x40000000, apart from each other.
bad=0 n=0
while read -r name from size _; do
	from=$((from)) size=$((${size%K} * 1024)) n=$((n + 1))
	if ((from % 0x10000 || from < 0x40000000 || from + size > 0x80000000)); then
		bad=1
		echo "# $name is out of place" >&2
	fi
done < <(section info | grep -E " $row")
((n == 6 && !bad)) && echo 'ok - regions are aligned and in RAM' || echo 'not ok - regions are aligned and in RAM'

want 'walk shows three levels and the rights' walk "^level 2 .* table $root  \[0\] .* table " \
	'^level 1 .* \[0\] .* table ' \
	"^level 0 .* \[0\] .* page  $text gpu=--- fw=r-x gl=--- cached global$" '^true$'
want 'walk takes an address inside a page, to a hole' last '^level 2 ' '^level 1 ' \
	'^level 0 .* \[15\] +0x0{16}  hole$' '^gpuas: nothing is mapped at VA 0xffffff800203c123' '^false$'
want 'walk into the window of the host ends in a hole' hole '^level 2 .* \[2\] +0x0{16}  hole$' \
	'!^level [01]' '^gpuas: nothing is mapped at VA 0xffffffa000000000' '^false$'
want 'walk refuses an address of the other half' outside '!^level' \
	'^gpuas: VA 0x7f00000000 is not in the shared half' '^false$'
own='gpu=--- fw=rw- gl=--- (cached|device) global$'
want 'dump shows the three mappings, the firmware'"'"'s own, and nothing else' dump '^VA +Size +PA +Attributes$' \
	"^0xffffff8000000000-0xffffff800003ffff +256K +$text +gpu=--- fw=r-x gl=--- cached global$" \
	"^0xffffff8001000000-0xffffff800107ffff +512K +$pa +gpu=--- fw=rw- gl=--- cached global$" \
	"^0xffffff8002000000-0xffffff800200ffff +64K +$pa +gpu=--- fw=rw- gl=--- shared global$" \
	"^0xffffff9000000000-0xffffff900003ffff +256K +$root +$own" \
	"^0xffffff9000100000-0xffffff9000103fff +16K +$ttbs +$own" \
	"^0xffffff9000110000-0xffffff9000113fff +16K +$handoff +$own" \
	"^0xffffff9000200000-0xffffff900021ffff +128K +0x00009050000 +$own" \
	"^0xffffff9000300000-0xffffff90003fffff +1M +0x[0-9a-f]+ +$own" \
	"^0xffffff9000400000-0xffffff900040ffff +64K +0x00008000000 +$own" \
	"^0xffffff9000500000-0xffffff900053ffff +256K +0x000080a0000 +$own" \
	'^true$' '!^0x[0-9a-f]{12}[^012]' '!^gpuas'
[ "$(section dump | wc -l)" = 12 ] && echo 'ok - dump has one line each' || echo 'not ok - dump has one line each'
want 'check judges what would be published' check '^check manifest: ok$' '^check memory: ok$' \
	'^check publishing: ok$' '^check device tree: ok$' \
	'^check device tree against memory: ok$' '^true$' '!FAILED'
want 'bad arguments get the usage' usage '^Usage:$' '^false$' '^Usage:$' '^false$' '^Usage:$' \
	'^false$' '^Usage:$' '^false$' '^Usage:$' '^false$' '^Usage:$' '^false$' '!^level' '!^check'
want 'check refuses an address without a tree' badtree \
	'^gpuas: there is no device tree at 0x4f000000;' '^false$' \
	'^gpuas: there is no device tree at 0x3c;' '^false$' '!ok$'

#
# Check sees what is damaged, and names it
#

damage() {	# NAME ADDRESS VALUE OLD
	printf 'echo @@ %s; mw.q %x %s; gpuas check || echo false; mw.q %x %s\n' "$1" "$2" "$3" "$2" "$4"
}
leaf=$(section walk | awk '/^level 0/ { print $4 " " $6 }')
boot damage "$(damage root $((root + 16)) 7d000003 0
damage magic $((handoff)) 4b1d000000000003 4b1d000000000002
damage lock $((handoff + 16)) 200 0
damage ttb $((ttbs + 8)) 1 "$(printf %x $((root | 1)))"
damage leaf $((${leaf% *})) 0 "$(printf %x $((${leaf#* })))"
damage rights $((${leaf% *})) "$(printf %x $((${leaf#* } ^ 0x80)))" "$(printf %x $((${leaf#* })))"
damage table $((root)) "$(printf %x 0xfffffc003)" "$(section walk | awk '/^level 2/ { print $6 }')")
 echo @@ healed; gpuas check
 echo @@ odd; mw.q $(printf %x $((root + 8))) fffffc003; gpuas dump
 gpuas walk 0xffffff9000000000 || echo false"

again='^gpuas: do not boot this; .gpuas stop., .gpuas start. build it anew$'
want 'check sees a stale entry in the window of the host' root \
	'^check memory: FAILED, root slot: .* slot 2 contains 0x7d000003$' "$again" '^false$'
want 'check sees a wrong magic' magic \
	'^check memory: FAILED, handoff magic_host: is wrong: 0x4b1d000000000003, expected 0x4b1d000000000002$' "$again" '^false$'
want 'check sees an impossible lock' lock '^check memory: FAILED, handoff lock_fw: .* 0x2$' "$again" '^false$'
want 'check sees a TTB that is not the root' ttb \
	'^check memory: FAILED, TTB1 of context 0: is not the root but 0x1$' "$again" '^false$'
want 'check sees a missing page of the firmware' leaf \
	'^check memory: FAILED, region fw-text: is not mapped at VA 0xffffff8000000000$' "$again" '^false$'
want 'check sees other rights' rights \
	'^check memory: FAILED, region fw-text: is mapped with other attributes' "$again" '^false$'
want 'check survives a table outside RAM' table \
	'^check memory: FAILED, region fw-text: a table cannot be read' "$again" '^false$'
want 'check is content again after each' healed '^check memory: ok$' '!FAILED'
want 'dump and walk name a table outside RAM' odd 'unreadable table 0x0000000fffffc003$' \
	'^level 2 .*unreadable$' '!^level 1' '^gpuas: nothing is mapped at VA' '^false$'

#
# Memory: given back, found again, refused, protected
#

mformat -C -i "$run/u-boot.img" -T 4096 :: && head -c 4096 /dev/zero |
	mcopy -o -i "$run/u-boot.img" - ::file
disk=(-drive "if=none,id=d,format=raw,file=$run/u-boot.img,snapshot=on" -device virtio-blk-device,drive=d)
boot memory "echo @@ load; load virtio 0 $(printf %x $((text + 0x1000))) file || echo false; echo @@ check; gpuas check
 echo @@ before; bdinfo; echo @@ first; gpuas info; echo @@ start; gpuas start || echo false; echo @@ stop; gpuas stop && echo true
 echo @@ stopped; gpuas info || echo false; gpuas walk 0 || echo false; gpuas check || echo false; gpuas stop && echo true
 echo @@ between; bdinfo
 echo @@ restart; gpuas start && echo true; echo @@ second; gpuas info; echo @@ after; bdinfo
 echo @@ low; gpuas stop; gpuas start 50000000; gpuas info; gpuas stop
 echo @@ lowest; bdinfo; echo @@ limit; gpuas start 40080000 || echo false; echo @@ why; gpuas info || echo false
 echo @@ back; bdinfo; echo @@ without; $tree; gpuas publish || echo false; fdt print /gpuas-gpu
 fdt print /reserved-memory || echo no reserved-memory; echo @@ up; gpuas start; gpuas publish; fdt print /gpuas-gpu
 echo @@ load2; gpuas stop; load virtio 0 $(printf %x $((text + 0x1000))) file && echo true" "${disk[@]}"

end=$(printf '%x' $((ttbs + 0xffff)))
want 'regions are reserved from the start' before "reserved.*-0x$end\].* no-overwrite$"
want 'a file cannot be loaded over a region' load 'would overwrite reserved memory' '^false$'
want 'the region is as before then' check '^check memory: ok$' '!FAILED'
want 'start refuses to start twice' start '^gpuas: already started; .gpuas stop. first$' '^false$'
want 'stop gives memory back' stop '^gpuas: stopped, memory given back$' '^true$'
want 'lmb has it back' between "!reserved.*-0x$end\]" 'memory\[0\]'
want 'once stopped, commands say so' stopped '^bring-up: nothing planned$' '^reason: stopped by hand$' \
	'^false$' '^gpuas: there are no tables, stopped by hand; try .gpuas start.$' '^false$' \
	'^gpuas: there are no tables' '^false$' '^gpuas: nothing to stop, stopped by hand$' '^true$'
want 'a file can be loaded there then' load2 ' bytes read in' '^true$'
want 'start works again' restart '^true$' '!gpuas:'
same 'start finds the same addresses' first second
same_reserved 'memory is reserved as in the beginning' before after
want 'LIMIT is obeyed' low '^bring-up: built' "^ttbs +0x0004fff0000 +64K" '^gpuas: stopped'
want 'stop gives memory below LIMIT back' lowest '!reserved.*0x4[0-9a-f]{7}-' 'memory\[0\]'
want 'too low a LIMIT fails with one sentence' limit \
	'^gpuas: no GPU for the OS, bring-up failed: region fw-text: no memory of size 0x40000; try .gpuas start. with a higher LIMIT$' \
	'^false$'
[ "$(section limit | grep -c '^gpuas')" = 1 ] && echo 'ok - just one' || echo 'not ok - just one'
want 'info says why' why '^bring-up: nothing planned$' '^board: qemu-virt$' \
	'^reason: bring-up failed: region fw-text: no memory of size 0x40000$' '^false$'
same_reserved 'a failed start gives all memory back' between back
want 'the OS then gets a disabled GPU' without \
	"^gpuas: no GPU for the OS, bring-up failed: region fw-text: no memory of size 0x40000; $stop" \
	'^false$' 'status = "disabled";' '!memory-region' '^no reserved-memory$'
want 'a later start publishes into the same tree' up 'memory-region-names = "ttbs", ' '!disabled' '!gpuas:'

#
# The GPU, and its firmware on the second CPU
#

hex() {
	printf %x $(($*))
}
boot gpu "echo @@ beats; for i in 1 2 3 4 5 6 7 8 9 a b c d e f 10; do gpuas info; done
 echo @@ log; gpuas fw log; mw.b $(hex shared+0x8000) 0 1900
 echo @@ dma; gpuas dma ffffff8000000010 ffffff8002008010 1801 && echo true
 cmp.b $(hex text+16) $(hex shared+0x8010) 1801; md.b $(hex shared+0x9811) 1
 echo @@ read; gpuas dma ffffffa000004010 ffffff8002008000 10 || echo false
 echo @@ write; gpuas dma ffffff8000000000 ffffff8000080000 10 || echo false
 echo @@ gap; gpuas dma 4000 ffffff8002008000 10 || echo false
 echo @@ text; gpuas dma ffffff8002008000 ffffff8000000000 10 || echo false
 echo @@ sizes; gpuas dma ffffff8000000000 ffffff8002008000 0 || echo false
 gpuas dma ffffff8000000000 ffffff8002008000 100001 || echo false
 gpuas dma fffffffffffffff0 ffffff8002008000 20 || echo false
 echo @@ usage; gpuas dma 0 0 || echo false; gpuas dma x 0 10 || echo false; gpuas fw || echo false
 gpuas fw lag || echo false
 echo @@ counts; gpuas info; gpuas fw log
 echo @@ stop; gpuas stop && echo true; md.l 9050020 1; gpuas fw log || echo false; gpuas dma 0 0 10 || echo false
 echo @@ again; gpuas start && gpuas dma ffffff8000000000 ffffff8002008000 10 && gpuas info"
# Each time later than what was seen before; how much later is up to how often the host lets its CPU run.
beats=$(section beats | sed -nE 's/^firmware: runs, heartbeat ([0-9]+), then ([0-9]+)$/\2/p' | sort -nu | wc -l)
[ "$beats" = 16 ] && echo "ok - the firmware's heart beats" || echo "not ok - the firmware's heart beats ($beats of 16)"
want 'the firmware says what it does' log '^starting$' '^running, tables left 0x[1-9a-f]' '!gave up'
want 'the GPU copies through the shared half, from any address, in pieces' dma \
	'^gpuas: the GPU copied 0x1801 bytes from 0xffffff8000000010 to 0xffffff8002008010$' '^true$' \
	'^Total of 6145 byte\(s\) were the same$' ': 00 '
want 'a VA that is not mapped cannot be read' read \
	'^gpuas: the copy failed, fault: the GPU may not read from VA 0xffffffa000004010;' '^false$'
want 'nor written' write 'fault: the GPU may not write to VA 0xffffff8000080000;' '^false$'
want 'nor is there anything in the lower half' gap 'fault: the GPU may not read from VA 0x4000;' '^false$'
want 'nor can text be written' text 'fault: the GPU may not write to VA 0xffffff8000000000;' '^false$'
want 'sizes that make no sense are refused' sizes 'size: is 0 or above the limit of 0x100000;' '^false$' \
	'size: is 0 or above the limit of 0x100000;' '^false$' '^gpuas: the copy failed' '^false$' '!the GPU copied'
want 'bad arguments get the usage' usage '^Usage:$' '^false$' '^Usage:$' '^false$' '^Usage:$' '^false$' '^Usage:$' '^false$'
want 'info counts what was done' counts '^firmware: [0-9]+ messages, [1-9][0-9]* locks, 1 copies, 6145 bytes, 4 faults$' \
	'^fault: read from 0xffffffa000004010$' '^fault: write to 0xffffff8000000000$'
want 'stop stops the firmware, and the SMMU' stop '^gpuas: stopped, memory given back$' '^true$' \
	'^09050020: 00000000 ' '^gpuas: there are no tables' '^false$' '^false$'
want 'and start starts it again' again 'the GPU copied 0x10 bytes' '^firmware: runs, heartbeat .* then [1-9]' \
	'^firmware: 1 messages, [0-9]+ locks, 1 copies, 16 bytes, 0 faults$'

# until_word ADDRESS VALUE: how long it takes is the machine's business, which has a limit of its own
until_word() {
	echo "setexpr.q word *$1; while itest.q \${word} -ne $2; do setexpr.q word *$1; done"
}
# Messages by hand. say NAME OP ARG...: in its section, the answer: error and result
box=$(hex shared)
say() {
	local name=$1 n=8 word
	shift
	echo "echo @@ $name"
	for word; do
		echo "mw.q $(hex shared+n) $word"
		n=$((n + 8))
	done
	echo "mw.q $box 1; $(until_word "$box" 2); md.q $(hex shared+0x30) 2; mw.q $box 0;"
}
boot mailbox "$(say ping 1 1234)
 $(say nothing 0) $(say unknown 99)
 $(say map-own 2 ffffff9000000000 50000000 4000) $(say map-host 2 ffffffa000000000 50000000 4000)
 $(say map-unaligned 2 ffffff9002000000 50000100 4000) $(say map-registers 2 ffffff9002000000 09050000 4000)
 $(say map-wraps 2 ffffff9002000000 fffffffffffff000 4000) $(say map-huge 2 ffffff9002000000 40000000 ffffffffffffc000)
 $(say map 2 ffffff9002000000 50000000 8000) $(say map-twice 2 ffffff9002004000 50000000 4000)
 echo @@ walk; gpuas walk ffffff9002004010; mw.q 50004010 1122334455667788; gpuas dma ffffff9002004010 ffffff8002008000 8; md.q $(hex shared+0x8000) 1
 mw.b $(hex handoff+0x10) 1
 $(say map-locked 2 ffffff9004000000 50000000 4000) $(say unmap-locked 3 ffffff9002000000 8000)
 mw.b $(hex handoff+0x10) 0
 echo @@ still; gpuas walk ffffff9002004010; gpuas dma ffffff9002004010 ffffff8002008000 8
 $(say unmap-own 3 ffffff9000000000 4000) $(say unmap 3 ffffff9002000000 8000)
 echo @@ gone; gpuas dma ffffff9002004010 ffffff8002008000 8 || echo false
 $(say copy-context 4 40 ffffff8000000000 ffffff8002008000 8) $(say copy-unbound 4 5 0 4000 8)
 mw.q $(hex ttbs+0x50) 0005000009050001
 $(say copy-registers 4 5 0 4000 8)
 $(say copy-size 4 0 ffffff8000000000 ffffff8002008000 100001) $(say copy-nothing 4 0 0 0 0)
 $(say crash-how 7 9)
 echo @@ alive; gpuas info
 echo @@ garbage; mw.q $(hex shared+8) 7; mw.q $(hex shared+16) 3; mw.q $box 1; $(until_word "$(hex handoff+8)" deadbeef); gpuas info; gpuas check || echo false
 gpuas dma 0 0 8 || echo false; $tree; gpuas publish; fdt print /gpuas-gpu
 echo @@ stop; gpuas stop || echo false; gpuas start || echo false"
# answer NAME ERROR: error as a positive number; its result is of no meaning then
answer() {
	want "the firmware answers $1 with error $2" "$1" "^[0-9a-f]+: $(printf %016x $((-$2))) "
}
want 'the firmware answers a ping' ping '^[0-9a-f]+: 0000000000000000 ffffffffffffedcb'
answer nothing 95
answer unknown 95
answer map-own 1
answer map-host 1
answer map-unaligned 22
answer map-registers 14
answer map-wraps 14
answer map-huge 14
answer map 0
answer map-twice 17
want 'what it mapped can be walked, and read by the GPU' walk 'page  0x00050004000' \
	'the GPU copied 0x8 bytes' ': 1122334455667788 '
answer map-locked 110
answer unmap-locked 110
want 'without the lock it changes nothing' still 'page  0x00050004000' 'the GPU copied 0x8 bytes'
answer unmap-own 1
answer unmap 0
want 'and is gone, also for the GPU, once it is unmapped' gone 'the GPU may not read from VA 0xffffff9002004010' '^false$'
answer copy-context 22
answer copy-unbound 2
answer copy-registers 14
answer copy-size 22
answer copy-nothing 22
answer crash-how 22
want 'and goes on' alive '^firmware: runs' '^firmware: 24 messages,'
want 'firmware that breaks down is noticed' garbage '^handoff: host 0x4b1d000000000002, firmware 0x00000000deadbeef$' \
	'^firmware: stands still' '^check memory: FAILED, handoff magic_fw: is wrong: 0x0*deadbeef, expected 0x4b1d000000000002$' \
	'^false$' '^gpuas: the copy failed, mailbox: is in use, state 0x1' '^false$' \
	'^gpuas: no GPU for the OS, publishing failed: handoff magic_fw: is wrong.*; reset the machine$' 'status = "disabled"'
want 'and not started over' stop '^gpuas: nothing to stop, publishing failed: ' \
	'^gpuas: the firmware of an earlier start may still run, reset the machine$' '^false$'

# failing NAME REASON: a start that fails says REASON once, and the OS does not see the GPU
failing() {
	[ "$(sed '/^@@ /,$d' "$log" | grep '^gpuas: ' | grep -cE "^gpuas: no GPU for the OS, bring-up failed: $2")" = 1 ] &&
		echo "ok - $1: one sentence" || echo "not ok - $1: one sentence"
	want "$1: the OS gets a disabled GPU" hook "^gpuas: no GPU for the OS, bring-up failed: $2" '^false$' \
		'status = "disabled";' '!memory-region'
}
# Patterns for the reserved ranges that hold the regions; for none, one that cannot match
regions_are_reserved() {
	local pa size first last found=
	while read -r _ pa size; do
		while read -r first last _; do
			[ $((0x$pa)) -lt $((first)) ] || [ $((0x$pa + 0x$size - 1)) -gt $((last)) ] ||
				found="$found reserved.*$first-$last"
		done < <(reserved memory)
	done < <(section rsv | sed -nE 's/^ *([0-9]+)\t([0-9a-f]+)\t([0-9a-f]+)$/\1 \2 \3/p')
	[ "$(wc -w <<<"$found")" = 6 ] && tr ' ' '\n' <<<"$found" | sort -u || echo 'not all regions are reserved'
}
# A CPU that was started may be anywhere, and use everything that it was given.
held() {
	want "$1: its memory stays reserved" memory $(regions_are_reserved)
	want "$1: and from the OS, all six regions of it" rsv '^    5.00000000[0-9a-f]{8}.0000000000010000$'
	want "$1: it is not started over" again '^gpuas: the firmware of an earlier start may still run, reset the machine$' '^false$'
	want "$1: its CPU and devices are withheld" hook '^cpu@1 fail$' '^no method$' '^smmu disabled$' '^pcie disabled$'
}
look_at_parts="fdt get value s /cpus/cpu@1 status && echo cpu@1 \${s}; fdt print /cpus/cpu@1 enable-method || echo no method
 fdt get value s /smmuv3@9050000 status && echo smmu \${s}; fdt get value s /pcie@10000000 status && echo pcie \${s}"
ask="echo @@ memory; bdinfo; echo @@ again; gpuas start || echo false
 echo @@ hook; $tree; gpuas publish || echo false; fdt print /gpuas-gpu; $look_at_parts; echo @@ rsv; fdt rsvmem print"

# A CPU that goes nowhere: "b ."
printf '\000\000\000\024' >"$run/firmware-hangs.bin"
machine "$O" "$run/firmware-hangs.bin"
boot hangs "$ask"
failing 'firmware that does not come up' 'handoff magic_fw: is still 0'
held 'firmware that does not come up'
machine "$O" /dev/null
boot empty "$ask"
failing 'no firmware' 'firmware: '
machine "$O"
want 'no firmware: the OS gets its CPU, devices and memory' hook 'enable-method = "psci"' '!cpu@1 fail' '!smmu disabled' '!pcie disabled'
# without PART WORD REASON: the machine without a part of the GPU
without() {
	machine=("${machine[@]/$2/${4:-}}")
	boot "$1" "$ask"
	failing "no $1" "$3"
	machine "$O"
}
without smmu ,iommu=smmuv3 'part arm,smmu-v3: is not in the machine'
without edu edu,dma_mask=0xffffffffffffffff 'part edu: is not on the PCI bus' pci-testdev

#
# Publishing
#

# The blob with exactly N bytes to spare, N in hexadecimal
shrink() {
	printf '%s' "fdt move \${fdtcontroladdr} 48000000 110000; fdt header get a off_dt_strings
 fdt header get b size_dt_strings; setexpr n \${a} + \${b}; setexpr n \${n} + $1; setexpr h \${n} / 100
 mw.b 48000004 0 2; mw.b 48000006 \${h}; mw.b 48000007 \${n}; fdt addr 48000000"
}
# The tree as it stands with nothing to spare
exact() {
	printf '%s' "fdt header get a off_dt_strings; fdt header get b size_dt_strings; setexpr n \${a} + \${b}
 setexpr h \${n} / 100; mw.b 48000004 0 2; mw.b 48000006 \${h}; mw.b 48000007 \${n}; fdt addr 48000000"
}
boot publish "echo @@ fresh; $tree; gpuas check || echo false; echo @@ once; gpuas publish && echo true
 echo @@ sum; crc32 48000000 110000; echo @@ twice; gpuas publish && echo true; echo @@ sum2; crc32 48000000 110000
 echo @@ print; fdt print /gpuas-gpu; fdt print /reserved-memory; echo @@ check; gpuas check && echo true; gpuas check 48000000
 gpuas info; echo @@ moved; gpuas stop; gpuas start 50000000; gpuas check || echo false
 echo @@ foreign; gpuas publish || echo false; fdt print /gpuas-gpu status; gpuas info
 echo @@ nomap; gpuas start; $tree; gpuas publish; fdt set /reserved-memory/gpuas-fw-text@$(printf %x $((text))) no-map; gpuas check || echo false
 echo @@ size; fdt rm /reserved-memory/gpuas-fw-text@$(printf %x $((text))) no-map; gpuas check; fdt set /reserved-memory/gpuas-fw-text@$(printf %x $((text))) reg <0 $text 0 80000>; gpuas check || echo false
 echo @@ damaged; $tree; mw.q $(printf %x $((root + 0x10))) 3; gpuas publish || echo false; fdt print /gpuas-gpu; gpuas info"
want 'a tree without manifest is not for the OS' fresh '^check memory: ok$' \
	'^check device tree: FAILED, ' '^gpuas: this tree is not for the OS;' '^false$'
want 'publishing is quiet' once '^true$' '!gpuas'
want 'so it is the second time' twice '^true$' '!gpuas'
same 'and changes nothing' sum sum2
want 'the tree has GPU and regions' print \
	'memory-region-names = "ttbs", "pagetables", "handoff", "fw-text", "fw-data", "shared";' \
	'gpuas,host-window = <0xffffffa0 0x00000000 0x00000010 0x00000000>;' \
	'compatible = "gpuas,qemu-virt-gpu";' "gpuas-ttbs@${ttbs#0x000} \{" \
	"reg = <0x00000000 0x${ttbs#0x000} 0x00000000 0x00010000>;" '!no-map' '!disabled'
want 'check judges the working tree, or a named one' check '^check memory: ok$' '^check device tree: ok$' \
	'^check device tree against memory: ok$' '^true$' '^check memory: ok$' '^check device tree: ok$' \
	'^device tree: published, at 0x48000000$' '!FAILED'
want 'check sees a tree of an earlier bring-up' moved '^gpuas: do not boot a device tree that was already published$' \
	'^check memory: ok$' '^check device tree: ok$' \
	'^check device tree against memory: FAILED, region ttbs: PA is 0x4fff0000 in the manifest, 0x[0-9a-f]+ in the device tree$' \
	'^gpuas: this tree is not for the OS;' '^false$'
want 'such a tree gets a disabled GPU' foreign "^gpuas: no GPU for the OS, publishing failed: .*; $stop" \
	'^false$' 'disabled' '^reason: publishing failed: '
want 'check sees no-map' nomap '^check device tree: FAILED, .*no-map' '^false$'
want 'tables that were damaged are not handed over' damaged \
	"^gpuas: no GPU for the OS, publishing failed: root slot: .* slot 2 contains 0x3; $stop" \
	'^false$' 'disabled' '^reason: publishing failed: ' '!memory-region'
want 'check sees another size' size '^check device tree: ok$' \
	'^check device tree( against memory)?: FAILED, .*fw-text' '^false$'

#
# A blob without room
#

boot room "$(shrink 0); echo @@ none; crc32 48000000 \${n} sum; gpuas publish || echo false; echo @@ info; gpuas info
 echo @@ before; md.b 48000000 \${n}; echo @@ after; gpuas publish; echo @@ space; $(shrink 0); gpuas start
 echo @@ a; md.b 48000000 \${n}; echo @@ b; gpuas publish; echo @@ c; md.b 48000000 \${n}; echo @@ d; true"
want 'without room: one sentence' none \
	"^gpuas: no GPU for the OS, publishing failed: device tree: has no room, bytes missing 0x[0-9a-f]+, try .fdt resize 0x[0-9a-f]+.; $stop" \
	'^false$'
[ "$(section none | grep -c '^gpuas')" = 1 ] && echo 'ok - one sentence' || echo 'not ok - one sentence'
want 'info still says why' info '^reason: publishing failed: device tree: has no room, bytes missing 0x[0-9a-f]+, try .fdt resize 0x'
want 'the second time, the sentence is the same' after "^gpuas: no GPU for the OS, publishing failed: device tree: has no room"
same 'the blob is untouched' a c
need=$(section none | sed -n "s/.*fdt resize 0x\([0-9a-f]*\).*/\1/p")
boot enough "$(shrink "${need:-0}"); echo @@ exact; gpuas publish && echo true; gpuas check
 $(shrink "$(printf %x $((0x${need:-1} - 1)))"); echo @@ less; gpuas publish || echo false; fdt print /gpuas-gpu; gpuas info
 $(shrink 0); echo @@ advice; gpuas start; fdt resize 0x${need:-0}; gpuas publish; gpuas check
 echo @@ stale; $tree; gpuas start; gpuas publish; $(exact); gpuas stop; gpuas start 40080000; gpuas publish || echo false; fdt print /gpuas-gpu"
want 'the room it asks for is enough' exact '^true$' '^check device tree against memory: ok$' '!gpuas:'
want 'a byte less is not, and leaves a disabled GPU only' less '^gpuas: no GPU for the OS, publishing failed: device tree: has no room' \
	'^false$' 'status = "disabled"' '^reason: publishing failed' '!memory-region' '!nor could'
want 'a published tree without room does not keep an enabled GPU' stale '^gpuas: no GPU for the OS, bring-up failed: ' \
	'^false$' '!compatible = "gpuas,qemu-virt-gpu"'
want 'following the advice helps' advice '^check device tree against memory: ok$' '!^gpuas:'

#
# Booting: what U-Boot itself does with a tree, and what is left when the OS starts
#

# A kernel that switches the machine off (PSCI), as an image that can be booted in steps
{
	printf '\020\000\000\024\000\000\000\000\000\000\000\000\000\000\000\000'	# b .+64; at 0
	printf '\000\020\000\000\000\000\000\000\010\000\000\000\000\000\000\000'	# 4 KiB; anywhere
	head -c 24 /dev/zero
	printf 'ARM\144\000\000\000\000'
	printf '\000\001\200\122\000\200\260\162\002\000\000\324'	# SYSTEM_OFF; hvc #0
} >"$run/u-boot-os.bin"
"$O/u-boot/tools/mkimage" -A arm64 -O linux -T kernel -C none -a 60000000 -e 60000000 \
	-d "$run/u-boot-os.bin" "$run/u-boot-os.img" >/dev/null
os=(-device "loader,file=$run/u-boot-os.img,addr=0x44000000,force-raw=on")
# prepare TREE: all but the start, so that the tree can be looked at, which then is the working one
prepare() {
	printf 'bootm start 44000000 - %s; bootm loados; bootm fdt; bootm prep && echo prepared' "$1"
}
in_place='setenv fdt_high ffffffffffffffff'
lost='^gpuas: the OS.s device tree does not have the GPU, which is stopped: node gpuas,qemu-virt-gpu: is '

boot boot "echo @@ prep; $tree; $(prepare 48000000); echo @@ tree; fdt print /gpuas-gpu; gpuas check; gpuas info
 echo @@ first; bdinfo; echo @@ stray; fdt addr 48000000; fdt print /gpuas-gpu || echo false
 echo @@ second; fdt mknode / gpuas-gpu; fdt set /gpuas-gpu compatible gpuas,qemu-virt-gpu
 fdt set /gpuas-gpu status fail; gpuas publish || echo false; fdt print /gpuas-gpu; fdt rsvmem print; $look_at_parts
 echo @@ kept; bdinfo; echo @@ still; gpuas info; gpuas check 4f000000 || echo false; echo @@ go; bootm go" "${os[@]}"
want 'booting publishes, without a word' prep '^prepared$' '!gpuas'
want 'in the tree that is booted' tree 'memory-region-names = "ttbs", ' '^check device tree against memory: ok$' \
	'^device tree: published, at 0x[0-9a-f]+$'
want 'and in no other' stray '^false$'
want 'a second tree that cannot be published says so, and has no GPU' second \
	'^gpuas: no GPU for the OS, publishing failed: GPU node: .*; the one that was published before still has it$' \
	'^false$' '!memory-region' '^    5.00000000[0-9a-f]{8}.0000000000010000$' '^cpu@1 fail$' '^smmu disabled$'
same_reserved 'the memory of the first is not given back' first kept
want 'which can still be booted: the firmware runs' still '^firmware: runs' '^device tree: published, at 0x[0-9a-f]+$'
starts() {
	sed -n '/^@@ go/,$p' "$log"
}
if starts | grep -q '^Starting kernel' && ! starts | grep -q '^gpuas'; then
	echo 'ok - the OS that has the first tree is started without a word'
else
	echo 'not ok - the OS that has the first tree is started without a word'
fi

# What ends a boot has no section after it.
last() {
	local name=$1
	shift
	judge "$(starts)" '^Starting kernel' "$@" && echo "ok - $name" || echo "not ok - $name"
}
other_tree="fdt move \${fdtcontroladdr} 49000000 110000; fdt mknode / gpuas-gpu
 fdt set /gpuas-gpu compatible gpuas,qemu-virt-gpu; fdt set /gpuas-gpu status fail"
boot second "$tree; $(prepare 48000000); $other_tree; echo @@ prep; $(prepare 49000000); fdt rsvmem print; echo @@ go; bootm go" "${os[@]}"
want 'an OS can be booted with the second' prep '^gpuas: no GPU for the OS, publishing failed: ' '^prepared$' \
	'^    5.00000000[0-9a-f]{8}.0000000000010000$'
last 'and gets no live GPU' "$lost"

# A second tree that has no room, and then has: exactly as the sentence says; or not even room for the list
# of what the firmware uses, of which five of six would fit
beside=$(sed s/4800000/4900000/g <<<"$tree") tight=$(shrink 58 | sed s/4800000/4900000/g)
boot later "$tree; gpuas publish; $(shrink 0 | sed s/4800000/4900000/g); fdt resize 60; echo @@ none
 gpuas publish 49000000 || echo false; fdt rsvmem print; fdt resize 4000; echo @@ room; gpuas publish 49000000 && echo true
 gpuas check 49000000; fdt rsvmem print; echo @@ two; $beside; fdt mknode / gpu@1
 fdt set /gpu@1 compatible gpuas,qemu-virt-gpu; fdt set /gpu@1 status disabled; fdt mknode / gpuas-gpu
 fdt set /gpuas-gpu compatible gpuas,qemu-virt-gpu; $(exact | sed s/4800000/4900000/g); gpuas publish 49000000 || echo false
 echo @@ told; gpuas start; fdt resize 4000; gpuas publish 49000000 && echo true; gpuas check 49000000; fdt print /gpu@1 status
 echo @@ tight; $tree; gpuas publish; $tight; gpuas publish 49000000 || echo false; fdt rsvmem print; echo @@ info; gpuas info"
want 'a second tree without room has what the firmware uses in its list' none \
	'^gpuas: no GPU for the OS, publishing failed: device tree: has no room, .*; the one that was published before still has it$' \
	'^false$' '^    5.00000000[0-9a-f]{8}.0000000000010000$'
want 'with room, it is published, and that is gone' room '^true$' '^check device tree against memory: ok$' '!^gpuas' \
	'!^    [0-5].00000000[0-9a-f]{8}.0000000000010000$'
want 'of two GPUs, the one that was on is disabled without room' two '^gpuas: no GPU for the OS, .*has no room' '^false$'
want 'and is the one that is published with room' told '^true$' '^check device tree against memory: ok$' '!^gpuas: no' \
	'status = "disabled"'
want 'without room for that list, the firmware is stopped, and the sentence says for whom' tight \
	"^gpuas: no GPU for the OS, publishing failed: device tree: has no room, .*; nor was there room to keep the firmware.s memory from the OS: it was stopped, also for the tree that was published before; $stop" \
	'^false$' '!^    [0-5].00000000[0-9a-f]{8}.0000000000010000$'
want 'info knows why' info '^reason: the firmware was stopped: a device tree had no room to keep its memory from the OS$'

boot skip "setenv skip_board_fixup 1; $tree; echo @@ prep; $(prepare 48000000); gpuas check; echo @@ place
 setenv skip_board_fixup; $in_place; $tree; $(prepare 48000000); gpuas check 48000000
 echo @@ odd; $tree; cp.b 48000000 4a000004 10000; $(prepare 4a000004) || echo refused; echo @@ oddtree
 cp.b 4a000004 4b000000 10000; fdt addr 4b000000; fdt print /gpuas-gpu || echo no GPU; echo @@ go; bootm go" "${os[@]}"
want 'skip_board_fixup has no say' prep '^prepared$' '^check device tree against memory: ok$'
want 'with fdt_high, the tree is published in place' place '^prepared$' '^check device tree against memory: ok$'
if [ -n "$(section oddtree)" ]; then
	want 'a tree in an odd place is refused, by U-Boot or with one sentence' odd \
		'^gpuas: no GPU for the OS, publishing failed: device tree: .*align'
	want 'and not half written' oddtree '^no GPU$'
else
	grep -q '^Could not find a valid device tree$' "$log" && echo 'ok - a tree in an odd place is refused by U-Boot' ||
		echo 'not ok - a tree in an odd place is refused by U-Boot'
fi

# U-Boot keeps five trees in mind and tells nobody of a sixth
many="$in_place; $tree"
for at in 49 4a 4b 4c 4d; do
	many="$many; fdt move \${fdtcontroladdr} ${at}000000 110000"
done
some="$(prepare 49000000); $(prepare 4a000000); $(prepare 4b000000); $(prepare 4c000000)"
boot many "$many; $some; echo @@ prep; $(prepare 48000000); fdt print /gpuas-gpu || echo no GPU; echo @@ go; bootm go" "${os[@]}"
want 'U-Boot does not say of each tree that it is booted' prep '^Too many registered device trees' '^prepared$' '^no GPU$'
last 'an OS whose tree was not published gets no live GPU' "$lost"
# Where a tree lies tells nothing of what is in it
unprepared="$tree; bootm start 44000000 - 48000000; bootm loados; bootm fdt; bootm go"
boot fresh "$in_place; $tree; $(prepare 48000000); echo @@ check; gpuas check; echo @@ go; $unprepared" "${os[@]}"
want 'a tree is published in place' check '^check device tree against memory: ok$'
last 'an OS that gets a fresh one in its place gets no live GPU' "$lost"
boot copied "$in_place; $tree; gpuas publish; cp.b 48000000 49000000 110000; echo @@ go; bootm start 44000000 - 49000000
 bootm loados; bootm fdt; bootm go" "${os[@]}"
last 'one that gets a copy has a live GPU' '!gpuas'
machine "$O" "$run/firmware-hangs.bin"
boot never "$many; $some; echo @@ prep; $(prepare 48000000); echo @@ go; bootm go" "${os[@]}"
last 'nor is it started beside firmware that does not stop' '^gpuas: the firmware does not stop, and may write'
boot never-fresh "$in_place; $tree; $(prepare 48000000); echo @@ rsv; fdt rsvmem print; echo @@ go; $unprepared" "${os[@]}"
want 'a tree keeps an OS off the memory' rsv '^    5.00000000[0-9a-f]{8}.0000000000010000$'
last 'a fresh one in its place does not' '^gpuas: the firmware does not stop, and may write'
machine "$O"

#
# EFI: what an OS learns of RAM from U-Boot, not from the tree; and boots that come back
#

# efi_type SECTION ADDRESS SIZE: of which type EFI says that a range is; nothing if it says so of no part
efi_type() {
	local type range first last
	while read -r type range _; do
		first=$((0x${range%-*})) last=$((0x${range#*-} - 1))
		[ $(($2)) -lt "$first" ] || [ $(($2 + $3 - 1)) -gt "$last" ] || echo "$type"
	done < <(section "$1" | sed -nE 's/^([A-Z][A-Z ]*[A-Z]) +([0-9a-f]{16}-[0-9a-f]{16}) .*/\1 \2/; t a; b; :a; s/ ([A-Z])/-\1/g; p')
}
# efi_says TEST TYPE SECTION [ADDRESS SIZE]...
efi_says() {
	local name=$1 type=$2 where=$3 of bad=''
	shift 3
	[ $# -gt 0 ] || bad='no region'
	while [ $# -gt 1 ]; do
		of=$(efi_type "$where" "$1" "$2")
		[ "$of" = "$type" ] || bad="$bad $1:$of"
		shift 2
	done
	[ -z "$bad" ] && echo "ok - $name" || { echo "not ok - $name"; echo "# $log, $where: no $type:$bad" >&2; }
}
regions() {
	section "$1" | awk '$2 ~ /^0x/ && $3 ~ /K$/ { print $2, $3 * 1024 }'
}
efi_os=(-device "loader,file=$O/test/efi-exit.bin,addr=0x46000000,force-raw=on")
efi_boot='bootefi 46000000:1200'

boot efi "echo @@ info; gpuas info; $tree; $(prepare 48000000); echo @@ before; efidebug memmap
 echo @@ hello; bootefi hello \${fdtcontroladdr} && echo back; echo @@ memmap; efidebug memmap
 echo @@ go; $efi_boot \${fdtcontroladdr}; echo @@ back" "${efi_os[@]}" "${os[@]}"
want 'EFI applications run, and come back' hello '^Hello, world!' '^back$'
# shellcheck disable=SC2046 # pairs
efi_says 'EFI gives the regions to nobody, and Linux finds them to be RAM' BOOT-DATA before $(regions info)
# shellcheck disable=SC2046
efi_says 'so it stays' BOOT-DATA memmap $(regions info)
went() {
	local name=$1 text
	shift
	text=$(sed -n '/^@@ go/,$p' "$log")
	[ -n "$text" ] && ! grep -q '^@@ back' <<<"$text" && judge "$text" "$@" && echo "ok - $name" || echo "not ok - $name"
}
went 'an OS that EFI boots with the tree has a live GPU, whatever was tried before' '^Booting ' '!gpuas'

boot efi-other "echo @@ info; gpuas info; $tree; $(prepare 48000000); $other_tree; echo @@ hello; bootefi hello 49000000
 echo @@ memmap; efidebug memmap" "${os[@]}"
want 'EFI may get the second tree' hello '^gpuas: no GPU for the OS, publishing failed: .*; the one that was published before still has it$'
# shellcheck disable=SC2046
efi_says 'to which the regions of the first are no RAM' RESERVED memmap $(regions info)

# After these, and one more, U-Boot keeps no tree in mind
two="$in_place; $tree; for i in 9 a b; do fdt move \${fdtcontroladdr} 4\${i}000000 110000; done
 $(prepare 49000000); $(prepare 4a000000)"
boot efi-back "$tree; echo @@ hello; bootefi hello 48000000; echo @@ go; $(prepare 48000000); gpuas check; bootm go; echo @@ back" "${os[@]}"
went 'nor does EFI that came back harm an OS that is booted otherwise' '^check device tree against memory: ok$' \
	'^Starting kernel' '!gpuas:'
boot efi-stray "$two; echo @@ hello; bootefi hello 4b000000; gpuas info; echo @@ prep; $(prepare 48000000)
 echo @@ go; bootm go; echo @@ back" "${os[@]}"
want 'EFI comes back with a tree that was published' hello '^Hello, world!' '^device tree: published, at 0x0*[57]'
want 'and U-Boot says nothing of the next' prep '^Too many registered device trees' '^prepared$'
went 'whose OS gets no live GPU' '^Starting kernel' "$lost"
boot stray-efi "$two; $(prepare 4b000000); gpuas info; echo @@ go; $efi_boot 48000000; echo @@ back" "${os[@]}" "${efi_os[@]}"
went 'nor does one that EFI boots after another way was tried' '^Too many registered device trees' "$lost"

#
# Snapshots: a file that says what is in memory, here and when there is no GPU for the OS
#

core=$run/u-boot-snapshot.core
rm -f "$core" "$run/u-boot-snapshot.ram"
mformat -C -i "$run/u-boot-snapshot.img" -T 65536 ::
boot snapshot "echo @@ info; gpuas info; echo @@ small; gpuas snapshot 50000000 1000 || echo false; gpuas snapshot 50000000 48000 || echo false
 echo @@ nowhere; gpuas snapshot 0 1000000 || echo false; echo @@ used; gpuas snapshot $(hex text-0x1000) 1000000 || echo false
 echo @@ tail; crc32 $(hex shared) 1000; gpuas snapshot $(hex shared-0x200800) 200c00 || echo false; crc32 $(hex shared) 1000
 echo @@ usage; gpuas snapshot 50000000 || echo false
 echo @@ take; gpuas snapshot 50000000 1000000 && save virtio 0 50000000 core \${filesize} && echo true" \
	-drive "if=none,id=d,format=raw,file=$run/u-boot-snapshot.img" -device virtio-blk-device,drive=d \
	-machine memory-backend=ram -object "memory-backend-file,id=ram,size=1G,mem-path=$run/u-boot-snapshot.ram,share=on"
want 'a snapshot says how large it is, and how it is saved' take \
	'^gpuas: snapshot at 0x50000000: 0x[0-9a-f]+ bytes, 1 spaces, [1-9][0-9]* extents, 0 findings$' \
	'^gpuas: to save it, for one: save mmc 0:1 50000000 gpuas.core [0-9a-f]+$' ' bytes written in ' '^true$'
want 'it needs room' small '^gpuas: a snapshot takes at least 0x[0-9a-f]+ bytes besides the file$' '^false$' \
	'^gpuas: there is room for 0x[0-9a-f]+ bytes, the list alone has 0x[0-9a-f]+$' '^false$'
want 'which is RAM' nowhere '^gpuas: not all of 0x1000000 bytes at 0x0 is RAM;' '^false$'
want 'and in use by nobody' used '^gpuas: some of 0x1000000 bytes at 0x[0-9a-f]+ is in use;' '^false$'
want 'to the last byte, wherever it begins' tail '^gpuas: some of 0x200c00 bytes at 0x[0-9a-f]+ is in use;' '^false$'
want 'without a size it gets the usage' usage '^Usage:$' '^false$'
section info | awk '$2 ~ /^0x/ && $3 ~ /K$/ { sub(/K/, "", $3); printf "%s %s 0x%x\n", $1, $2, $3 * 1024 }' >"$run/u-boot-snapshot.regions"
boot snapshot-stopped 'gpuas stop; echo @@ stopped; gpuas snapshot 50000000 1000000 || echo false'
want 'once stopped, there is nothing' stopped '^gpuas: there is nothing to take a snapshot of, stopped by hand$' '^false$'
mcopy -n -i "$run/u-boot-snapshot.img" ::core "$core"
"$O/test/outside-core" "$core" "$run/u-boot-snapshot.ram" "$O/firmware/firmware.bin" "$run/u-boot-snapshot.regions" 0 live ||
	echo 'not ok - the snapshot can be read'
rm -f "$run/u-boot-snapshot.ram"

#
# Other machines
#

dtb=$run/u-boot-virt.dtb
"${machine[@]}" -machine dumpdtb="$dtb" -m 1G >/dev/null 2>&1 </dev/null
other() {	# FILE COMPATIBLE...
	cp "$dtb" "$1" && fdtput -t s "$1" / compatible "${@:2}"
}
reserve() {	# FILE NODE ADDRESS SIZE
	fdtput -p -c "$1" "/reserved-memory/$2@$3" &&
		fdtput -t x "$1" "/reserved-memory/$2@$3" reg $(hex 0x$3 / 0x100000000) $(hex 0x$3 % 0x100000000) 0 "$4"
}
other "$run/u-boot-none.dtb" no,machine
boot none "echo @@ info; gpuas info || echo false; echo @@ check; gpuas check || echo false
 $tree; crc32 48000000 4000 44f00000; echo @@ hook; $(prepare 48000000); fdt print /gpuas-gpu || echo false" \
	"${os[@]}" -dtb "$run/u-boot-none.dtb"
want 'an unknown machine: the command says so' info '^gpuas: the library knows no board of this machine' '^false$'
want 'an unknown machine: check, too' check '^gpuas: the library knows no board of this machine' '^false$'
want 'an unknown machine: the tree is left alone' hook '^prepared$' '^false$' '!gpuas:'
grep -q '^gpuas:' <(sed '/^@@ info/,$d' "$log") && echo 'not ok - an unknown machine: bring-up is silent' ||
	echo 'ok - an unknown machine: bring-up is silent'

# apple_tree FILE STATUS TTBS PAGETABLES HANDOFF
apple_tree() {
	other "$1" vendor,board apple,t8103
	reserve "$1" uat-ttbs "$3" 4000
	reserve "$1" uat-pagetables "$4" 4000
	reserve "$1" uat-handoff "$5" 4000
	fdtput -t x "$1" /reserved-memory '#address-cells' 2
	fdtput -t x "$1" /reserved-memory '#size-cells' 2
	fdtput "$1" /reserved-memory ranges
	fdtput -c "$1" /gpu && fdtput -t s "$1" /gpu compatible apple,agx-g13g && fdtput -t s "$1" /gpu status "$2"
}
apple=$run/u-boot-apple.dtb
apple_tree "$apple" disabled 50000000 50010000 50020000
stays='^gpuas: the device tree stays as the previous stage left it'
look='echo @@ info; gpuas info; echo @@ tree'
look="$look; $tree; gpuas publish; fdt print /gpu; echo @@ check; gpuas check"
boot adopt "$look; echo @@ load; load virtio 0 50010000 file || echo false
 echo @@ limit; gpuas stop; gpuas start 60000000 || echo false; gpuas start && echo true" -dtb "$apple" "${disk[@]}"
want 'regions of the previous stage are taken over' info '^bring-up: built, board apple-t8103' \
	'^ttbs +0x00050000000 +16K' '^pagetables +0x00050010000 +16K' '^handoff +0x00050020000 +16K' \
	'^hw-cal-a +absent$' '^root: 0x50010000$'
want 'the GPU is linked to them and enabled' tree 'memory-region-names = "ttbs", "pagetables", "handoff";' \
	'status = "okay";' '!gpuas'
want 'check takes them' check '^check memory: ok$' '^check device tree against memory: ok$' '!FAILED'
want 'they are protected from loads' load 'would overwrite reserved memory' '^false$'
want 'LIMIT makes no sense for them' limit '^gpuas: stopped, memory stays as the previous stage' \
	'^gpuas: this board takes over' '^false$' '^true$'
cp "$apple" "$run/u-boot-okay.dtb" && fdtput -t s "$run/u-boot-okay.dtb" /gpu status okay
fdtput "$run/u-boot-okay.dtb" /reserved-memory/uat-ttbs@50000000 no-map
boot okay "$tree; echo @@ sum; crc32 48000000 4000; echo @@ publish; gpuas publish || echo false; echo @@ sum2; crc32 48000000 4000
 echo @@ prep; $(prepare 48000000); fdt print /gpu" "${os[@]}" -dtb "$run/u-boot-okay.dtb"
want 'what cannot be taken over is said' publish "$stays, bring-up failed: region ttbs: has no-map" '^false$'
same 'and a tree that worked is left as it was' sum sum2
want 'also by booting' prep "$stays" '^prepared$' 'status = "okay"' '!memory-region'

# A snapshot has what was found all the same. Root, two tables, and a page, which are in no order.
boot found "mw.q 50010000 50104003; mw.q 50104000 50100003; mw.q 50100000 50200c03; mw.q 50200000 6770756173
 mw.q 50010010 4d001; gpuas info; echo @@ found; gpuas snapshot 60000000 1000000 && echo true
 save virtio 0 60000000 found \${filesize}" -dtb "$run/u-boot-okay.dtb" \
	-drive "if=none,id=d,format=raw,file=$run/u-boot-snapshot.img" -device virtio-blk-device,drive=d
want 'after a failed adoption, a snapshot has what was found' found '^finding: VA 0x' \
	'^gpuas: snapshot at 0x60000000: 0x[0-9a-f]+ bytes, [1-9] spaces, [1-9][0-9]* extents, [1-9][0-9]* findings$' '^true$'
rm -f "$core" && mcopy -n -i "$run/u-boot-snapshot.img" ::found "$core"
readelf -lnW "$core" 2>/dev/null >"$core.readelf"
offset=$(awk '$1 == "LOAD" && $4 == "0x0000000050200000" { print $2; exit }' "$core.readelf")
if [ -n "$offset" ] && [ "$(od -An -tx8 -j $((offset)) -N 8 "$core")" = ' 0000006770756173' ]; then
	echo 'ok - with the page that the tables lead to'
else
	echo 'not ok - with the page that the tables lead to'
fi

# As on an M1: a bank that U-Boot neither counts nor maps (its map of this machine ends at 256G). It is a
# memory module in a place of our choice, which must not push the PCI bus away; and is one in the tree once
# U-Boot has counted.
taken='regions that U-Boot has not mapped are mapped and taken over'
far=(-object memory-backend-ram,id=dimm,size=1G -device pc-dimm,id=far,memdev=dimm,addr=0x4040000000
	-machine highmem-ecam=off,highmem-mmio=off)
dtb=$run/u-boot-virt-far.dtb far_ram='-m 1G,slots=1,maxmem=300G'
# shellcheck disable=SC2086 # several words
if "${machine[@]}" $far_ram "${far[@]}" -machine dumpdtb="$dtb" >/dev/null 2>&1 </dev/null; then
	apple_tree "$run/u-boot-far.dtb" okay 4040000000 4040010000 50020000
	# Any name but memory@, which QEMU makes itself
	fdtput -c "$run/u-boot-far.dtb" /bank@4040000000
	fdtput -t s "$run/u-boot-far.dtb" /bank@4040000000 device_type module
	fdtput -t x "$run/u-boot-far.dtb" /bank@4040000000 reg 40 40000000 0 40000000
	ram=$far_ram boot far "echo @@ before; gpuas info; fdt addr \${fdtcontroladdr}
		fdt set /bank@4040000000 device_type memory; gpuas start; $look
		echo @@ before; efidebug memmap; echo @@ hello; bootefi hello 48000000; echo @@ memmap; efidebug memmap" "${far[@]}" -dtb "$run/u-boot-far.dtb"
	want 'regions outside all RAM are the fault of the previous stage' before \
		'^reason: bring-up failed: region ttbs: is not in /memory, as the previous stage left it$'
	want "$taken" info '^bring-up: built, board apple-t8103' \
		'^ttbs +0x04040000000 +16K' '^handoff +0x00050020000 +16K' '^root: 0x4040010000$'
	want 'and published' tree 'memory-region-names = "ttbs", "pagetables", "handoff";' 'status = "okay"' '!gpuas'
	want 'and judged' check '^check memory: ok$' '^check device tree against memory: ok$' '!FAILED'
	efi_says 'EFI knows nothing of that bank' '' memmap 0x4040004000 0x1000 0x4040100000 0x1000
	efi_says 'but of the regions in it, which are taken' BOOT-DATA before 0x4040000000 0x4000 0x4040010000 0x4000
	efi_says 'and stay so when a tree is booted' BOOT-DATA memmap 0x4040000000 0x4000 0x4040010000 0x4000
else
	echo "ok - $taken # SKIP this QEMU has no highmem-ecam="
fi
dtb=$run/u-boot-virt.dtb

# An M1, moved to where this machine's RAM starts: RAM, and behind it ranges that are the GPU's regions, one
# of them in two halves; of all these, this U-Boot keeps the first only. QEMU rewrites /memory, so a first U-Boot starts the second, on
# a tree of ours.
m1=$run/u-boot-m1.dtb
m1_where=(23e428000:4000 23e3e8000:40000 23e3e4000:4000 23c4dc000:4000 23c4e0000:8000 23c4e8000:4000)
m1_tree() {
	local i names=(uat-ttbs uat-pagetables uat-handoff hw-cal-a hw-cal-b globals)
	other "$1" vendor,board apple,t8103
	fdtput -t x "$1" /memory@40000000 reg 0 40000000 1 fc4dc000 2 3c4dc000 0 4000 2 3c4e8000 0 4000 \
		2 3e408000 0 20000 2 3c4e0000 0 8000 2 3e3e4000 0 4000 2 3e3e8000 0 20000 2 3e428000 0 4000
	for i in 0 1 2 3 4 5; do
		reserve "$1" "${names[i]}" "${m1_where[i]%:*}" "${m1_where[i]#*:}"
	done
	fdtput -t x "$1" /reserved-memory '#address-cells' 2
	fdtput -t x "$1" /reserved-memory '#size-cells' 2
	fdtput "$1" /reserved-memory ranges
	fdtput -c "$1" /gpu && fdtput -t s "$1" /gpu compatible apple,agx-g13g && fdtput -t s "$1" /gpu status okay
}
m1_tree "$m1"
other "$run/u-boot-first.dtb" no,machine
"$O/u-boot/tools/mkimage" -A arm64 -O linux -T kernel -C none -a 60000000 -e 60000000 \
	-d "$O/test/previous-stage.bin" "$run/u-boot-previous.img" >/dev/null
script="echo @@ banks; bdinfo; echo @@ info; gpuas info; $tree; echo @@ prep; $(prepare 48000000)
 echo @@ tree; fdt print /gpu; fdt print /memory@40000000; echo @@ check; gpuas check
 echo @@ before; efidebug memmap; echo @@ hello; bootefi hello \${fdtcontroladdr}; echo @@ memmap; efidebug memmap"
printf 'gpuas_boot=%s; echo @@ end; poweroff\n' "${script//$'\n'/;}" >"$run/u-boot-second.env"
ram='-m 8G' boot m1 "$tree; cp.b 4e000000 4f000000 1000; bootm 45000000 - 48000000" -dtb "$run/u-boot-first.dtb" \
	"${os[@]}" -device "loader,file=$run/u-boot-previous.img,addr=0x45000000,force-raw=on" \
	-device "loader,file=$run/u-boot-second.env,addr=0x4e000000,force-raw=on" \
	-device "loader,file=$m1,addr=0x4a000000,force-raw=on"
want 'an M1: U-Boot keeps the first of its eight ranges' banks 'start += 0x0*40000000$' 'size += 0x0*1fc4dc000$' \
	'memory\[0\].*-0x23c4dbfff\]' '!> start += 0x0*2' '!memory\[1\]'
want 'its regions are taken over' info '^bring-up: built, board apple-t8103' '^ttbs +0x0023e428000 +16K' \
	'^pagetables +0x0023e3e8000 +256K' '^handoff +0x0023e3e4000 +16K' '^hw-cal-a +0x0023c4dc000 +16K' \
	'^hw-cal-b +0x0023c4e0000 +32K' '^globals +0x0023c4e8000 +16K' '^root: 0x23e3e8000$'
want 'its GPU stays enabled, with all of them' tree '"ttbs", "pagetables", "handoff", "hw-cal-a", "hw-cal-b", "globals";' \
	'status = "okay";' '!gpuas:'
want 'without a word' prep '^prepared$' '!gpuas'
want 'and /memory has them again, in two ranges' tree \
	'reg = <0x0*0 0x40000000 0x0*1 0xfc4ec000 0x0*2 0x3e3e4000 0x0*0 0x0*48000>;'
want 'check has nothing to say' check '^check memory: ok$' '^check device tree against memory: ok$' '!FAILED'
# shellcheck disable=SC2046
efi_says 'EFI has RAM there, which is taken' BOOT-DATA memmap $(regions info)

# Apple's next: known by its GPU only
other "$run/u-boot-family.dtb" vendor,board apple,t9999
fdtput -c "$run/u-boot-family.dtb" /gpu && fdtput -t s "$run/u-boot-family.dtb" /gpu compatible apple,agx-g99x
boot family "echo @@ info; gpuas info || echo false; $tree; echo @@ prep; $(prepare 48000000); fdt print /gpu; fdt print /reserved-memory || echo no regions" \
	"${os[@]}" -dtb "$run/u-boot-family.dtb"
said=$(sed '/^@@ /,$d' "$log" | grep -c '^gpuas: unknown SoC, whose GPU is of a known family (apple,agx-g99x): the device tree is left alone$')
[ "$said" = 1 ] && echo 'ok - a GPU of a known family on an unknown SoC: said once' ||
	echo 'not ok - a GPU of a known family on an unknown SoC: said once'
want 'and by info' info '^gpuas: unknown SoC' '^false$'
want 'the tree is left alone' prep '^prepared$' 'apple,agx-g99x' '^no regions$' '!status' '!gpuas'
# One of which no more is known than what it is
other "$run/u-boot-identified.dtb" vendor,board apple,t6040
fdtput -c "$run/u-boot-identified.dtb" /gpu && fdtput -t s "$run/u-boot-identified.dtb" /gpu compatible apple,agx-t6040
boot identified "echo @@ info; gpuas info || echo false; $tree; echo @@ prep; $(prepare 48000000); fdt print /gpu; fdt print /reserved-memory || echo no regions" \
	"${os[@]}" -dtb "$run/u-boot-identified.dtb"
said=$(sed '/^@@ /,$d' "$log" | grep -c '^gpuas: SoC apple-t6040: identified, but not known: regions and contract: the device tree is left alone$')
[ "$said" = 1 ] && echo 'ok - a SoC of which too little is known: said once, with what is missing' ||
	echo 'not ok - a SoC of which too little is known: said once, with what is missing'
want 'and by info' info '^gpuas: SoC apple-t6040: identified, but not known: regions and contract$' '^false$'
want 'its tree is left alone' prep '^prepared$' 'apple,agx-t6040' '^no regions$' '!status' '!gpuas'
printf '\3\0\0\120\0\0\0\0' >"$run/u-boot-slot.bin"
boot stale "$look" -dtb "$apple" -device "loader,file=$run/u-boot-slot.bin,addr=0x50010010,force-raw=on"
want 'a stale slot in taken-over tables stops bring-up' info '^bring-up: nothing' \
	'^reason: bring-up failed: root slot: the host.s window is not empty, slot 2 contains 0x50000003$'
want 'and leaves the GPU as it was' tree "$stays, bring-up failed: root slot" 'status = "disabled";' \
	'!memory-region'
cp "$apple" "$run/u-boot-nomap.dtb" && fdtput "$run/u-boot-nomap.dtb" /reserved-memory/uat-handoff@50020000 no-map
boot nomap "$look" -dtb "$run/u-boot-nomap.dtb"
want 'no-map of the previous stage stops bring-up' info \
	'^reason: bring-up failed: region handoff: has no-map'
apple_tree "$run/u-boot-part.dtb" disabled 50000000 50010000 50020000
reserve "$run/u-boot-part.dtb" part 50012000 1000
fdtput "$run/u-boot-part.dtb" /reserved-memory/part@50012000 no-map
boot part "$look" -dtb "$run/u-boot-part.dtb"
want 'so does that of a part of a region' info '^reason: bring-up failed: region pagetables: has no-map'
apple_tree "$run/u-boot-half.dtb" disabled 7fffc000 50010000 50020000
fdtput -t x "$run/u-boot-half.dtb" /reserved-memory/uat-ttbs@7fffc000 reg 0 7fffc000 0 8000
boot half "$look" -dtb "$run/u-boot-half.dtb"
want 'nor may a region begin in RAM only' info \
	'^reason: bring-up failed: region ttbs: is not in /memory, as the previous stage left it$'

ram="-m 8G" boot big "echo @@ info; gpuas info; echo @@ check; $tree; gpuas publish; gpuas check && echo true
 echo @@ print; fdt print /reserved-memory; echo @@ walk; gpuas walk ffffff8000000000"
want 'with 8G, regions are beyond 4G' info '^bring-up: built' '^ttbs +0x0023[0-9a-f]+0000 '
want 'check takes them there' check '^check device tree against memory: ok$' '^true$' '!FAILED'
want 'so do the cells of the tree' print 'reg = <0x00000002 0x3[0-9a-f]+0000 0x00000000 0x00010000>;'
