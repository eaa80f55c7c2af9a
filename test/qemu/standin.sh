#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# standin.sh O CASE CLOSED: one boot in which the firmware, a user, or the driver does not do what it
# should. Required lines say that the rest goes on, and that nothing is lost. CASE-newest-16k is the same
# with that kernel. Prints TAP.
set -eu
o=$1 name=$2 closed=$3
case $name in
locked-*) ;;
*-newest-16k) KERNEL=newest-16k name=${name%-newest-16k} ;;
esac
log=$o/test/standin-$name${KERNEL:+-$KERNEL}.log
mkdir -p "$o/test"

# The firmware has one of the CPUs.
kernel=6.12 profile=answers user='' loops=2 mib=0 append='' initrd='' ram='' size=1G kept='' silent='' cpus=2 lines=() end=()
# What its memory has to look like, if that is a file; after a GPU that was given up:
memory='locks 1 0, 0 contexts bound, stream closed, '

# What the driver says when the GPU is dead, for whatever reason
dead() {
	lines=(
		"it worked before: gpuas-test: crash: before: error 0, 0 bytes wrong"
		"the driver gives the GPU up, and says why: gpuas: the GPU is dead: $1"
		"it shows what the firmware said last: gpuas: firmware log: $2"
		"it takes lock and SMMU away from the firmware: gpuas: lock taken, contexts unbound, SMMU closed"
		"$3"
		"calls that need it fail, others go on: gpuas-test: crash: VM -5, queue -5, map -5, submit -5; a new file is told of state 1"
		"users keep their memory: gpuas-test: crash: memory: 0 bytes changed"
		"that is all the user has to ask: gpuas-user $user: passed"
		"nothing is left of him: $nothing"
		"the module can be unloaded, the firmware being dead: gpuas: firmware is dead: heartbeat [0-9]+,"
		"$unchanged"
		"round 1 is done: gpuas-round 1 done"
		"loaded again, it refuses a dead firmware: gpuas: not adopted: $4"
		"and can be unloaded: gpuas-round 2 done"
	)
}
nothing='gpuas-usage: 0 contexts, 0 pages, 0 tables, 0 mappings, 0 jobs'
unchanged='no entry of others changed, nothing leaked: gpuas: released: 0 foreign entries changed, host slots 0, 0 tables leaked, 0 pages leaked'
error='the call that has to wait ends with an error: gpuas-test: crash: '
still='firmware: its heartbeat stands still at [0-9]+ .-ETIMEDOUT'

case $name in
locked-6.1)	# Without a render node nobody asks but the driver: the selftest in the upper half
	ram=$o/test/standin-$name.ram kernel=6.1 user=crash:1:selftest
	rm -f "$ram"
	dead '(handoff lock|mailbox): ' 'crashed as told, way 0x1' "${error}selftest: -5" "$still"
	# There are no users who have calls or memory.
	mapfile -t lines < <(printf '%s\n' "${lines[@]}" | grep -vE 'crash: (before|VM|memory)') ;;
locked-*)	# Of all, the one that stops whoever wants the lock
	ram=$o/test/standin-$name.ram
	rm -f "$ram"
	kernel=${name#locked-} user=crash:1:unmap
	dead 'handoff lock: held by the firmware for too long, turn 0x[0-9a-f]+, context 0x0 .-ETIMEDOUT' \
		'crashed as told, way 0x1' "${error}unmap: -5" "$still" ;;
jobs)	kernel=6.12 user=crash:0:jobs
	dead 'mailbox: ' 'crashed as told, way 0x0' \
		'jobs end with an error: gpuas-test: crash: 4 jobs, the last ones are lost' "$still" ;;
abort)	user=crash:2:idle
	dead 'firmware: does not run, its state is 0x4 .-EPROTO.; firmware: state 4, error -14' \
		'an exception was taken' "${error}idle: -5" 'firmware: does not run, its state is 0x4' ;;
hang)	kernel=6.12 user=crash:0:idle
	dead "$still" 'crashed as told, way 0x0' "${error}idle: -5" "$still" ;;
garbage) user=crash:3:unmap
	dead 'handoff lock_fw: is neither 0 nor 1 but 0x5a .-EPROTO' 'crashed as told, way 0x3' \
		"${error}unmap: -5" 'handoff magic_fw: is wrong: 0xdeadbeef, expected 0x4b1d000000000002' ;;
published) # Changed after adoption; when loaded again, the driver finds a wrong link
	profile=published user=crash:4:jobs
	unchanged='the one entry that the firmware changed is noticed, nothing leaked: gpuas: released: 1 foreign entries changed, host slots 0, 0 tables leaked, 0 pages leaked'
	dead 'root: published entry 2 was 0x[0-9a-f]+3 and is now 0x[0-9a-f]+3 .-ESTALE' \
		'published another entry as told, number 0x2' \
		'jobs end with an error: gpuas-test: crash: 4 jobs, the last ones are lost' \
		'root: number 1: entry 2, for the host, does not lead to the lent table: 0x[0-9a-f]+3 .-ESTALE' ;;
hostile | faults)
	# Memory that the driver does not zero is not zero.
	[ $name = hostile ] && permille=5 || permille=20
	user=hostile:${GPUAS_OPS:-4000}:${GPUAS_SEED:-7}:$permille loops=1 cpus=3 append=init_on_alloc=0
	some='[1-9][0-9]* done, [1-9][0-9]* refused'
	[ "${KERNEL:-}" != debug ] ||
		lines=("allocations fail: gpuas-test: inject: $permille of 1000 allocations fail")
	lines+=(
		'all four came to their end: gpuas-test: hostile: 4 of 4 processes came to their end'
		"open: gpuas-test: hostile: open: $some"
		"VM: gpuas-test: hostile: vm: $some"
		"create: gpuas-test: hostile: create: $some"
		"destroy: gpuas-test: hostile: destroy: $some"
		"bind: gpuas-test: hostile: bind: $some"
		"queue: gpuas-test: hostile: queue: $some"
		"copy: gpuas-test: hostile: copy: $some"
		"wait: gpuas-test: hostile: wait: $some"
		"mmap: gpuas-test: hostile: mmap: $some"
		"munmap: gpuas-test: hostile: munmap: $some"
		"prime: gpuas-test: hostile: prime: $some"
		'odd numbers are refused, or happen to be good: gpuas-test: hostile: odd: [0-9]+ done, [1-9][0-9]* refused'
		'nonsense is refused: gpuas-test: hostile: nonsense: 0 done, [1-9][0-9]* refused'
		'no memory of others is seen or changed: gpuas-test: hostile: 0 buffers with old data, 0 bytes of our own changed'
		"the user is content: gpuas-user $user: passed"
		"the driver has nothing of theirs left: $nothing"
		'the firmware goes on: gpuas: firmware goes on: heartbeat [0-9]+,'
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
unbind)	user=unbind loops=1
	lines=(
		"with a context in use, $unchanged"
		'the job under way ends, the others are cancelled: gpuas-test: unbind: the first job: 0, the last one: -3, in between the same'
		'the old file is of no use: gpuas-test: unbind: the old file: -19'
		${KERNEL:+'no memory is mapped for the device: gpuas-test: unbind: 0 DMA mappings left'}
		'it adopts again: gpuas: adopted: 6 regions'
		'a new file works: gpuas-test: unbind: a new file works'
		'old memory stays what it was: gpuas-test: unbind: memory: 0 bytes changed'
		"the user is content: gpuas-user unbind: passed"
		"the driver has nothing left: $nothing"
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
late)	# The answer comes when nobody wants it any more
	user=late loops=1
	lines=(
		'the driver says so: job [0-9]+ took too long: its VM is lost'
		'a late answer costs the VM: gpuas-test: late: while its VM is taken away: -62, the one behind it -125, 2 failed, bind -125; another VM works'
		'one that comes later too: gpuas-test: late: afterwards: -62, the one behind it -125, 2 failed, bind -125; another VM works'
		'at any time: gpuas-test: late: at about that time: 8 of 8 done or late'
		"the user is content: gpuas-user late: passed"
		"the driver has nothing left: $nothing"
		'the firmware goes on: gpuas: firmware goes on: heartbeat [0-9]+,'
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
slow)	# It is late, and not dead; and the machine goes to sleep, which is no reason to be dead either
	kernel=6.12 user=slow,sleep loops=1 mib=1
	lines=(
		'it keeps the lock: gpuas-test: slow: the firmware keeps the lock'
		'who wants it waits: gpuas-test: slow: a user waits'
		'nobody else does: gpuas-test: slow: another device is opened meanwhile'
		'and so the render node: gpuas-test: slow: the render node is opened meanwhile'
		'a wait can be killed: gpuas-test: slow: who waits is killed meanwhile'
		'the GPU works afterwards: gpuas-test: slow: afterwards the GPU works'
		'hibernation is refused: gpuas: no hibernation: the GPU.s firmware runs'
		'the machine goes on: gpuas-test: sleep: hibernation: -16'
		'with jobs queued it freezes, and waits begin again: gpuas-test: sleep: freezer: [1-9] jobs, sleep 0, wait 0'
		'so does one who is in a bind: gpuas-test: sleep: in a bind: [1-9][0-9] jobs, sleep 0, bind 0'
		'so with devices: gpuas-test: sleep: devices: [1-9] jobs, sleep 0, wait 0'
		'so in suspend to idle: gpuas-test: sleep: idle: [1-9] jobs, sleep 0, wait 0'
		'the jobs were done: gpuas-test: sleep: afterwards: 0 bytes wrong'
		"the user is content: gpuas-user sleep: passed"
		"nothing is left of him: $nothing"
		'the firmware goes on: gpuas: firmware goes on: heartbeat [0-9]+,'
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
left)	# The machine is switched off with a process that has jobs queued
	ram=$o/test/standin-$name.ram kernel=6.12 mib=1 append=gpuas.test=off kept=1
	rm -f "$ram"
	memory='locks 0 0, 0 contexts bound, stream closed, no root loaded, mailbox 0, host slot empty'
	lines=(
		'jobs are queued: gpuas-test: linger: [1-9][0-9]* jobs queued'
		'something is in the upper half, too: gpuas: selftest: mapped 64 chunks of order [0-9], 0 wrong'
	)
	end=('those that wait are cancelled: gpuas-test: linger: the first job: 0, the last one: -3'
		'the driver leaves the GPU: gpuas: left to the next kernel') ;;
mute)	# What it may still reach is given to nobody else
	user=mute loops=1 mib=0 kept=1
	lines=(
		'the GPU is dead: gpuas: the GPU is dead: SMMU: does not forget VA 0x40000000 .-ETIMEDOUT'
		'so is the SMMU: gpuas: the SMMU does not answer .-ETIMEDOUT.: memory of users stays allocated'
		'who waits sleeps, and is told that it may not be unmapped: gpuas-test: mute: unmap: -5, fence -5, the driver slept, state 1'
		"the user is content: gpuas-user mute: passed"
		'what was his stays allocated: gpuas-usage: 0 contexts, [1-9][0-9]* pages, [1-9][0-9]* tables'
		"so does the driver, which that memory's fences hold: rmmod: can't unload module 'gpuas_qemu_virt': Resource temporarily unavailable"
		'round 1 is done: gpuas-round 1 done'
	) ;;
outlive) # Older than the driver is, and newer than its end. From 6.17 on, kernels ask no fence that has signalled
	user=outlive loops=1
	lines=(
		'jobs keep the driver: gpuas-test: outlive: with jobs under way: driver -11, library -11'
		"with them cancelled, $unchanged"
		'so does a file: gpuas-test: outlive: with a file, the GPU let go of: driver -11, library -11'
		'so does a mmap: gpuas-test: outlive: with a mmap: driver -11, library -11'
		'so does a buffer that was exported: gpuas-test: outlive: with an exported buffer: driver -11, library -11'
		'so does a fence: gpuas-test: outlive: with fences: driver -11, library -11'
		"a fence can still be asked who it is: gpuas-test: outlive: a job's fence: status 1, of (gpuas, gpuas-copy|detached-driver, signaled-timeline)"
		"so can one that was cancelled: gpuas-test: outlive: a cancelled one's: status -3, of (gpuas, gpuas-copy|detached-driver, signaled-timeline)"
		"so can a bind's: gpuas-test: outlive: a bind's: status 1, of (gpuas, gpuas-bind|detached-driver, signaled-timeline)"
		'with nothing of it, it can go: gpuas-test: outlive: with nothing: 0; 0 bytes changed'
		'loaded again, it adopts: gpuas: adopted: 6 regions'
		"the user is content: gpuas-user outlive: passed"
		"the driver has nothing left: $nothing"
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
unplug)	# Again and again, while others use it, and begin anew
	user=unplug:6 loops=1 cpus=3
	lines=(
		"the first time, $unchanged"
		"the second time, $unchanged"
		"the third time, $unchanged"
		"the fourth time, $unchanged"
		"the fifth time, $unchanged"
		"the sixth time, $unchanged"
		'all that was waited for ends: gpuas-test: unplug: 6 times under load, 3 of 3 processes came to their end'
		'a new file works: gpuas-test: unbind: a new file works'
		"the user is content: gpuas-user unplug:6: passed"
		"the driver has nothing left: $nothing"
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
kill)	user=kill loops=1 cpus=3
	gone='gone after [0-9]+ ms, killed' right='error 0, 0 bytes wrong, 1 contexts left'
	lines=()
	for state in mmapped 'job queued' 'job running' 'waiting for a job' 'waiting for a buffer' \
		'bind pending' 'waiting for a bind' binding exported; do
		lines+=("a process that is $state is killed: gpuas-test: kill: $state: $gone"
			"others go on: gpuas-test: kill: $state: $right")
	done
	lines+=(
		"the user is content: gpuas-user kill: passed"
		"the driver has nothing left: $nothing"
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
memcg)	# By an error, or by the kernel's hand; who has too much is told by his call, and not in the log
	user=memcg:8 loops=1 silent='|gpuas: no memory for a table'
	ended='ended by (a signal, error -?[0-9]+|itself, error -12); [0-9]+ kB peak, [1-9][0-9]* kB of 8192 kB, 0 contexts left'
	lines=(
		"buffers count for who uses them: gpuas-test: memcg: buffers: $ended"
		"so do tables: gpuas-test: memcg: tables: $ended"
		'others go on: gpuas-test: memcg: others, with 16 MiB: error 0, 0 bytes wrong'
		"the user is content: gpuas-user memcg:8: passed"
		"the driver has nothing left: $nothing"
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
evict)	# More than the group has memory for, but not at once; and in the end nobody keeps buffers for a dead GPU
	user=evict loops=1 cpus=3
	all='came to its end' right='error 0, 0 bytes wrong' none='0 contexts left'
	lines=(
		"all is used, in turn: gpuas-test: evict: 24 MiB in a group of 16: $all: 60 jobs, $right"
		"what is not used is swapped out: gpuas-test: evict: peak [0-9]+ kB, [1-9][0-9]{4,} kB swapped out, [1-9][0-9]* kB in, $none"
		"it goes from each VM, and comes back: gpuas-test: evict: two VMs of 20 MiB in a group of 12, used in turn: $all: 35 jobs, $right, ([5-9]|[1-9][0-9]+) times evicted, $none"
		"so it does while both are used: gpuas-test: evict: two VMs of 20 MiB in a group of 12, used at once: $all: 30 jobs, $right, ([5-9]|[1-9][0-9]+) times evicted, $none"
		"what somebody else has, or no mapping can bring back, stays: gpuas-test: evict: mmapped, exported, imported elsewhere, repeated and scattered: $all: 13 jobs, $right; asked 2 times, the other one went 2 times, $none"
		"two may ask for memory at once: gpuas-test: evict: two processes, 2 CPUs, in one group: came to their end: errors 0 and 0, 0 bytes wrong, asked on two CPUs at once, $none"
		"in different groups, too: gpuas-test: evict: two processes, 2 CPUs, in two groups: came to their end: errors 0 and 0, 0 bytes wrong, asked on two CPUs at once, $none"
		'the driver gives it up: gpuas: the GPU is dead: '
		'nobody waits for a firmware that stands still: gpuas-test: evict: a firmware that stands still: before it is given up 0 wait and 0 buffers go, afterwards all; who asks is killed both times'
		"nothing is lost: gpuas-test: evict: with a firmware that is dead: $all: $right, $none"
		'nothing stays in swap: gpuas-test: evict: swap is gone'
		"the user is content: gpuas-user evict: passed"
		"the driver has nothing left: $nothing"
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
bounced) # The kernel copies what devices use; tables, and what the firmware lends, are none of that
	user=bounced loops=1 mib=1 append=swiotlb=force
	lines=(
		'who can mend it is told: gpuas: the GPU cannot have memory that the kernel copies for it: boot without swiotlb=force,'
		'the GPU gets no buffer: gpuas-test: bounced: bind: -95, a large one -95, one of another driver -95; 0 bytes changed'
		"the user is content: gpuas-user bounced: passed"
		"the driver has nothing left: $nothing"
		"the GPU in the upper half has what is not copied: gpuas: selftest: dma: error 0, right; unmapped: error -14,"
		'the selftest is as it was: gpuas: selftest: mapped 64 chunks of order [0-9], 0 wrong'
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
reach)	# More memory than the GPU of the selftest can walk
	kernel=6.1 user=none loops=1 mib=1 size=6G
	lines=(
		'there is memory beyond 4 GiB: init: iomem [0-9a-f]+-1bfffffff : System RAM'
		'tables are where the GPU can walk: gpuas: selftest: reach: error 0, 6[4-6] tables, 0 of them beyond'
		'or it says that there is no such memory: gpuas: no memory for a table up to PA 0xfffff,'
		'and makes none: gpuas: selftest: reach: none: error -12, 0 more tables'
		"$unchanged"
		'round 1 is done: gpuas-round 1 done'
	) ;;
no-flush)
	user=stale loops=1 mib=1 initrd=$o/test/no-flush/initrd.gz
	lines=(
		'mapped, it is copied: gpuas-test: stale: page 1 mapped: error 0, 0 bytes wrong'
		'unmapped, it still is: gpuas-test: stale: page 1 not to be read: error 0,'
		'so the test fails: gpuas-user stale: failed'
		"in the upper half, Linux' window, too: gpuas: selftest: dma: error 0, right; unmapped: error 0,"
		'so, in the upper half, the selftest fails: gpuas-round 1: selftest failed'
		'round 1 is done: gpuas-round 1 done'
	) ;;
early)	# Before there can be users
	user=none loops=1 initrd=$o/test/early/initrd.gz
	lines=(
		'it dies while the driver attaches: gpuas: the GPU is dead: firmware: is dead'
		'what there is, is dumped: gpuas: snapshot: [0-9]+ bytes, [0-9]+ spaces'
		'the driver refuses it: gpuas: not adopted: handoff lock: cannot be had .-EIO'
		'round 1 is done: gpuas-round 1 done'
	) ;;
*)	echo "not ok - there is a case $name"; exit 0 ;;
esac
kernel=${KERNEL:-$kernel}

version=$(board/qemu-virt/qemu.sh version "$o/qemu")
[ "${version%%.*}" -ge 10 ] || export LACKS='upper half'
# What users need is behind it.
cat "${initrd:-$o/linux/$kernel/initrd.gz}" "$o/guest/user.cpio.gz" >"$log.initrd"
board/qemu-virt/run.sh -O "$o" -k "$kernel" -P $profile -p booti -m "$size" -i "$log.initrd" -l "$log" -s 'gpuas info' \
	-a "gpuas.loops=$loops gpuas.mib=$mib gpuas.user=$user $append" -- -smp "$cpus" ${ram:+-machine memory-backend=ram
	-object "memory-backend-file,id=ram,size=1G,mem-path=$ram,share=on"} || echo "not ok - $name: the guest switches itself off"

{
	echo 'the firmware runs in U-Boot: ^firmware: runs, heartbeat [0-9]+, then [0-9]+'
	echo "Linux comes up: init: kernel $(sed 's/[.+]/\\&/g' "$o/linux/$kernel/version")\$"
	[[ $name = @(reach|early) ]] || echo 'it adopts while the firmware runs: gpuas: firmware runs: heartbeat [0-9]+,'
	printf '%s\n' "${lines[@]}"
	echo 'the machine is switched off: init: end'
	[ ${#end[@]} -eq 0 ] || printf '%s\n' "${end[@]}"
} | sed "s/^/$name, /" >"$log.expect"
rm -f "$log.initrd"
test/qemu/judge.sh "$log" "$log.expect"
if [ $name = hostile ] && grep -q 'inject: this kernel has no fault injection' "$log"; then
	echo 'ok - hostile, allocations that fail # SKIP this kernel has no fault injection'
fi

# What the driver says it did to lock, contexts and SMMU can be seen in what was the machine's RAM.
if [ -n "$ram" ]; then
	pas=()
	for region in handoff ttbs fw-data shared; do
		pas+=("$(tr -d '\r' <"$log" | sed -n "s/.*gpuas: region $region pa \(0x[0-9a-f]*\) .*/\1/p" | head -n 1)")
	done
	found=$("$closed" "$ram" "${pas[@]}" || true)
	if [[ "$found" = "$memory"* ]]; then
		echo "ok - $name, in memory: $found"
	else
		echo "not ok - $name, in memory: $found"
	fi
	rm -f "$ram"
fi

# The judge wants lines; these must not be there.
bad=$(tr -d '\r' <"$log" | grep -anE -m 1 'WARNING:|BUG:|Oops|Call trace|Unable to handle|Kernel panic'"$silent" || true)
if [ -z "$bad" ]; then
	echo "ok - $name, the kernel has nothing to complain about"
else
	echo "not ok - $name, the kernel has nothing to complain about (line $bad of $log)"
fi

free() {
	tr -d '\r' <"$log" | sed -nE "s/^gpuas-meminfo $1: ([0-9]+) kB free.*/\1/p"
}
margin=4096
[ "$kernel" != debug ] || margin=65536	# as in boot.sh
first=$(free 0) last=$(free $loops)
[ -z "$kept" ] || exit 0
if [ -n "$first" ] && [ -n "$last" ] && [ "$last" -ge $((first - margin)) ]; then
	echo "ok - $name, afterwards as much memory is free as before"
else
	echo "not ok - $name, afterwards as much memory is free as before (${last:-?} kB, not ${first:-?} kB)"
fi
