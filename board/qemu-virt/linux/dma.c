// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The GPU in our window of the shared half, in context 0: it copies between two pages,
 * and cannot any more when one of them is unmapped.
 */
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "driver.h"

static bool upper = true;
module_param(upper, bool, 0444);
MODULE_PARM_DESC(upper, "the GPU sees the upper half; before QEMU 10 it does not");

#define DMA_BEATS	5000
#define BYTES	64u

static const gpuas_attr_t attr = GPUAS_GPU_READ | GPUAS_GPU_WRITE |
				 GPUAS_FW_READ | GPUAS_FW_WRITE |
				 GPUAS_MEM_SHARED | GPUAS_GLOBAL;

static gpuas_va_t page_va(const struct gpu *gpu, unsigned int i)
{
	return gpuas_va(gpuas_va_u64(gpu->as.manifest.host.va) + i * GRANULE);
}

static int map(struct gpu *gpu, unsigned int i)
{
	struct page *page = gpu->selftest.chunk[i];

	memset(page_address(page), 0xa0 + i, BYTES);
	return gpuas_linux_map(&gpu->as, page_va(gpu, i),
			       gpuas_pa(page_to_phys(page)), GRANULE, attr);
}

static int copy(struct gpu *gpu, struct fw_message *message)
{
	*message = (struct fw_message){
		.op = FW_COPY,
		.arg = {
			0, gpuas_va_u64(page_va(gpu, 0)),
			gpuas_va_u64(page_va(gpu, 1)), BYTES,
		},
	};
	return gpuas_qv_copy(gpu, message, DMA_BEATS);
}

static bool same(const struct gpu *gpu)
{
	return !memcmp(page_address(gpu->selftest.chunk[0]),
		       page_address(gpu->selftest.chunk[1]), BYTES);
}

int selftest_dma(struct gpu *gpu)
{
	uint64_t va = gpuas_va_u64(page_va(gpu, 0));
	struct fw_message message;
	int err, copied, faulted;
	bool wrong;

	if (!upper)
		return 0;
	err = map(gpu, 0);
	if (!err)
		err = map(gpu, 1);
	if (err)
		return err;
	copied = copy(gpu, &message);
	wrong = !same(gpu);
	err = gpuas_linux_unmap(&gpu->as, page_va(gpu, 0), GRANULE);
	if (err)
		return err;
	faulted = copy(gpu, &message);
	dev_info(gpu->as.dev,
		 "gpuas: selftest: dma: error %d, %s; unmapped: error %d, type 0x%llx at VA 0x%llx\n",
		 copied, wrong ? "wrong" : "right", faulted, message.arg[0],
		 message.arg[1]);
	err = gpuas_linux_unmap(&gpu->as, page_va(gpu, 1), GRANULE);
	if (copied || wrong || faulted != -EFAULT ||
	    message.arg[0] != SMMU_TRANSLATION || message.arg[1] != va)
		err = -EIO;
	return err;
}
