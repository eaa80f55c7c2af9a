#!/usr/bin/env python3
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# differ.py: of what "gpuas diff" prints, all that is not the contents of a region of the firmware's own, a line
# for each space or range; ranges that adjoin are one, as pages need not be where others of a buffer are.
import re
import sys

lines = []
for line in sys.stdin:
    found = re.match(r'  (\S+) +0x([0-9a-f]{16})-0x([0-9a-f]{16}) +\S+ +0x[0-9a-f]+ +(.*?) *$', line)
    if not found:
        if not re.match(r'(root 0|\d+ contents|no difference|\s*)$', line):
            lines.append([re.sub(r'pid \d+', 'pid N', line.strip())])
        continue
    change, start, end, rest = found[1], int(found[2], 16), int(found[3], 16), found[4]
    if change == 'contents' and rest.split()[0] in ('fw-data', 'shared'):
        continue
    last = lines[-1] if lines else []
    if len(last) == 4 and (last[0], last[2] + 1, last[3]) == (change, start, rest):
        last[2] = end
    else:
        lines.append([change, start, end, rest])
print(';'.join(part[0] if len(part) == 1 else '%s 0x%016x-0x%016x %s' % tuple(part) for part in lines))
