# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# The sources of libgpuas, for every makefile that builds them: this project's
# own, U-Boot's and the kernel's. Variables only, so that any of them can include
# it (with GPUAS_DIR set to the top of this tree where it needs the includes).
#
#   GPUAS_ENGINE_SRCS the page-table engine, part of the core: who wants no more than
#                     gpuas/space.h, visit.h and format.h builds these alone
#   GPUAS_CORE_SRCS   the core, below lib/: needs nothing but mem*()
#   GPUAS_SNAPSHOT_SRCS  snapshots and the files that hold them, below lib/: needs the core; part of
#                     its archive, and may be left out
#   GPUAS_FDT_SRCS    device trees, below lib/: needs libfdt
#   GPUAS_ADT_SRCS    Apple's device tree, below lib/: needs the core; for who iBoot starts
#   GPUAS_BOARD_SRCS  board data, below board/; for FOLDER/*.c of it FOLDER/none.c will do
#   GPUAS_INCLUDES    include flags; a host's own gpuas_env.h comes before these

GPUAS_ENGINE_SRCS := error.c $(addprefix table/, \
	format.c format_uat.c format_lpae.c geometry.c \
	table.c walk.c spare.c gather.c split.c space.c \
	map.c repeat.c unmap.c protect.c replace.c release.c translate.c visit.c mapped.c)

GPUAS_CORE_SRCS := \
	$(GPUAS_ENGINE_SRCS) text.c \
	$(addprefix table/,attr.c inspect.c link.c root.c pool.c dump.c token.c ops.c) \
	$(addprefix handoff/,ttb.c profile.c handoff.c handoff_lock.c \
		handoff_flush.c handoff_unmap.c) \
	$(addprefix manifest/,soc.c contract.c contract_check.c plan.c build.c \
		manifest.c manifest_check.c manifest_inspect.c manifest_open.c manifest_print.c)

GPUAS_SNAPSHOT_SRCS := $(addprefix snapshot/,roots.c capture.c extents.c compare.c core.c core_note.c core_read.c)

GPUAS_FDT_SRCS := $(addprefix fdt/, \
	fdt.c fdt_open.c fdt_contract.c fdt_memory.c fdt_read.c fdt_nodes.c fdt_check.c \
	fdt_pools.c fdt_edit.c fdt_reserved.c fdt_gpu.c fdt_withhold.c fdt_publish.c)

GPUAS_ADT_SRCS := $(addprefix adt/,adt.c adt_read.c adt_regions.c)

GPUAS_BOARD_SRCS := families.c boards.c socs.c \
	$(addprefix qemu-virt/,board.c family.c) $(addprefix apple/,contract.c profiles.c soc.c)

GPUAS_INCLUDES := -I$(GPUAS_DIR)/include
