#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# rust.sh DIR ARCHIVE: what a driver in Rust does: bindgen reads the public headers, by README.md's
# command; space.rs makes a safe type of the result with nothing but core; main.rs uses it, linked with
# ARCHIVE. Prints TAP. Without bindgen or rustc, a skip.
set -u
dir=$(realpath -m "$1") archive=$(realpath "$2")
rm -rf "$dir"
mkdir -p "$dir"

for tool in bindgen rustc; do
	command -v $tool >/dev/null && $tool --version >"$dir/log" 2>&1 && continue
	echo "ok - map, translate and walk from Rust # SKIP there is no $tool"
	exit 0
done

# shellcheck source=test/readme/blocks.sh
. test/readme/blocks.sh

# As README.md says
commands=$(block 'commands: rust,')
by_readme() {
	(export LIBGPUAS=$PWD && cd "$dir" && bash -eu -c "$commands")
}
try "$(bindgen --version) reads all public headers" by_readme
# Each function that a header promises, but for the inline ones.
missing=$(sed -nE 's/^ \* (gpuas_[a-z0-9_]+)\(\) - .*/\1/p; s/^\/\*\* (gpuas_[a-z0-9_]+)\(\) - .*/\1/p' include/gpuas/*.h |
	grep -vxE 'gpuas_(va|pa)(_u64)?' | while read -r name; do
		grep -q "pub fn $name\b" "$dir/gpuas.rs" || echo "$name"
	done)
try "and has all functions${missing:+ but for $missing}" test -z "$missing"
export OUT_DIR=$dir
try "$(rustc --version | cut -d' ' -f1,2) builds a safe type over them that needs core only" \
	rustc --edition 2021 -O --crate-type rlib test/rust/space.rs -o "$dir/libspace.rlib"
try 'and a program' rustc --edition 2021 -O test/rust/main.rs --extern space="$dir/libspace.rlib" \
	-C link-arg="$archive" -o "$dir/main"
[ ! -x "$dir/main" ] || "$dir/main"
