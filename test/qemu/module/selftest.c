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

#include "test.h"

#define CHUNK		SZ_16K
#define CHUNKS_PER_MIB	(SZ_1M / CHUNK)
#define MIB_MAX		4096

/* As much memory in tables as 64 MiB of chunks: if they leak, it is missed. */
#define CHURN		2048

static const gpuas_attr_t attr = GPUAS_GPU_READ | GPUAS_GPU_WRITE |
				 GPUAS_FW_READ | GPUAS_FW_WRITE |
				 GPUAS_MEM_SHARED | GPUAS_GLOBAL;

static gpuas_va_t chunk_va(const struct test *test, unsigned int i)
{
	uint64_t base = gpuas_va_u64(test->as->manifest.host.va);

	return gpuas_va(base + (uint64_t)i * CHUNK);
}

static gpuas_pa_t chunk_pa(const struct test *test, unsigned int i)
{
	return gpuas_pa(page_to_phys(test->chunk[i]));
}

void gpuas_test_free(struct test *test)
{
	unsigned int i;

	/* What the GPU may still reach is nobody else's to have. */
	if (test->gpu->fw.loose)
		return;
	mutex_lock(&test->as->lock);
	for (i = 0; i < test->allocated; i++, test->pages--)
		__free_pages(test->chunk[i], get_order(CHUNK));
	kvfree(test->chunk);
	test->chunk = NULL;
	test->chunks = 0;
	test->allocated = 0;
	mutex_unlock(&test->as->lock);
}

void gpuas_test_list(void *ctx, struct gpuas_linux_shot *shot)
{
	struct test *test = ctx;
	unsigned int i;

	for (i = 0; i < test->chunks; i++)
		gpuas_linux_snapshot_memory(shot, chunk_pa(test, i), CHUNK,
					    page_address(test->chunk[i]));
}

/* So that whoever finds one in a dump knows whether all of it is there: its VA, in each word. */
static void sign(struct test *test, unsigned int i)
{
	uint64_t *word = page_address(test->chunk[i]);
	uint64_t at;

	for (at = 0; at < CHUNK; at += sizeof(*word))
		*word++ = gpuas_va_u64(chunk_va(test, i)) + at;
}

/* Scatter, in the same way each time. */
static void shuffle(struct page **page, unsigned int pages)
{
	uint32_t random = 0x6770;
	unsigned int i, j;

	for (i = pages - 1; i; i--) {
		random = random * 1664525 + 1013904223;
		j = (random >> 8) % (i + 1);
		swap(page[i], page[j]);
	}
}

static int allocate(struct test *test, unsigned int chunks)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
	struct page *page;

	test->chunk = kvcalloc(chunks, sizeof(*test->chunk), GFP_KERNEL);
	if (!test->chunk)
		return -ENOMEM;
	while (test->allocated < chunks) {
		page = alloc_pages(gfp, get_order(CHUNK));
		if (!page)
			return -ENOMEM;
		test->chunk[test->allocated++] = page;
		test->pages++;
	}
	shuffle(test->chunk, chunks);
	return 0;
}

/*
 * That tables were given back is counted by the library; that they are free is
 * for the kernel to say. So have many of them, and whoever compares free memory
 * before and after sees the leak of a few.
 */
static int churn(struct test *test)
{
	unsigned long tables = 0;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < CHURN; i++) {
		err = gpuas_linux_map(test->as, chunk_va(test, i),
				      chunk_pa(test, 0), CHUNK, attr);
		tables += test->as->tables;
		if (!err)
			err = gpuas_linux_unmap(test->as, chunk_va(test, i),
						CHUNK);
	}
	dev_info(test->as->dev,
		 "gpuas: selftest: churn: %lu tables came, %lu stayed\n",
		 tables, test->as->tables);
	return err;
}

/* What is the firmware's to cache is unmapped when it says that it has not. */
static int cached(struct test *test)
{
	const gpuas_attr_t rights = attr & ~GPUAS_MEM_MASK;
	uint64_t before = gpuas_entry_load(&test->gpu->fw.status->flushes);
	gpuas_va_t va = chunk_va(test, 0);
	gpuas_pa_t pa;
	int err;

	err = gpuas_linux_map(test->as, va, chunk_pa(test, 0), CHUNK,
			      rights | GPUAS_MEM_CACHED);
	if (!err)
		err = gpuas_qv_tlb_unmap_cached(test->gpu, va, CHUNK, rights);
	dev_info(test->as->dev,
		 "gpuas: selftest: cached: %llu requests answered, then %s\n",
		 gpuas_entry_load(&test->gpu->fw.status->flushes) - before,
		 gpuas_linux_translate(test->as, va, &pa, NULL) == -ENOENT ?
			 "unmapped" : "still mapped");
	return err;
}

static int borrow(struct test *test)
{
	struct refusals refusals = { };
	int err = gpuas_test_borrow(test, &refusals);

	dev_info(test->as->dev, "gpuas: selftest: borrow: %u of %u refused\n",
		 refusals.refused, refusals.asked);
	if (!err && refusals.refused != refusals.asked)
		err = -EIO;
	return err;
}

static int map_all(struct test *test)
{
	int err = 0;

	while (!err && test->chunks < test->allocated) {
		sign(test, test->chunks);
		err = gpuas_linux_map(test->as, chunk_va(test, test->chunks),
				      chunk_pa(test, test->chunks), CHUNK, attr);
		if (!err)
			test->chunks++;
	}
	return err;
}

/* How many translations are not what was mapped. */
static unsigned int count_wrong(struct test *test)
{
	unsigned int wrong = 0, i;
	gpuas_attr_t found;
	gpuas_pa_t pa;
	int err;

	for (i = 0; i < test->chunks; i++) {
		err = gpuas_linux_translate(test->as, chunk_va(test, i), &pa,
					    &found);
		wrong += err || pa != chunk_pa(test, i) || found != attr;
	}
	return wrong;
}

/* How many requests that are none of our business are not refused: 0 of 3. */
static unsigned int count_accepted(struct test *test)
{
	gpuas_va_t fw = test->as->manifest.firmware.va;
	/* A handle on a table below the root has no such VA. */
	const int refused = gpuas_manifest_role(&test->as->manifest,
						GPUAS_ROLE_LENT) ? -ERANGE : -EPERM;
	gpuas_pa_t pa = chunk_pa(test, 0);
	unsigned int accepted = 0;

	accepted += gpuas_linux_map(test->as, fw, pa, CHUNK, attr) != refused;
	accepted += gpuas_linux_unmap(test->as, fw, CHUNK) != refused;
	accepted += gpuas_linux_map(test->as, chunk_va(test, 0), pa, CHUNK,
				    attr) != -EEXIST;
	return accepted;
}

static unsigned int count_mapped(struct test *test)
{
	unsigned int mapped = 0, i;
	gpuas_pa_t pa;

	for (i = 0; i < test->chunks; i++)
		mapped += gpuas_linux_translate(test->as, chunk_va(test, i), &pa,
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
static u64 pages_in_window(struct test *test)
{
	const struct gpuas_range *host = &test->as->manifest.host;
	u64 pages = 0;

	mutex_lock(&test->as->lock);
	gpuas_visit(&test->as->space, host->va, host->size, count_page, &pages);
	mutex_unlock(&test->as->lock);
	return pages;
}

static int unmap_all(struct test *test)
{
	uint64_t size = (uint64_t)test->chunks * CHUNK;
	unsigned int chunks = test->chunks;
	unsigned int mapped;
	int err;

	if (!test->chunk)
		return 0;
	err = size ? gpuas_linux_unmap(test->as, chunk_va(test, 0), size) : 0;
	mapped = count_mapped(test);
	/* What is still mapped must not be freed. */
	if (!err && !mapped)
		gpuas_test_free(test);
	dev_info(test->as->dev,
		 "gpuas: selftest: unmapped %u chunks, %u still mapped, %lu tables left, %llu pages left, %lu chunks leaked, %lu flushes\n",
		 chunks, mapped, test->as->tables, pages_in_window(test), test->pages,
		 test->gpu->flushes);
	if (!err && (mapped || test->as->tables || pages_in_window(test)))
		err = -EIO;
	return err;
}

static int map_and_look(struct test *test, unsigned int chunks)
{
	unsigned int wrong, accepted;
	int err;

	err = borrow(test);
	if (!err)
		err = allocate(test, chunks);
	if (!err)
		err = gpuas_test_dma(test);
	if (!err)
		err = gpuas_test_calls(test);
	if (!err)
		err = gpuas_test_reach(test);
	if (!err)
		err = gpuas_test_records(test);
	if (!err)
		err = cached(test);
	if (!err)
		err = churn(test);
	if (!err)
		err = map_all(test);
	if (err) {
		unmap_all(test);
		return err;
	}
	wrong = count_wrong(test);
	accepted = count_accepted(test);
	dev_info(test->as->dev,
		 "gpuas: selftest: mapped %u chunks of order %u, %u wrong, %lu tables, %llu pages, %u of 3 foreign requests accepted\n",
		 test->chunks, get_order(CHUNK), wrong, test->as->tables,
		 pages_in_window(test), accepted);
	return wrong || accepted ? -EIO : 0;
}

int gpuas_test_run(struct test *test, unsigned long mib)
{
	int err;

	if (mib > MIB_MAX)
		return -EINVAL;
	mutex_lock(&test->lock);
	if (!mib)
		err = unmap_all(test);
	else if (test->chunk)
		err = -EBUSY;
	else
		err = map_and_look(test, mib * CHUNKS_PER_MIB);
	mutex_unlock(&test->lock);
	return err;
}
