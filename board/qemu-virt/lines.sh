#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# lines.sh LOG: the lines of a console log. The kernel may begin a line of its own before a program has
# ended its own: that is two lines.
set -eu
tr -d '\r\0' <"$1" | sed -E 's/(.)(\[ *[0-9]+\.[0-9]{6}\] )/\1\n\2/'
