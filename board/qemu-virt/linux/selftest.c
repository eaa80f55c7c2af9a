// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Maps many scattered pages, one call each, and asks for every one of them again.
 * The counts of its one line are what a test compares.
 */
#include <linux/device.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include <gpuas/visit.h>

#include "driver.h"

#define CHUNK		SZ_16K
#define CHUNKS_PER_MIB	(SZ_1M / CHUNK)
#define MIB_MAX		4096

/* As much memory in tables as 64 MiB of chunks: if they leak, it is missed. */
#define CHURN		2048

static const gpuas_attr_t attr = GPUAS_GPU_READ | GPUAS_GPU_WRITE |
				 GPUAS_FW_READ | GPUAS_FW_WRITE |
				 GPUAS_MEM_SHARED | GPUAS_GLOBAL;

static gpuas_va_t chunk_va(const struct gpu *gpu, unsigned int i)
{
	uint64_t base = gpuas_va_u64(gpu->as.manifest.host.va);

	return gpuas_va(base + (uint64_t)i * CHUNK);
}

static gpuas_pa_t chunk_pa(const struct gpu *gpu, unsigned int i)
{
	return gpuas_pa(page_to_phys(gpu->selftest.chunk[i]));
}

void selftest_free(struct gpu *gpu)
{
	struct selftest *test = &gpu->selftest;
	unsigned int i;

	/* What the GPU may still reach is nobody else's to have. */
	if (gpu->fw.loose)
		return;
	for (i = 0; i < test->allocated; i++, gpu->pages--)
		__free_pages(test->chunk[i], get_order(CHUNK));
	kvfree(test->chunk);
	memset(test, 0, sizeof(*test));
}

static int allocate(struct gpu *gpu, unsigned int chunks)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
	struct selftest *test = &gpu->selftest;
	struct page *page;

	test->chunk = kvcalloc(chunks, sizeof(*test->chunk), GFP_KERNEL);
	if (!test->chunk)
		return -ENOMEM;
	while (test->allocated < chunks) {
		page = alloc_pages(gfp, get_order(CHUNK));
		if (!page)
			return -ENOMEM;
		test->chunk[test->allocated++] = page;
		gpu->pages++;
	}
	gpuas_qv_pages_shuffle(test->chunk, chunks);
	return 0;
}

/*
 * That tables were given back is counted by the library; that they are free is
 * for the kernel to say. So have many of them, and whoever compares free memory
 * before and after sees the leak of a few.
 */
static int churn(struct gpu *gpu)
{
	unsigned long tables = 0;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < CHURN; i++) {
		err = gpuas_linux_map(&gpu->as, chunk_va(gpu, i),
				      chunk_pa(gpu, 0), CHUNK, attr);
		tables += gpu->as.tables;
		if (!err)
			err = gpuas_linux_unmap(&gpu->as, chunk_va(gpu, i),
						CHUNK);
	}
	dev_info(gpu->as.dev,
		 "gpuas: selftest: churn: %lu tables came, %lu stayed\n",
		 tables, gpu->as.tables);
	return err;
}

/* What is the firmware's to cache is unmapped when it says that it has not. */
static int cached(struct gpu *gpu)
{
	const gpuas_attr_t rights = attr & ~GPUAS_MEM_MASK;
	uint64_t before = gpuas_entry_load(&gpu->fw.status->flushes);
	gpuas_va_t va = chunk_va(gpu, 0);
	gpuas_pa_t pa;
	int err;

	err = gpuas_linux_map(&gpu->as, va, chunk_pa(gpu, 0), CHUNK,
			      rights | GPUAS_MEM_CACHED);
	if (!err)
		err = gpuas_qv_tlb_unmap_cached(gpu, va, CHUNK, rights);
	dev_info(gpu->as.dev,
		 "gpuas: selftest: cached: %llu requests answered, then %s\n",
		 gpuas_entry_load(&gpu->fw.status->flushes) - before,
		 gpuas_linux_translate(&gpu->as, va, &pa, NULL) == -ENOENT ?
			 "unmapped" : "still mapped");
	return err;
}

static int borrow(struct gpu *gpu)
{
	struct refusals refusals = { };
	int err = borrow_refused(gpu, &refusals);

	dev_info(gpu->as.dev, "gpuas: selftest: borrow: %u of %u refused\n",
		 refusals.refused, refusals.asked);
	if (!err && refusals.refused != refusals.asked)
		err = -EIO;
	return err;
}

static int map_all(struct gpu *gpu)
{
	struct selftest *test = &gpu->selftest;
	int err = 0;

	while (!err && test->chunks < test->allocated) {
		err = gpuas_linux_map(&gpu->as, chunk_va(gpu, test->chunks),
				      chunk_pa(gpu, test->chunks), CHUNK, attr);
		if (!err)
			test->chunks++;
	}
	return err;
}

/* How many translations are not what was mapped. */
static unsigned int count_wrong(struct gpu *gpu)
{
	unsigned int wrong = 0, i;
	gpuas_attr_t found;
	gpuas_pa_t pa;
	int err;

	for (i = 0; i < gpu->selftest.chunks; i++) {
		err = gpuas_linux_translate(&gpu->as, chunk_va(gpu, i), &pa,
					    &found);
		wrong += err || pa != chunk_pa(gpu, i) || found != attr;
	}
	return wrong;
}

/* How many requests that are none of our business are not refused: 0 of 3. */
static unsigned int count_accepted(struct gpu *gpu)
{
	gpuas_va_t fw = gpu->as.manifest.firmware.va;
	/* A handle on a table below the root has no such VA. */
	const int refused = gpuas_manifest_role(&gpu->as.manifest,
						GPUAS_ROLE_LENT) ? -ERANGE : -EPERM;
	gpuas_pa_t pa = chunk_pa(gpu, 0);
	unsigned int accepted = 0;

	accepted += gpuas_linux_map(&gpu->as, fw, pa, CHUNK, attr) != refused;
	accepted += gpuas_linux_unmap(&gpu->as, fw, CHUNK) != refused;
	accepted += gpuas_linux_map(&gpu->as, chunk_va(gpu, 0), pa, CHUNK,
				    attr) != -EEXIST;
	return accepted;
}

static unsigned int count_mapped(struct gpu *gpu)
{
	unsigned int mapped = 0, i;
	gpuas_pa_t pa;

	for (i = 0; i < gpu->selftest.chunks; i++)
		mapped += gpuas_linux_translate(&gpu->as, chunk_va(gpu, i), &pa,
						NULL) != -ENOENT;
	return mapped;
}

static int count_page(void *ctx, const struct gpuas_step *step)
{
	u64 *pages = ctx;

	*pages += step->kind == GPUAS_PAGE;
	return 0;
}

/* Not what was asked for, but what is in the tables. */
static u64 pages_in_window(struct gpu *gpu)
{
	const struct gpuas_range *host = &gpu->as.manifest.host;
	u64 pages = 0;

	mutex_lock(&gpu->as.lock);
	gpuas_visit(&gpu->as.space, host->va, host->size, count_page, &pages);
	mutex_unlock(&gpu->as.lock);
	return pages;
}

static int unmap_all(struct gpu *gpu)
{
	uint64_t size = (uint64_t)gpu->selftest.chunks * CHUNK;
	unsigned int chunks = gpu->selftest.chunks;
	unsigned int mapped;
	int err;

	if (!gpu->selftest.chunk)
		return 0;
	err = size ? gpuas_linux_unmap(&gpu->as, chunk_va(gpu, 0), size) : 0;
	mapped = count_mapped(gpu);
	/* What is still mapped must not be freed. */
	if (!err && !mapped)
		selftest_free(gpu);
	dev_info(gpu->as.dev,
		 "gpuas: selftest: unmapped %u chunks, %u still mapped, %lu tables left, %llu pages left, %lu chunks leaked, %lu flushes\n",
		 chunks, mapped, gpu->as.tables, pages_in_window(gpu), gpu->pages,
		 gpu->flushes);
	if (!err && (mapped || gpu->as.tables || pages_in_window(gpu)))
		err = -EIO;
	return err;
}

static int map_and_look(struct gpu *gpu, unsigned int chunks)
{
	unsigned int wrong, accepted;
	int err;

	err = borrow(gpu);
	if (!err)
		err = allocate(gpu, chunks);
	if (!err)
		err = selftest_dma(gpu);
	if (!err)
		err = selftest_calls(gpu);
	if (!err)
		err = selftest_reach(gpu);
	if (!err)
		err = selftest_records(gpu);
	if (!err)
		err = cached(gpu);
	if (!err)
		err = churn(gpu);
	if (!err)
		err = map_all(gpu);
	if (err) {
		unmap_all(gpu);
		return err;
	}
	wrong = count_wrong(gpu);
	accepted = count_accepted(gpu);
	dev_info(gpu->as.dev,
		 "gpuas: selftest: mapped %u chunks of order %u, %u wrong, %lu tables, %llu pages, %u of 3 foreign requests accepted\n",
		 gpu->selftest.chunks, get_order(CHUNK), wrong, gpu->as.tables,
		 pages_in_window(gpu), accepted);
	return wrong || accepted ? -EIO : 0;
}

int selftest_run(struct gpu *gpu, unsigned long mib)
{
	int err;

	if (mib > MIB_MAX)
		return -EINVAL;
	mutex_lock(&gpu->lock);
	if (!mib)
		err = unmap_all(gpu);
	else if (gpu->selftest.chunk)
		err = -EBUSY;
	else
		err = map_and_look(gpu, mib * CHUNKS_PER_MIB);
	mutex_unlock(&gpu->lock);
	return err;
}
