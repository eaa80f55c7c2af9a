#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# fuzz.sh O TARGET COUNT: so many runs of a fuzz target by libFuzzer, from files that are sound. What it finds is
# kept in O/tool-fuzz-TARGET, and is the start of the next time. Prints TAP.
. test/tool/common.sh "$1" "fuzz-$2-files"
target=$2 runs=$3 corpus=$o/tool-fuzz-$2 longest=40000
mkdir -p "$corpus"
case $target in
core)
	gzip -k "$dir/tiny.core"
	zstd -q "$dir/tiny.core"
	cp "$dir/tiny.core.gz" "$dir/tiny.core.zst" "$corpus"
	head -c 3000 "$dir/tiny.core" >"$dir/short.core"
	head -c 20000 "$dir/agx.core" >"$dir/short.agx"
	head -c 3000 "$dir/before.vmcore" >"$dir/short.vmcore"
	# With each command: it would take long to hit the last of so many bytes. The small one has a tree.
	longest=70000
	for file in small.core short.agx short.core short.vmcore; do
		for choice in {0..17}; do
			{ cat "$dir/$file"; printf "\\x$(printf %x "$choice")"; } >"$corpus/$choice-$file"
		done
	done
	;;
ram)
	head -c 120 /dev/zero >"$corpus/zeroes"
	longest=800 # no more changes are made
	;;
notes) cp test/tool/notes "$corpus" ;;
esac
find test/tool/cases -name "$target-*" -exec cp {} "$corpus" \;
[ ! -f "test/tool/corpus/$target.tar.gz" ] || tar -xzf "test/tool/corpus/$target.tar.gz" -C "$corpus"
seed=${GPUAS_SEED:-$(date +%s)}
echo "# GPUAS_SEED=$seed"
# Each run begins with the same memory, so that little of what is freed is enough to keep.
ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=8 "$o/fuzz/fuzz-$target" \
	-runs="$runs" -seed="$seed" -max_len=$longest -timeout=60 -rss_limit_mb=4096 -close_fd_mask=2 \
	-artifact_prefix="$dir/" -print_final_stats=1 "$corpus" >"$dir/log" 2>&1
rc=$?
count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
[ $rc -eq 0 ] && [ "${count:-0}" -ge "$runs" ] && echo "ok - $count runs of $target" || {
	echo "not ok - $count runs of $target ended with $rc; the input is in $dir"
	tail -n 40 "$dir/log" >&2
}
