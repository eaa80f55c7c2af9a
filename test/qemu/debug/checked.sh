#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# checked.sh LOG COMMAND...: runs a suite of one boot on the debug kernel, and then has its log judged by what
# the checkers say. Prints TAP, that of the suite first. DEBUG_OWN: see OWN in reports.sh.
set -eu
log=$1
shift
rm -f "$log"
# Its time limit is for what hangs, and this kernel is slow.
KERNEL=debug GPUAS_LIMIT=7200 "$@"
"${0%/*}/reports.sh" "$log" ${DEBUG_OWN:+"$DEBUG_OWN"}
