#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# reports.sh LOG [OWN...]: judges the console log of a boot of the debug kernel: no checker may have
# anything to report, and each has to have been at work until the end. Prints TAP. OWN is an extended regular
# expression of lines that the test brings about itself, such as the panic of a test of panics.
#
# reports.sh -l LOG [OWN...]: lists the reports instead, each with the line where it begins.
# reports.sh -e: lists what the checkers have to say.
set -eu
verb=judge
case ${1:-} in
-l)	verb=list; shift ;;
-e)	verb=evidence ;;
esac
log=$1
shift
[ $verb = evidence ] || [ -r "$log" ] || { echo "not ok - there is a log ($log)"; exit 0; }
own=$(printf '%s|' "$@")

# What begins a report. Most end with a call trace, which is reported where nothing else was: a kind of
# report that is not known here. What the kernel says of memory that has run out, or of a failure that was asked for,
# has one too.
reports() {
	tr -d '\r' <"$log" | awk -v own="${own%|}" '
	/Linux version [0-9]/ { linux = 1 }
	!linux { next }
	own != "" && $0 ~ own { excused = NR; next }
	/invoked oom-killer|FAULT_INJECTION: forcing a failure/ { excused = NR }
	/(^|[^E])BUG[: ]|WARNING: |UBSAN: |ODEBUG: |Oops|Kernel panic|kernel BUG at|Internal error: / ||
	/Unable to handle kernel|unreferenced object|list_(add|del)[a-z_]* corruption|refcount_t: / ||
	/DMA-API: .*(device driver|mapping|leak|exceed|overlap|cacheline|disabl|out of memory)/ ||
	/INFO: (task|possible|lockdep|trying|rcu|SYN)|rcu: INFO: .*(stall|starv)|blocked for more than/ ||
	/turning off the locking correctness|possible (circular|recursive|irq|unsafe)|suspicious RCU/ ||
	/DEBUG_LOCKS_WARN_ON|held lock freed|DEADLOCK|Bad page|usercopy: |page allocation failure/ ||
	/kmemleak: .*(disabled|suspected|nknown object|[Cc]annot)|scheduling while atomic|[Oo]bjects remaining/ {
		if (NR > last + 1) print NR ": " $0
		last = seen = NR
		next
	}
	/Call trace:/ {
		if ((!seen || NR > seen + 60) && (!excused || NR > excused + 30)) print NR ": " $0
		seen = NR
	}'
}

# What each checker says when it starts, or when it is asked at the end
silent='DEBUG_PAGEALLOC_ENABLE_DEFAULT UBSAN_SHIFT UBSAN_BOUNDS DMA_API_DEBUG_SG DEBUG_LIST DEBUG_OBJECTS_FREE'
silent="$silent DEBUG_VIRTUAL DETECT_HUNG_TASK"
evidence() {
	cat <<-END
		KASAN is on: kasan: KernelAddressSanitizer initialized .generic.
		lockdep is on: Lock dependency validator
		DMA is checked: DMA-API: debugging enabled by kernel config
		kmemleak is on: kmemleak: Kernel memory leak detector initialized
		those are there that say nothing when they start: debug: built with: KASAN_GENERIC PROVE_LOCKING DEBUG_ATOMIC_SLEEP $silent
		kmemleak was on to the end, and found nothing: debug: kmemleak: 0 reports
		lockdep was on to the end: debug: lockdep: 1 on
		DMA was checked to the end: debug: dma: 0 errors, disabled N
		hung tasks were looked for: debug: hung tasks: after [1-9][0-9]* s
	END
}

case $verb in
list)	reports; exit ;;
evidence) evidence; exit ;;
esac
found=$(reports)
if [ -z "$found" ]; then
	echo "ok - no checker of the debug kernel has anything to report"
else
	echo "not ok - no checker of the debug kernel has anything to report" \
		"($(wc -l <<<"$found") in $log, the first: line $(head -n 1 <<<"$found"))"
fi
"${0%/*}/../judge.sh" "$log" <(evidence)
