# shellcheck shell=bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# For scripts that source it: what stands in README.md, and results in TAP. $dir is their folder.

# The fenced block below the comment that starts with "<!-- $1"
block() {
	awk -v mark="<!-- $1" '
		index($0, mark) == 1 { armed = 1; next }
		armed && /^```/ { if (on) exit; on = 1; next }
		on' README.md
}

# try NAME COMMAND...: one result; what the command printed only if it failed
try() {
	local name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		tail -n 30 "$dir/log" >&2
	fi
}
