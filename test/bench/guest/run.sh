#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# run.sh DIR KERNEL [rows]: boot DIR/linux/KERNEL with the initrd of the benchmark, and judge what its
# module counted; with "rows", print what the host's benchmark counts on aarch64 beside what it counted
# on the host (DIR/bench/host.txt). One CPU, one instruction a nanosecond, a clock and a device tree
# that are always the same: so are the counts. Status 1 if a target is not met, or nothing was counted.
set -euo pipefail
dir=$1 kernel=$2 what=${3:-module}
log=$dir/bench/guest-$kernel-$what.log

timeout --foreground -k 5 590 qemu-system-aarch64 \
	-M virt,gic-version=3,dtb-randomness=off -cpu cortex-a76 -smp 1 -m 1G \
	-icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm \
	-nographic -no-reboot -nic none -kernel "$dir/linux/$kernel/vmlinuz" \
	-initrd "$dir/bench/linux/$kernel/initrd.gz" \
	-append "console=ttyAMA0 panic=-1 gpuas.$what" </dev/null >"$log" 2>&1 || true

# One table of each file: of lpae-16k. Columns are those of print_row() in bench.c.
rows() {
	awk '
	FNR == 1 { file++ }
	/^lpae-16k, VA/ { on = 1; next }
	on && !NF { on = 0 }
	on && /^[a-zA-Z0-9]/ {
		name = substr($0, 1, 34)
		split(substr($0, 35), word, " ")
		if (name ~ /^GPU mix, peak/)
			next
		if (file == 1)
			order[++rows] = name
		per[name] = word[1]
		floor[file, name] = word[3]
		ours[file, name] = word[4]
	}
	END {
		printf "\nlpae-16k: instructions on x86-64 and aarch64, both by gcc -O2\n"
		printf "%-34s %-4s %9s %9s %9s %9s %7s\n", "", "", "floor", "libgpuas", "floor", "libgpuas", ""
		printf "%-34s %-4s %9s %9s %9s %9s %7s\n", "", "per", "x86-64", "x86-64", "aarch64", "aarch64", "ratio"
		for (i = 1; i <= rows; i++) {
			n = order[i]
			printf "%-34s %-4s %9s %9s %9s %9s %7.2f\n", n, per[n], floor[1, n], ours[1, n],
				floor[2, n], ours[2, n], ours[1, n] ? ours[2, n] / ours[1, n] : 0
			missing += !ours[2, n]
		}
		if (!rows || missing)
			print "The benchmark did not come to its end, on the host or in the guest."
		exit !rows || missing
	}' "$1" "$2"
}
if [ "$what" = rows ]; then
	tr -d '\r' <"$log" >"$log.txt"
	rows "$dir/bench/host.txt" "$log.txt"
	exit
fi

tr -d '\r' <"$log" | awk -v kernel="$kernel" '
	BEGIN {
		limit["map-page"] = 0.5
		limit["translate"] = 0.6
		limit["map-1G-call"] = 0.35
		limit["map-1M-buffers"] = 0.35
		limit["map-list"] = 0.5
		limit["unmap-page"] = 0.5
		limit["unmap-1M-buffers"] = 0.5
	}
	match($0, /gpuas-bench: [a-zA-Z0-9-]+ [a-z-]+ [0-9]+ \/ [0-9]+$/) {
		split(substr($0, RSTART, RLENGTH), word, " ")
		if (!(word[2] in units))
			order[++rows] = word[2]
		units[word[2]] = word[6]
		count[word[2], word[3]] = word[4] / word[6]
	}
	/gpuas-bench: done/ { done = 1 }
	END {
		printf "\nLinux %s, instructions for each page or call\n", kernel
		printf "%-20s %8s %10s %10s %8s %8s\n", "", "harness", "io-pgtable", "libgpuas", "ratio", "target"
		for (i = 1; i <= rows; i++) {
			w = order[i]
			theirs = count[w, "io-pgtable"]
			ours = count[w, "libgpuas"]
			printf "%-20s %8.1f %10.1f %10.1f %8.2f", w, count[w, "none"], theirs, ours,
				theirs ? ours / theirs : 0
			if (w in limit) {
				met = theirs && ours && ours <= limit[w] * theirs
				printf " %8.2f %s", limit[w], met ? "met" : "NOT MET"
				missed += !met
			}
			print ""
		}
		if (!done)
			print "The module did not come to its end."
		exit !done || missed
	}'
