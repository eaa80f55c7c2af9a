#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# outside.sh O DUMP CLOSED: a machine whose RAM is a file is switched off with mappings live; afterwards
# DUMP, the host's build of the library, finds in that file what Linux saw last, and so does the tool,
# in that file, in QEMU's core of the machine, and in the dumps that the driver made. Prints TAP.
set -eu
o=$1 dump=$2 closed=$3
log=$o/test/outside.log
ram=$o/test/outside.ram vmcore=$o/test/outside.vmcore
mkdir -p "$o/test"
rm -f "$ram" "$vmcore" "$log.monitor".*
trap 'rm -f "$ram" "$vmcore" "$log.initrd" "$log.monitor".*' EXIT
cat "$o/linux/6.12/initrd.gz" "$o/guest/user.cpio.gz" >"$log.initrd"
: >"$log"

# When the guest has switched itself off, the machine waits for someone to have a look at it.
mkfifo "$log.monitor.in" "$log.monitor.out"
board/qemu-virt/run.sh -O "$o" -k 6.12 -p booti -i "$log.initrd" -l "$log" \
	-a 'gpuas.test=keep gpuas.mib=8' -- -action shutdown=pause \
	-chardev "pipe,id=monitor,path=$log.monitor" -mon chardev=monitor \
	-machine memory-backend=ram -object "memory-backend-file,id=ram,size=1G,mem-path=$ram,share=on" &
guest=$!
cat "$log.monitor.out" >"$log.monitor.said" &
exec 3>"$log.monitor.in"
until grep -q '^init: end' "$log" || ! kill -0 $guest 2>/dev/null; do
	sleep 0.2
done
printf '%s\n' stop "dump-guest-memory $vmcore" quit >&3
wait $guest || echo 'not ok - the guest switches itself off'
exec 3>&-

tr -d '\r' <"$log" | sed '1,/^gpuas-dump-begin$/d; /^gpuas-dump-end$/,$d' >"$log.linux"
root=$(tr -d '\r' <"$log" | sed -n 's/.*gpuas: adopted: .* root \(0x[0-9a-f]*\),.*/\1/p')
rc=0
"$dump" "$ram" "${root:-0}" >"$log.host" || rc=$?
lines=$(wc -l <"$log.linux")
leaves=$(grep -c '^0xffffffa' "$log.linux" || true)
if [ "$leaves" -gt 0 ] && grep -q '^init: end' "$log"; then
	echo "ok - Linux dumps $lines lines, $leaves of its own window, and is switched off"
else
	echo "not ok - Linux dumps $lines lines, $leaves of its own window, and is switched off"
fi
if [ "$rc" -eq 0 ] && [ "$leaves" -gt 0 ] && cmp -s "$log.linux" "$log.host"; then
	echo 'ok - in the file that was its RAM, the host finds the same, line by line'
else
	echo "not ok - in the file that was its RAM, the host finds the same (status $rc, see $log.*)"
fi

# Between jobs nobody has the lock, and the SMMU has no context, but the firmware knows the one of a VM.
pas=()
for region in handoff ttbs fw-data shared; do
	pas+=("$(tr -d '\r' <"$log" | sed -n "s/.*gpuas: region $region pa \(0x[0-9a-f]*\) .*/\1/p" | head -n 1)")
done
found=$("$closed" "$ram" "${pas[@]}" || true)
if [ "$found" = 'locks 0 0, 1 contexts bound, stream open, no root loaded, mailbox 0, host slot in use' ]; then
	echo "ok - and there: $found"
else
	echo "not ok - and there: $found"
fi

# The same by the tool, for people
gpuas=$o/host/gpuas
unpack() {
	tr -d '\r' <"$log" | sed "1,/^gpuas-$1-begin\$/d; /^gpuas-$1-end\$/,\$d" | base64 -d | gzip -dc >"$log.$1" || true
}
for part in before after fdt; do
	unpack $part
done
if grep -q '^gpuas-user shots: passed' "$log"; then
	echo 'ok - the driver dumps its GPU by hand, before a job and after it'
else
	echo 'not ok - the driver dumps its GPU by hand, before a job and after it'
fi

# differ NAME WANTED A B ARGUMENT...: what is not the same, but for what the firmware says of itself
differ() {
	local name=$1 wanted=$2 rc=0
	shift 2
	"$gpuas" diff "$@" >"$log.diff" 2>&1 || rc=$?
	python3 -B test/qemu/outside/differ.py <"$log.diff" >"$log.differs"
	if [ "$rc" -le 1 ] && [ -s "$log.diff" ] && [ "$(cat "$log.differs")" = "$wanted" ]; then
		echo "ok - $name"
	else
		echo "not ok - $name: status $rc, $(head -c 300 "$log.differs")"
	fi
}
to=0x0001000050000000 end=0x000100005000bfff
pa=$("$gpuas" walk "$log.after" $to | grep -oE '0x[0-9a-f]{11}\b' | tail -n 1 || true)
differ 'before the job and after it, what it wrote differs, and nothing else' \
	"vm 1 pid N;contents $to-$end user gpu=rw- fw=rw- gl=--- shared" "$log.before" "$log.after"
differ "the driver's dump, and the memory of the machine afterwards, are the same" '' "$log.after" "$ram" --dtb "$log.fdt"
differ "so are its dump, and QEMU's core of the machine" '' "$log.after" "$vmcore" --dtb "$log.fdt"
if [ "$("$gpuas" diff "$ram" "$vmcore" --dtb "$log.fdt" 2>&1)" = 'no difference' ]; then
	echo 'ok - and memory and core of the machine, without exception'
else
	echo 'not ok - and memory and core of the machine, without exception'
fi

# What the job copied: words that are their VA, where they came from
word='00 00 00 40 00 00 00 01'
for file in "$log.after" "$ram" "$vmcore"; do
	with=(--dtb "$log.fdt")
	[ "$file" != "$log.after" ] || with=()
	name=${file##*.}
	if [ "$("$gpuas" check "$file" "${with[@]}" 2>&1)" = 'nothing is wrong' ] &&
		"$gpuas" read "$file" "${with[@]}" $to 16 | grep -q " $word" &&
		"$gpuas" find "$file" "${with[@]}" "$pa" | grep -q "^$to .*, leaf, user\$"; then
		echo "ok - $name: nothing is wrong in it, and the job's words are in it, by VA and by PA"
	else
		echo "not ok - $name: nothing is wrong in it, and the job's words are in it, by VA and by PA"
	fi
done

# One bit of one entry: does the comparison see it? The last table entry of the root's window slots.
offset=$((root - 0x40000000 + 2 * 8))
printf '\000' | dd of="$ram" bs=1 seek="$offset" conv=notrunc status=none
"$dump" "$ram" "$root" >"$log.spoilt" || true
if cmp -s "$log.linux" "$log.spoilt"; then
	echo 'not ok - a spoilt root entry is noticed'
else
	echo 'ok - a spoilt root entry is noticed'
fi
if "$gpuas" diff "$log.after" "$ram" --dtb "$log.fdt" 2>&1 | grep -qE '^  moved +0xffffffa000000000-.* owned 0x[0-9a-f]+, was 0x'; then
	echo 'ok - by the tool, too'
else
	echo 'not ok - by the tool, too'
fi
