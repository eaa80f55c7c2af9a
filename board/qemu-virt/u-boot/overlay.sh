#!/bin/sh
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# overlay.sh DIR OUT: make OUT a U-Boot tree of links to the files of the one in DIR, which is only read.
# The files that the README's commands change are copies; what was built in DIR is left out.
set -eu
from=$1 to=$2
[ -f "$from/Makefile" ] && [ -d "$from/arch/sandbox" ] || {
	echo "overlay: $from is no U-Boot tree" >&2
	exit 1
}
rm -rf "$to"
mkdir -p "$to"
# Documentation, configurations, Linux' device trees and other architectures are links as a whole, almost
# half of all files: a build in place of what is tested in place writes nothing there.
link() {
	local name=${1#"$from"/} part
	case $name in
	.git|.config|u-boot*) ;;
	arch|dts)
		mkdir "$to/$name"
		for part in "$1"/*; do
			link "$part"
		done ;;
	arch/arm|arch/sandbox)
		cp -rs "$1" "$to/$name" ;;
	arch/*|dts/upstream|doc|configs)
		ln -s "$1" "$to/$name" ;;
	*)	cp -rs "$1" "$to/$name" ;;
	esac
}
for part in "$from"/* "$from"/.[a-z]*; do
	link "$part"
done
rm -rf "$to/include/config" "$to/include/generated" "$to/lib/gpuas"
grep -l gpuas "$to"/board/*/*/config.mk 2>/dev/null | while read -r file; do
	rm -f "$file"
done
for file in lib/Kconfig lib/Makefile; do
	sed '/gpuas/d' "$from/$file" >"$to/$file.new"
	mv "$to/$file.new" "$to/$file"
done
# Objects of a build in place would be taken for up to date.
find "$to" -type l \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) -delete
