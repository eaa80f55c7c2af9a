// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * UAT: Arm's descriptors with Apple's permissions. AP, UXN and PXN are an index
 * into a table of rights, as in SPRR; bit 55 selects the table. Rights as in m1n1
 * proxyclient/m1n1/hw/uat.py (access_fw, access_gpu).
 */
#include "entry.h"

#define FW_R	GPUAS_FW_READ
#define FW_W	GPUAS_FW_WRITE
#define FW_X	GPUAS_FW_EXEC
#define GL_R	GPUAS_GL_READ
#define GL_W	GPUAS_GL_WRITE
#define GL_X	GPUAS_GL_EXEC
#define GPU_R	GPUAS_GPU_READ
#define GPU_W	GPUAS_GPU_WRITE
#define ALIAS	GPUAS_ACCESS_ALIAS

/* Rows: owner, AP[1:0]; columns: UXN,PXN = 00, 01, 10, 11. */
static const uint16_t access[32] = {
	/* Owned by the firmware: the GPU has no access, GL1 differs from EL1. */
	0,		ALIAS,		ALIAS,		GL_R | GL_W,
	ALIAS,		FW_R | FW_W,	ALIAS,		FW_R | FW_W | GL_R | GL_W,
	GL_R | GL_X,	FW_R | FW_X,	ALIAS,		GL_R,
	FW_R | FW_X | GL_R | GL_X,
			FW_R | GL_R | GL_W,
					ALIAS,		FW_R | GL_R,
	/*
	 * Owned by the host. That the firmware may write by column 10 of the first row and
	 * by column 01 of the second is SPTM's (include/gpuas/format.h).
	 */
	0,		FW_R | GPU_R,	FW_W | GPU_W,	FW_R | FW_W | GPU_R | GPU_W,
	FW_R,		FW_W,		FW_R | FW_W,	FW_R | FW_W | GPU_R,
	GPU_R,		GPU_W,		GPU_R | GPU_W,	ALIAS,
	ALIAS,		ALIAS,		ALIAS,		ALIAS,
};

const struct gpuas_format gpuas_format_uat = {
	.name = "uat",
	.granule_shift = 14,
	.index_bits = 11,
	.va_bits_min = 39,
	.va_bits_max = 42,
	.pa_bits_min = 36,
	.pa_bits_max = 42,
	.owner_bit = 55,
	.block_levels = 1 << 1,
	.access = access,
	.access_rows = 32,
	.mem_index = { 0, 2, 1 },
	.mem_shareability = { 0, 0, 0 },
	/* MAIR as the firmware programs it: ff 00 f4 4f 00 ff 00 00 */
	.mem_kind = {
		GPUAS_MEM_CACHED >> ENTRY_MEM_SHIFT,
		GPUAS_MEM_DEVICE >> ENTRY_MEM_SHIFT,
		GPUAS_MEM_SHARED >> ENTRY_MEM_SHIFT,
		(GPUAS_MEM_OTHER | GPUAS_RAW) >> ENTRY_MEM_SHIFT,
		(GPUAS_MEM_DEVICE | GPUAS_RAW) >> ENTRY_MEM_SHIFT,
		(GPUAS_MEM_CACHED | GPUAS_RAW) >> ENTRY_MEM_SHIFT,
		(GPUAS_MEM_DEVICE | GPUAS_RAW) >> ENTRY_MEM_SHIFT,
		(GPUAS_MEM_DEVICE | GPUAS_RAW) >> ENTRY_MEM_SHIFT,
	},
};
