# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Adds up callgrind's own costs of each function (callgrind_annotate loses its way in dumps that
# were asked for in the middle of a run). Wants --compress-strings=no --compress-pos=no.

/^fn=/ { name = substr($0, 4); next }
/^calls=/ { getline; next }
/^[0-9]/ { cost[name] += $2; all += $2 }
END {
	for (name in cost)
		printf "%12d %5.1f%%  %s\n", cost[name], 100 * cost[name] / all, name | "sort -rn | head -n 25"
}
