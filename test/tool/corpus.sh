#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# corpus.sh O TARGET...: of all that libFuzzer kept in O/tool-fuzz-TARGET, and what was packed before, the few
# inputs that reach as much, packed into test/tool/corpus/TARGET.tar.gz.
set -eu
o=$(realpath "$1")
shift
for target in "$@"; do
	dir=$o/tool-corpus/$target pack=test/tool/corpus/$target.tar.gz
	rm -rf "$dir"
	mkdir -p "$dir/merged" "$dir/packed" "${pack%/*}"
	# A copy: who is fuzzing meanwhile deletes some.
	cp -r "$o/tool-fuzz-$target" "$dir/all"
	[ ! -f "$pack" ] || tar -xzf "$pack" -C "$dir/all"
	ASAN_OPTIONS=quarantine_size_mb=8 "$o/fuzz/fuzz-$target" -set_cover_merge=1 -use_counters=0 -use_cmp=0 \
		-timeout=60 -rss_limit_mb=4096 -close_fd_mask=2 "$dir/merged" "$dir/all" >"$dir/log" 2>&1 ||
		{ tail -n 20 "$dir/log" >&2; exit 1; }
	n=0
	for file in "$dir"/merged/*; do
		n=$((n + 1))
		cp "$file" "$dir/packed/$(printf '%03d' $n)"
	done
	tar -C "$dir/packed" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=644 -cf - . |
		gzip -9n >"$pack"
	echo "$pack: $n inputs, $(stat -c %s "$pack") bytes"
done
