# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# What the tests of the tool share: files of a machine, which test/tool/machine.c writes, in a folder of
# each test's own. Sourced with O and NAME; prints TAP.
set -u
o=$(realpath "$1")
dir=$o/tool-$2
gpuas=$o/unit/gpuas
rm -rf "$dir"
mkdir -p "$dir"
export TMPDIR=$dir NO_COLOR=
DIR=$dir "$o/unit/tool-machine" >"$dir/machine.log" 2>&1 || echo 'not ok - there are files to look at'

# holds NAME COMMAND...: the command ends well
holds() {
	local name=$1
	shift
	"$@" >&2 && echo "ok - $name" || echo "not ok - $name"
}

# ends STATUS NAME ARGUMENT...: the tool ends with it; $dir/out and $dir/err have what it said
ends() {
	local want=$1 name=$2 status=0
	shift 2
	(cd "$dir" && exec "$gpuas" "$@") >"$dir/out" 2>"$dir/err" || status=$?
	[ $status -eq "$want" ] && echo "ok - $name" || {
		echo "not ok - $name ends with $status, not $want"
		tail -n 20 "$dir/err" >&2
	}
}

# says FILE TEXT: a line of it is the text; of what is printed in columns, blanks are one
says() {
	sed 's/  */ /g' "$dir/$1" | grep -qxF -- "$2" && echo "ok - it says '$2'" || {
		echo "not ok - it says '$2'"
		cat "$dir/$1" >&2
	}
}

silent() {
	[ ! -s "$dir/$1" ] && echo 'ok - and nothing else' || echo "not ok - and nothing else ($(head -c 200 "$dir/$1"))"
}

# lines COUNT: so many were printed
lines() {
	[ "$(wc -l <"$dir/out")" -eq "$1" ] && echo "ok - in $1 lines" || echo "not ok - in $1 lines, not $(wc -l <"$dir/out")"
}
