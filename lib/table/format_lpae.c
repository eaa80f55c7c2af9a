// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * LPAE stage 1. The firmware's accesses are privileged, the GPU's are not, so
 * every right of the GPU to data is the firmware's too, and what the GPU may
 * write the firmware may not execute (Arm ARM DDI 0487, D8.4.1).
 */
#include "entry.h"

#define FW_R	GPUAS_FW_READ
#define FW_RW	(GPUAS_FW_READ | GPUAS_FW_WRITE)
#define FW_X	GPUAS_FW_EXEC
#define GPU_R	GPUAS_GPU_READ
#define GPU_RW	(GPUAS_GPU_READ | GPUAS_GPU_WRITE)
#define GPU_X	GPUAS_GPU_EXEC
#define ALIAS	GPUAS_ACCESS_ALIAS

#define SH_NONE		0
#define SH_INNER	3

/* Rows: AP[2:1]; columns: UXN,PXN = 00, 01, 10, 11. */
static const uint16_t access[16] = {
	FW_RW | FW_X | GPU_X,	FW_RW | GPU_X,
	FW_RW | FW_X,		FW_RW,
	FW_RW | GPU_RW | GPU_X | ALIAS,
				FW_RW | GPU_RW | GPU_X,
	FW_RW | GPU_RW | ALIAS,	FW_RW | GPU_RW,
	FW_R | FW_X | GPU_X,	FW_R | GPU_X,
	FW_R | FW_X,		FW_R,
	FW_R | FW_X | GPU_R | GPU_X,
				FW_R | GPU_R | GPU_X,
	FW_R | FW_X | GPU_R,	FW_R | GPU_R,
};

#define CACHED	(GPUAS_MEM_CACHED >> ENTRY_MEM_SHIFT)
#define SHARED	(GPUAS_MEM_SHARED >> ENTRY_MEM_SHIFT)
#define DEVICE	(GPUAS_MEM_DEVICE >> ENTRY_MEM_SHIFT)
#define RAW	(GPUAS_RAW >> ENTRY_MEM_SHIFT)

#define MEM_INDEX		{ 0, 2, 1 }
#define MEM_SHAREABILITY	{ SH_INNER, SH_INNER, SH_NONE }
/* GPUAS_LPAE_MAIR: ff 00 ff, the rest device memory */
#define MEM_KIND \
	{ CACHED, DEVICE, SHARED, DEVICE | RAW, DEVICE | RAW, DEVICE | RAW, DEVICE | RAW, DEVICE | RAW }

/* Blocks: 1 GiB and 2 MiB; 32 MiB; 512 MiB (DDI 0487, D8.2). */
const struct gpuas_format gpuas_format_lpae_4k = {
	.name = "lpae-4k",
	.granule_shift = 12,
	.index_bits = 9,
	.va_bits_min = 31,
	.va_bits_max = 48,
	.pa_bits_min = 32,
	.pa_bits_max = 48,
	.block_levels = 1 << 1 | 1 << 2,
	.access = access,
	.access_rows = 16,
	.mem_index = MEM_INDEX,
	.mem_shareability = MEM_SHAREABILITY,
	.mem_kind = MEM_KIND,
};

const struct gpuas_format gpuas_format_lpae_16k = {
	.name = "lpae-16k",
	.granule_shift = 14,
	.index_bits = 11,
	.va_bits_min = 31,
	.va_bits_max = 48,
	.pa_bits_min = 32,
	.pa_bits_max = 48,
	.block_levels = 1 << 1,
	.access = access,
	.access_rows = 16,
	.mem_index = MEM_INDEX,
	.mem_shareability = MEM_SHAREABILITY,
	.mem_kind = MEM_KIND,
};

const struct gpuas_format gpuas_format_lpae_64k = {
	.name = "lpae-64k",
	.granule_shift = 16,
	.index_bits = 13,
	.va_bits_min = 31,
	.va_bits_max = 48,
	.pa_bits_min = 32,
	.pa_bits_max = 48,
	.block_levels = 1 << 1,
	.access = access,
	.access_rows = 16,
	.mem_index = MEM_INDEX,
	.mem_shareability = MEM_SHAREABILITY,
	.mem_kind = MEM_KIND,
};
