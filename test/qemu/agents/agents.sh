#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# agents.sh DIR: driver and firmware, on two CPUs, lose nothing under the lock; without it, and
# without its full barrier, they do: a control is repeated until it has, or the lock would have shown
# nothing. Prints TAP.
set -u
# shellcheck source=test/qemu/walk/qemu.sh
. "${0%/*}/../walk/qemu.sh"
dir=$1
rounds=1000000 changes=20000 flushes=2000 batches=20

# Two CPUs that take turns on one of the host's never see each other's stores late.
why=
[ "$(nproc)" -ge 2 ] || why='one host core only'
timeout 600 qemu-system-aarch64 -M none -accel tcg,thread=multi -nodefaults -display none \
	-monitor stdio <<<quit >/dev/null 2>&1 || why='QEMU cannot run each CPU in a thread of its own'
if [ -n "$why" ]; then
	for what in 'the lock' 'control without lock' 'control without barrier'; do
		echo "ok - two agents: $what # SKIP $why"
	done
	exit
fi

# run IMAGE: one batch; its figures are in $log
run() {
	log=$dir/$1.log
	WALK_TIMEOUT=1200 qemu max "$dir/$1.elf" -M virt -m 256 -smp 2 -accel tcg,thread=multi >"$log"
}

# says REGEX: one line, all of it
says() {
	[ "$(grep -cxE "$1" "$log")" -eq 1 ]
}

# want NAME REGEX
want() {
	if says "$2"; then
		echo "ok - with the lock: $1"
	else
		echo "not ok - with the lock: $1 (no line is '$2')"
	fi
}

# Where the host's scheduler ran one after the other all the time, there was nothing to lose.
apart() {
	! says "host: $rounds rounds, waited in $met" || ! says "firmware: $rounds rounds, waited in $met"
}

met='[1-9][0-9]{3,}' batch=1
while run lock; rc=$?; [ $rc -eq 0 ] && [ $batch -lt $batches ] && apart && says 'counter: .* 0 lost'; do
	batch=$((batch + 1))
done
echo "# with the lock: batch $batch"
sed 's/^/# with the lock: /' "$log"
[ $rc -eq 0 ] && echo 'ok - with the lock: the image came to its end' ||
	echo "not ok - with the lock: the image came to its end (status $rc: $(tail -n 1 "$log"))"
for agent in host firmware; do
	want "the $agent counts its own $rounds rounds, thousands of them beside the other" \
		"$agent: $rounds rounds, waited in $met"
	want "the $agent's flushes are all answered, and right" "$agent: $flushes flushes, 0 wrong"
	want "nothing of the $agent's is refused in the shared tree" \
		"$agent: [0-9]+ maps, [0-9]+ unmaps, 0 refused"
	sum=$(sed -nE "s/^$agent: ([0-9]+) maps, ([0-9]+) unmaps.*/\1 + \2/p" "$log")
	[ $((${sum:-0})) -eq $changes ] && echo "ok - with the lock: $agent: $sum changes" ||
		echo "not ok - with the lock: $agent: $changes changes (and not ${sum:-none})"
done
want "$((2 * rounds)) counted, nothing lost" "counter: $((2 * rounds)), 0 lost"
want 'all pages are in the tree at the end, and no others' \
	'tree: [1-9][0-9]* pages, 0 lost, 0 strange'
want 'all tables of the pool are in the tree' 'tree: ([1-9][0-9]*) tables, \1 of the pool in use'
want 'all tables go back' 'tree: released, 0 of the pool in use'

# control IMAGE NAME TREE: until the counter has lost, and with TREE=1 the tree was hurt as well. Two who
# take the same table at once may hurt what is known of it so that the image ends there: that is a
# batch without figures, and the next one is run.
control() {
	local image=$1 name=$2 counter=0 tree=$((!$3)) batch=0 whole=0 ended=0 figures
	while [ $batch -lt $batches ] && [ $((counter & tree)) -eq 0 ]; do
		batch=$((batch + 1))
		if ! run "$image"; then
			echo "# $name: batch $batch: $(tail -n 1 "$log")"
			says 'not ok - exception: .*' || break
			ended=$((ended + 1))
			continue
		fi
		says "host: $rounds rounds, .*" || break
		says "firmware: $rounds rounds, .*" || break
		whole=$((whole + 1))
		figures=$(grep -E '^(counter|tree):|refused' "$log" | tr '\n' ';')
		echo "# $name: batch $batch: $figures"
		! says 'counter: [0-9]+, [1-9][0-9]* lost' || counter=1
		says '.* pages, 0 lost, 0 strange' || tree=1
	done
	if [ $whole -gt 0 ] && [ $((whole + ended)) -eq $batch ]; then
		echo "ok - $name: both did their $rounds rounds in $whole of $batch batches, the others ended by exceptions"
	else
		echo "not ok - $name: both did their $rounds rounds in $whole of $batch batches, $ended ended by exceptions"
	fi
	[ $counter -eq 1 ] && echo "ok - $name: counts are lost" ||
		echo "not ok - $name: counts are lost (in none of $batch batches)"
	[ "$3" -eq 0 ] || { [ $tree -eq 1 ] && echo "ok - $name: pages are lost"; } ||
		echo "not ok - $name: pages are lost (in none of $batch batches)"
}
control no-lock 'control without lock' 1
control no-barrier 'control without barrier' 0
