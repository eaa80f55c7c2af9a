#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# stack.sh DIR SOURCES COMPILER-AND-FLAGS...: how much stack does the deepest chain of calls need? One
# chain for each public function, from what the compiler says about frames and calls. Prints TAP.
#
# Counted is what is ours: the environment's, host's and sink's functions belong to the host, libfdt's
# (and mem*()) to whoever provides it, and come on top.
set -u
dir=$1 sources=$2
shift 2

# Bytes, for any public function.
budget=1024

# Which of our own functions is reached through a pointer, and from where. "*" is every call through
# a pointer but for those named: there, any function of the library's own environments. That is more
# than can happen, never less.
pointers='
lib/table/visit.c:visit	lib/table/dump.c:dump_step
lib/table/visit.c:visit	lib/table/mapped.c:meet
gpuas_inspect	lib/snapshot/capture.c:meet
gpuas_inspect	lib/snapshot/capture.c:found
gpuas_settle_others_	lib/table/token.c:settle
gpuas_settle_others_	gpuas_settle_range_
lib/table/protect.c:each_leaf	lib/table/protect.c:change_entry
lib/table/protect.c:each_leaf	lib/table/protect.c:find_broken
lib/table/protect.c:each_leaf	lib/table/protect.c:mend_entry
*	lib/manifest/build.c:host_table_ptr
*	lib/table/pool.c:pool_alloc
*	lib/table/pool.c:pool_free
*	lib/table/pool.c:pool_record
*	lib/table/pool.c:pool_ptr
'

# chains NAME: TAP from the call graphs (VCG, one file for each source) on stdin
chains() {
	awk -v name="$1" -v budget=$budget -v pointers="$pointers" '
	# The value of a field: title: "..."
	function field(key,    at) {
		at = index($0, key ": \"")
		if (!at) return ""
		at = substr($0, at + length(key) + 3)
		return substr(at, 1, index(at, "\"") - 1)
	}
	function result(bad, what) {
		if (bad == "") print "ok - " name " " what
		else print "not ok - " name " " what ":" bad
	}
	function deepest(f,    i, to, best, d) {
		if (f in depth) return depth[f]
		if (f in busy) { cycle = cycle " " f; return 0 }
		busy[f] = 1
		best = 0
		for (i = 1; i <= calls[f]; i++) {
			to = call[f, i]
			if (!(to in frame)) continue
			d = deepest(to)
			if (d > best) { best = d; next_of[f] = to }
		}
		delete busy[f]
		return depth[f] = frame[f] + best
	}
	function connect(from, to) { call[from, ++calls[from]] = to; called[to] = 1 }

	/^node: / && match($0, /[0-9]+ bytes \([a-z,]+\)/) {
		frame[field("title")] = substr($0, RSTART, RLENGTH) + 0
		if (!/bytes \(static\)/) dynamic = dynamic " " field("title")
	}
	/^edge: / {
		if (field("targetname") == "__indirect_call") indirect[field("sourcename")] = 1
		else connect(field("sourcename"), field("targetname"))
	}
	END {
		n = split(pointers, word)
		for (i = 1; i < n; i += 2) {
			from[i] = word[i]
			if (word[i] != "*") special[word[i]] = 1
		}
		for (i = 1; i < n; i += 2) {
			if (!(word[i + 1] in frame)) stale = stale " " word[i + 1]
			if (from[i] != "*" && !(from[i] in indirect)) stale = stale " " from[i]
			for (f in indirect)
				if (f == from[i] || from[i] == "*" && !(f in special) && f != word[i + 1])
					connect(f, word[i + 1])
		}
		# A static function that nobody calls is reached through a pointer.
		for (f in frame)
			if (f ~ /:/ && !(f in called)) unknown = unknown " " f
		for (f in frame) {
			functions++
			d = deepest(f)
			if (f !~ /:/ && f !~ /_$/) public[f] = d
		}
		if (functions < 100) few = " only " functions + 0
		result(few, "has call graphs of all functions")
		result(stale, "has every function that this script names")
		result(unknown, "reaches through pointers only functions that this script names")
		result(dynamic, "has frames of fixed size only")
		result(cycle, "has no recursion")
		for (rank = 1; rank <= 3; rank++) {
			top = ""
			for (f in public)
				if (top == "" || public[f] > public[top] || public[f] == public[top] && f < top) top = f
			if (rank == 1) {
				over = public[top] > budget ? " " top : ""
				result(over, "needs at most " budget " bytes of stack")
				printf "# budget %s stack: %d of %d bytes (%s)\n", name, public[top], budget, top
			}
			printf "# %d:", public[top]
			for (f = top; f != ""; f = next_of[f])
				printf " %s %d", f, frame[f]
			print ""
			delete public[top]
		}
	}'
}

for compile in "$@"; do
	name=${compile%% *}
	name=${name##*/}
	rm -rf "${dir:?}/$name"
	mkdir -p "$dir/$name"
	for source in $sources; do
		# shellcheck disable=SC2086
		$compile -fstack-usage -fcallgraph-info=su -c "$source" -o "$dir/$name/${source//\//-}.o" ||
			echo "not ok - $name compiles $source"
	done
	cat "$dir/$name"/*.ci | chains "$name"
done
