#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# docs.sh O: is what lib/host/dumps.md and README.md say of dumps so? Prints TAP.
. test/tool/common.sh "$1" docs
mkdir "$dir/bin"
ln -s "$gpuas" "$dir/bin/gpuas"
export PATH=$dir/bin:$PATH
zstd -q --rm "$dir/crash.core" -o "$dir/crash.zst" || echo 'not ok - there is a dump'
python3 -B test/tool/docs.py "$PWD/lib/host/dumps.md" "$PWD/README.md" "$dir" || echo 'not ok - all of the page could be judged'
