#!/bin/bash
# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# image.sh QEMU IMAGE: run one image with the stand-in GPU, for test/qemu/walk/mutants.sh.
set -uo pipefail
# shellcheck source=test/qemu/device/run.sh
. "${0%/*}/run.sh"
use_qemu "$1"
# Most defects are found at once.
GPU_PROBES=4000 GPU_STEPS=1500 gpu "$2"
