/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What bindgen reads: all that a driver may want. */
#include <gpuas/adt.h>
#include <gpuas/boards.h>
#include <gpuas/bringup.h>
#include <gpuas/core.h>
#include <gpuas/dump.h>
#include <gpuas/fdt.h>
#include <gpuas/handoff.h>
#include <gpuas/inspect.h>
#include <gpuas/link.h>
#include <gpuas/manifest.h>
#include <gpuas/root.h>
#include <gpuas/snapshot.h>
#include <gpuas/soc.h>
#include <gpuas/space.h>
#include <gpuas/token.h>
#include <gpuas/ttb.h>
#include <gpuas/unmap.h>
#include <gpuas/visit.h>
