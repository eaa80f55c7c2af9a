#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# mutants.sh LIST...: does each defect of these lists still find the line that it is to change? To plant them
# takes long, so "make test-all" does that; a line that moved is noticed here. Prints TAP.
set -u

for list; do
	stale=()
	planted=0
	while IFS='|' read -r _ file what change; do
		read -r file <<<"$file"
		read -r what <<<"$what"
		case $file in
		*/*) ;;
		*) file=lib/table/$file ;;
		esac
		planted=$((planted + 1))
		if sed "${change# }" "$file" | cmp -s - "$file"; then
			stale+=("$file: $what")
		fi
	done < <(grep -v -e '^#' -e '^$' "$list" | sed 's/ | /|/; s/ | /|/; s/ | /|/')
	[ $planted -gt 0 ] && [ ${#stale[@]} -eq 0 ] || printf 'not '
	echo "ok - $list: each of $planted defects changes its file"
	[ ${#stale[@]} -eq 0 ] || printf '# changes nothing in %s\n' "${stale[@]}"
done
