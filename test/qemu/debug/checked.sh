#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# checked.sh LOG COMMAND...: runs a suite of one boot on the debug kernel, and then has its log judged by what
# the checkers say. Prints TAP, that of the suite first. DEBUG_OWN: see OWN in reports.sh.
set -eu
log=$1
shift
rm -f "$log"
KERNEL=debug "$@"
"${0%/*}/reports.sh" "$log" ${DEBUG_OWN:+"$DEBUG_OWN"}
