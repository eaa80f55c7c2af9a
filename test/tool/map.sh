#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# map.sh O: do maps show what there is, and can they be used? Prints TAP. What needs a
# browser is done by Debian's chromium, or the one that CHROMIUM names.
. test/tool/common.sh "$1" map
for what in many crowd names overlap owners spaces long longer; do
	python3 -B test/tool/map_core.py $what "$dir/$what.core" || echo "not ok - there is a core of $what"
done
python3 -B test/tool/map_page.py "$gpuas" "$dir" || echo 'not ok - all pages could be looked at'

chromium=${CHROMIUM:-$(command -v chromium)}
if [ -z "$chromium" ]; then
	for what in 'labels can be read, nothing overlaps' 'hover, search, keys and zoom work' \
		'light, dark and paper can be looked at'; do
		echo "ok - in a browser, $what # SKIP the package chromium is not installed"
	done
	exit 0
fi
for name in page.html page.svg; do
	(cd "$dir" && "$gpuas" map before.core -o $name --diff after.core)
done
for what in owners names overlap many; do
	"$gpuas" map "$dir/$what.core" -o "$dir/$what.html"
done
timeout 1200 python3 -B test/tool/map_browser.py "$chromium" "$dir" 2>"$dir/browser.err" || {
	echo "not ok - the browser could be asked all ($(tail -n 1 "$dir/browser.err"))"
	cat "$dir/browser.err" >&2
}
rm -rf "$dir/profile"
