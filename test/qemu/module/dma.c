// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The GPU in our window of the shared half, in context 0: it copies between two pages,
 * and cannot any more when one of them is unmapped.
 */
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "test.h"

static bool upper = true;
module_param(upper, bool, 0444);
MODULE_PARM_DESC(upper, "the GPU sees the upper half; before QEMU 10 it does not");

#define DMA_BEATS	5000
#define BYTES	64u

static const gpuas_attr_t attr = GPUAS_GPU_READ | GPUAS_GPU_WRITE |
				 GPUAS_FW_READ | GPUAS_FW_WRITE |
				 GPUAS_MEM_SHARED | GPUAS_GLOBAL;

static gpuas_va_t page_va(const struct test *test, unsigned int i)
{
	return gpuas_va(gpuas_va_u64(test->as->manifest.host.va) + i * GRANULE);
}

static int map(struct test *test, unsigned int i)
{
	struct page *page = test->chunk[i];

	memset(page_address(page), 0xa0 + i, BYTES);
	return gpuas_linux_map(test->as, page_va(test, i),
			       gpuas_pa(page_to_phys(page)), GRANULE, attr);
}

static int copy(struct test *test, struct fw_message *message)
{
	*message = (struct fw_message){
		.op = FW_COPY,
		.arg = {
			0, gpuas_va_u64(page_va(test, 0)),
			gpuas_va_u64(page_va(test, 1)), BYTES,
		},
	};
	return gpuas_qv_copy(test->gpu, message, DMA_BEATS);
}

static bool same(const struct test *test)
{
	return !memcmp(page_address(test->chunk[0]),
		       page_address(test->chunk[1]), BYTES);
}

int gpuas_test_dma(struct test *test)
{
	uint64_t va = gpuas_va_u64(page_va(test, 0));
	struct fw_message message;
	int err, copied, faulted;
	bool wrong;

	if (!upper)
		return 0;
	err = map(test, 0);
	if (!err)
		err = map(test, 1);
	if (err)
		return err;
	copied = copy(test, &message);
	wrong = !same(test);
	err = gpuas_linux_unmap(test->as, page_va(test, 0), GRANULE);
	if (err)
		return err;
	faulted = copy(test, &message);
	dev_info(test->as->dev,
		 "gpuas: selftest: dma: error %d, %s; unmapped: error %d, type 0x%llx at VA 0x%llx\n",
		 copied, wrong ? "wrong" : "right", faulted, message.arg[0],
		 message.arg[1]);
	err = gpuas_linux_unmap(test->as, page_va(test, 1), GRANULE);
	if (copied || wrong || faulted != -EFAULT ||
	    message.arg[0] != SMMU_TRANSLATION || message.arg[1] != va)
		err = -EIO;
	return err;
}
