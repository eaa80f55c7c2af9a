#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# judge-test.sh LOG PUBLISHED-LOG: those who judge a boot, judge.sh and the verdict of "make run", have
# to fail on logs of broken runs, made from good ones, of either profile of the stand-in. What is expected
# of a log stands beside it. Prints TAP.
set -eu
good=$1 published=$2
set -- "$good.expect"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
verified='^gpuas: handover verified: 6 regions, 4096 pages, 0 foreign entries changed$'

judge_passes() {
	! test/qemu/judge.sh "$@" | grep -q '^not ok'
}

# verdict LOG: what it says is left in $dir/verdict
verdict() {
	board/qemu-virt/verdict.sh "$1" >"$dir/verdict" 2>&1
}

result() {
	[ "$1" -eq 0 ] && echo "ok - $2" || echo "not ok - $2"
}

# verdict_passes LOG WHAT
verdict_passes() {
	if verdict "$1" && tail -n 1 "$dir/verdict" | grep -q "$verified"; then
		echo "ok - the verdict passes $2"
	else
		echo "not ok - the verdict passes $2: $(tail -n 1 "$dir/verdict")"
	fi
}

verdict_fails() {
	local rc=0
	if cmp -s "$dir/log" "$good" || verdict "$dir/log" || grep -q 'verified:' <(grep -v not "$dir/verdict"); then
		rc=1
	fi
	result $rc "the verdict fails a log $1"
}

# What the judge is asked for is in the first round mostly: the verdict sees each.
fails() {
	local rc=0
	if judge_passes "$dir/log" "${@:2}"; then
		rc=1
	fi
	result $rc "the judge fails a log $1"
	verdict_fails "$1"
}

# spoil SED-EXPRESSION...
spoil() {
	sed -E "$@" "$good" >"$dir/log"
}

# only N SED-EXPRESSION: the same, but only in the Nth round
only() {
	local from='1' to="/^gpuas-round $1 done/"
	[ "$1" -eq 1 ] || from="/^gpuas-round $(($1 - 1)) done/"
	spoil -e "$from,$to{" -e "$2" -e '}'
}

rc=0
judge_passes "$good" "$@" || rc=1
result $rc 'the judge passes the good log'
rc=0
sed -zE 's/\r?\n(\[ *[0-9.]+\] [^\n]*gpuas: selftest: hold: )/\1/2' "$good" >"$dir/log"
if cmp -s "$dir/log" "$good" || ! judge_passes "$dir/log" "$@"; then
	rc=1
fi
result $rc 'the judge passes one where the kernel began a line inside of a program'\''s'
verdict_passes "$good" 'the good log'
spoil 's/^(gpuas-user .*: passed)\r?$/\1[   99.123456] random: crng init done/'
! cmp -s "$dir/log" "$good" || result 1 'a user passed in the good log'
verdict_passes "$dir/log" 'one where the kernel began a line inside of a program'\''s'

: >"$dir/log"
fails 'that is empty' "$@"
head -n "$(($(wc -l <"$good") / 2))" "$good" >"$dir/log"
fails 'that stops half-way' "$@"
spoil 's/: 0 foreign entries changed/: 1 foreign entries changed/'
fails 'with a changed foreign entry' "$@"
spoil 's/, 0 wrong/, 1 wrong/'
fails 'with a wrong translation' "$@"
spoil 's/ pages leaked/& not/; s/ 0 pages leaked/ 3 pages leaked/'
fails 'with leaked pages' "$@"
grep -v 'round 3 done' "$good" >"$dir/log"
fails 'without the third round' "$@"
spoil 's/^(fw-text.*)0xffffff8000000000/\10xffffff8000004000/'
fails 'with a region at another VA' "$@"
awk '{ line[NR] = $0 } END { for (i = NR; i; i--) print line[i] }' "$good" >"$dir/log"
fails 'in the wrong order' "$@"
spoil 's/mapped 4096 chunks/mapped 0 chunks/; s/ 4096 pages,/ 0 pages,/'
fails 'that mapped nothing' "$@"
spoil 's/ 0 of 3 foreign/ 3 of 3 foreign/'
fails 'with foreign requests accepted' "$@"
spoil 's/ 0 still mapped, 0 tables left/ 17 still mapped, 5 tables left/'
fails 'with pages and tables left' "$@"
spoil 's/adopted: 6 regions/adopted: 1 regions/'
fails 'that promises other regions than it lists' "$@"
grep -v 'init: end' "$good" >"$dir/log"
fails 'without an end' "$@"

spoil 's/(gpuas: firmware goes on: heartbeat )[0-9]+/\117/'
verdict_fails 'whose heartbeat does not grow'
spoil 's/^firmware: runs, heartbeat/firmware: stands still, heartbeat/'
verdict_fails 'without a heartbeat in U-Boot'
spoil 's/(gpuas: firmware goes on: .* )[0-9]+ bytes/\10 bytes/'
fails 'of a GPU that copied nothing' "$@"
spoil 's/gpuas: firmware goes on: /gpuas: firmware is dead: /'
fails 'with a dead firmware' "$@"
spoil 's/^gpuas-user stale: passed/gpuas-user stale: failed/'
fails 'with a failed test of a user' "$@"
spoil '/^gpuas-user copy/d'
fails 'with a user who did not come' "$@"
spoil 's/24576 bytes copied, 0 wrong/24576 bytes copied, 1 wrong/; s/^gpuas-user copy: passed/gpuas-user copy: failed/'
fails 'with a byte copied wrongly' "$@"

# One region, nothing mapped, all accepted, much left: each word of it a failure
spoil -e 's/adopted: 6 regions/adopted: 1 regions/; /gpuas: region (pagetables|handoff|fw-|shared)/d' \
	-e 's/mapped 4096 chunks/mapped 0 chunks/; s/ 4096 pages,/ 0 pages,/' \
	-e 's/ 0 of 3 foreign/ 3 of 3 foreign/; s/ 0 still mapped, 0 tables left/ 17 still mapped, 5 tables left/'
fails 'with all of this' "$@"

for round in 1 2 3; do
	only $round 's/, 0 wrong/, 1 wrong/'
	verdict_fails "with a wrong translation in round $round"
	only $round 's/ 0 of 3 foreign/ 1 of 3 foreign/'
	verdict_fails "with a foreign request accepted in round $round"
	only $round 's/ 4096 pages,/ 4095 pages,/'
	verdict_fails "with a page less in round $round"
	only $round 's/ mapped 4096 chunks/ mapped 4095 chunks/'
	verdict_fails "with a chunk less in round $round"
	only $round 's/adopted: 6 regions/adopted: 5 regions/; /gpuas: region shared/d'
	verdict_fails "with a region less in round $round"
	only $round 's/(gpuas: region fw-data pa 0x[0-9a-f]+)0000/\14000/'
	verdict_fails "with a region at another PA in round $round"
	only $round 's/, 0 tables leaked/, 2 tables leaked/'
	verdict_fails "with leaked tables in round $round"
	only $round '/gpuas: released/d'
	verdict_fails "without a release in round $round"
	only $round '/selftest: mapped/d'
	verdict_fails "without a selftest in round $round"
done
for round in 1 3; do
	only $round 's/ 0 still mapped/ 17 still mapped/'
	verdict_fails "with pages still mapped in round $round"
	only $round 's/ 0 tables left/ 5 tables left/'
	verdict_fails "with tables left in round $round"
	only $round 's/ 0 pages left/ 1 pages left/'
	verdict_fails "with pages left in round $round"
	only $round 's/ 0 chunks leaked/ 1 chunks leaked/'
	verdict_fails "with chunks leaked in round $round"
done
spoil '/selftest: unmapped/d'
verdict_fails 'that never unmaps'
spoil 's/^gpuas-round 2 done/gpuas-round 3 done/'
verdict_fails 'with a round counted wrongly'

# What only the judge asks for, of users
judge_fails() {
	local rc=0
	if cmp -s "$dir/log" "$good" || judge_passes "$dir/log" "$good.expect"; then
		rc=1
	fi
	result $rc "the judge fails a log $1"
}
spoil 's/(sparse: one page: .* )0 bytes wrong/\17 bytes wrong/'
judge_fails 'of a page that is not repeated everywhere'
spoil 's/(sparse: a hole: error) -14/\1 0/'
judge_fails 'of a part that is still there when it is unbound'
spoil 's/(prime: imported once: .* by the GPU,) 0/\1 512/'
judge_fails 'of a process that does not see what the GPU wrote for another'
spoil 's/(prime: of one VM: exported) -1/\1 0/'
judge_fails 'of a buffer of one VM that is given away'
spoil 's/(timeline: point 20 at once:) -62/\1 0/'
judge_fails 'of a chain that nobody had to wait for'
spoil 's/(jobs of one queue) 4 failed/\1 3 failed/'
judge_fails 'of a job that came too late and did not fail'
spoil 's/(fields: 123 calls .*,) 0 not refused/\1 1 not refused/'
judge_fails 'of a field that nobody looks at'
spoil 's/, 64 of 64 VMs fault/, 63 of 64 VMs fault/'
judge_fails 'of a VM that finds what another one had'

# The other profile: what it has of its own
good=$published
set -- "$good.expect"
verified=${verified/6 regions/7 regions}
rc=0
judge_passes "$good" "$@" || rc=1
result $rc 'the judge passes the good log of the second profile'
verdict_passes "$good" 'it too'

# Of the second profile, the judge alone looks
spoil 's/published: 2 roots/published: 1 roots/'
judge_fails 'with one root'
spoil 's/: 2 roots, 3 entries each/: 2 roots, 2 entries each/'
judge_fails 'with an entry less published'
spoil 's/ 1 above cleared/ 0 above cleared/'
judge_fails 'that leaves what was left above'
spoil 's/ 1 mirrored/ 0 mirrored/'
judge_fails 'that leaves it in the second root'
spoil 's/(selftest: cached:) 0 requests/\1 1 requests/'
judge_fails 'of a firmware that answered'
spoil 's/(replace: error 0, right,) 2 flushes/\1 1 flushes/'
judge_fails 'without a flush of what is new'
spoil 's/^(lent .*), no-map/\1/'
judge_fails 'with a lent table that is not no-map'
spoil 's/(borrow:) 10 of 10 refused/\1 8 of 8 refused/'
judge_fails 'where nobody asked for no-map memory'
only 3 's/^gpuas-user copy: passed/gpuas-user copy: failed/'
judge_fails 'of programs that fail in round 3'

# A console that a thread prints to
late() {
	printf '%s\n' "[    0.000000] Linux version $1 (debian)" "[    0.100000] printk: $2 [ttyAMA0] enabled" \
		'[    0.200000] driver: first' 'user: begins' 'user: goes on' '[    0.300000] driver: second' >"$dir/log"
	printf '%s\n' 'a: driver: first' 'b: driver: second' 'c: user: goes on' >"$dir/expect"
}
late 7.3.4 console
rc=0
judge_passes "$dir/log" "$dir/expect" || rc=1
result $rc 'of a threaded console, the judge lets a program overtake the kernel'
late 7.3.4 'legacy console'
! judge_passes "$dir/log" "$dir/expect" || rc=1
late 6.12.1 console
! judge_passes "$dir/log" "$dir/expect" || rc=1
result $rc 'and of no other'
late 7.3.4 console
printf '%s\n' 'a: driver: second' 'b: driver: first' >"$dir/expect"
! judge_passes "$dir/log" "$dir/expect" || rc=1
printf '%s\n' 'a: user: goes on' 'b: user: begins' >"$dir/expect"
! judge_passes "$dir/log" "$dir/expect" || rc=1
printf '%s\n' 'a: driver: third' >"$dir/expect"
! judge_passes "$dir/log" "$dir/expect" || rc=1
result $rc 'the kernel does not overtake itself, nor a program'
