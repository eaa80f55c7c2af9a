// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The same buffers mapped by libgpuas and by the kernel's own io-pgtable, in one
 * run: instructions as the CPU's counter sees them (INST_RETIRED, exact under
 * -icount shift=0). Prints lines for test/bench/guest/run.sh.
 *
 * Both take tables from the page allocator, are told that walkers are coherent,
 * and have flushes that only count. io-pgtable is called as its users call it: one
 * call for each page size and run, again and again until all is done.
 */
#include <linux/gfp.h>
#include <linux/io-pgtable.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include <gpuas_linux.h>

#define INST_RETIRED	0x08
#define VA		SZ_4G
#define PA		0x2000000000ULL
#define PAGES		4096
#define BULK		SZ_1G
#define ROUNDS		5

#define GPUAS_ATTR	(GPUAS_GPU_READ | GPUAS_GPU_WRITE | GPUAS_FW_READ | \
			 GPUAS_FW_WRITE | GPUAS_MEM_SHARED)
#define IOMMU_ATTR	(IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE)

enum { BUFFERS = 64, BUFFER_SIZE = SZ_1M, PIECE_SIZE = SZ_64K };
enum { PIECES = BUFFER_SIZE / PIECE_SIZE };

static struct page *buffer[BUFFERS];
static struct gpuas_extent piece[PIECES]; /* of a scatter list */
static struct perf_event *counter;
static unsigned long flushes;

/* One of those who are compared. */
struct engine {
	const char *name;
	int (*create)(void);
	void (*destroy)(void);
	int (*map)(u64 va, u64 pa, u64 size);
	int (*map_list)(u64 va);
	int (*unmap)(u64 va, u64 size);
	u64 (*translate)(u64 va);
};

/*
 * libgpuas
 */

static struct gpuas_linux gpu;

static void gpu_flush(void *ctx, gpuas_va_t va, uint64_t size)
{
	flushes++;
}

static int gpu_create(void)
{
	const struct gpuas_geometry geo = {
		.format = &gpuas_format_lpae_16k,
		.va_bits = 39,
		.pa_bits = 40,
	};
	const struct gpuas_range window = { gpuas_va(0), 1ULL << 39 };

	gpuas_linux_init(&gpu, NULL, NULL, gpu_flush);
	return gpuas_linux_create(&gpu, &geo, &window);
}

static void gpu_destroy(void)
{
	gpuas_linux_release(&gpu);
	gpuas_linux_exit(&gpu);
}

static int gpu_map(u64 va, u64 pa, u64 size)
{
	return gpuas_map(&gpu.space, gpuas_va(va), gpuas_pa(pa), size, GPUAS_ATTR);
}

static int gpu_map_list(u64 va)
{
	return gpuas_map_list(&gpu.space, gpuas_va(va), piece, PIECES, GPUAS_ATTR);
}

static int gpu_unmap(u64 va, u64 size)
{
	return gpuas_unmap(&gpu.space, gpuas_va(va), size);
}

static u64 gpu_translate(u64 va)
{
	static gpuas_pa_t pa; /* or the stack protector of this very function is counted */

	return gpuas_translate(&gpu.space, gpuas_va(va), &pa, NULL) ? 0 : gpuas_pa_u64(pa);
}

static const struct engine libgpuas = {
	"libgpuas", gpu_create, gpu_destroy, gpu_map, gpu_map_list, gpu_unmap, gpu_translate,
};

/*
 * io-pgtable
 */

static struct platform_device *device;
static struct io_pgtable_ops *io;

static void io_flush_all(void *cookie)
{
	flushes++;
}

static void io_flush_walk(unsigned long va, size_t size, size_t granule, void *cookie)
{
	flushes++;
}

static void io_add_page(struct iommu_iotlb_gather *gather, unsigned long va, size_t granule,
			void *cookie)
{
	flushes++;
}

static const struct iommu_flush_ops io_flush_ops = {
	.tlb_flush_all = io_flush_all,
	.tlb_flush_walk = io_flush_walk,
	.tlb_add_page = io_add_page,
};

static int io_create(void)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = SZ_16K,
		.ias = 39,
		.oas = 40,
		.coherent_walk = true,
		.tlb = &io_flush_ops,
		.iommu_dev = &device->dev,
	};

	io = alloc_io_pgtable_ops(ARM_64_LPAE_S1, &cfg, NULL);
	return io ? 0 : -ENOMEM;
}

static void io_destroy(void)
{
	free_io_pgtable_ops(io);
}

static int io_map(u64 va, u64 pa, u64 size)
{
	size_t mapped;
	int err = 0;

	for (; size && !err; va += mapped, pa += mapped, size -= mapped) {
		mapped = 0;
		err = io->map_pages(io, va, pa, SZ_16K, size / SZ_16K, IOMMU_ATTR, GFP_KERNEL,
				    &mapped);
	}
	return err;
}

static int io_map_list(u64 va)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < PIECES && !err; i++)
		err = io_map(va + i * (u64)PIECE_SIZE, gpuas_pa_u64(piece[i].pa), PIECE_SIZE);
	return err;
}

static int io_unmap(u64 va, u64 size)
{
	struct iommu_iotlb_gather gather;
	size_t done = 1;

	iommu_iotlb_gather_init(&gather);
	for (; size && done; va += done, size -= done)
		done = io->unmap_pages(io, va, SZ_16K, size / SZ_16K, &gather);
	return size ? -ENOENT : 0;
}

static u64 io_translate(u64 va)
{
	return io->iova_to_phys(io, va);
}

static const struct engine io_pgtable = {
	"io-pgtable", io_create, io_destroy, io_map, io_map_list, io_unmap, io_translate,
};

/*
 * Nobody: what the loops take
 */

static int none_create(void)
{
	return 0;
}

static void none_destroy(void)
{
}

static int none_map(u64 va, u64 pa, u64 size)
{
	return 0;
}

static int none_map_list(u64 va)
{
	return 0;
}

static int none_unmap(u64 va, u64 size)
{
	return 0;
}

static u64 none_translate(u64 va)
{
	return PA + (va - VA);
}

static const struct engine none = {
	"none", none_create, none_destroy, none_map, none_map_list, none_unmap, none_translate,
};

/*
 * Workloads
 */

struct workload {
	const char *name;
	int (*before)(const struct engine *engine);
	int (*run)(const struct engine *engine);
	unsigned int units;
};

/* A number that visits all of PAGES / 2, a power of two, once. */
static u64 scatter(u64 i)
{
	return i * 389 & (PAGES / 2 - 1);
}

/* Every second page, so that all tables are there, and stay. */
static int odd_pages(const struct engine *engine)
{
	u64 i;
	int err = 0;

	for (i = 1; i < PAGES; i += 2)
		err |= engine->map(VA + i * SZ_16K, PA + i * SZ_16K, SZ_16K);
	return err;
}

static int map_pages(const struct engine *engine)
{
	u64 i, offset;
	int err = 0;

	for (i = 0; i < PAGES / 2; i++) {
		offset = scatter(i) * 2 * SZ_16K;
		err |= engine->map(VA + offset, PA + offset, SZ_16K);
	}
	return err;
}

static int all_pages(const struct engine *engine)
{
	return odd_pages(engine) | map_pages(engine);
}

static int unmap_pages(const struct engine *engine)
{
	u64 i, offset;
	int err = 0;

	for (i = 0; i < PAGES / 2; i++) {
		offset = scatter(i) * 2 * SZ_16K;
		err |= engine->unmap(VA + offset, SZ_16K);
	}
	return err;
}

static int translate(const struct engine *engine)
{
	u64 i, offset, wrong = 0;

	for (i = 0; i < PAGES; i++) {
		offset = (i * 0x9e3779b97f4a7c15ULL) >> 13 & (PAGES * SZ_16K - 1);
		wrong |= engine->translate(VA + offset) ^ (PA + offset);
	}
	return wrong ? -EFAULT : 0;
}

static int nothing(const struct engine *engine)
{
	return 0;
}

static int map_buffers(const struct engine *engine)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < BUFFERS; i++)
		err |= engine->map(VA + i * (u64)BUFFER_SIZE, page_to_phys(buffer[i]), BUFFER_SIZE);
	return err;
}

static int unmap_buffers(const struct engine *engine)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < BUFFERS; i++)
		err |= engine->unmap(VA + i * (u64)BUFFER_SIZE, BUFFER_SIZE);
	return err;
}

static int map_lists(const struct engine *engine)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < BUFFERS; i++)
		err |= engine->map_list(VA + i * (u64)BUFFER_SIZE);
	return err;
}

static int map_bulk(const struct engine *engine)
{
	return engine->map(VA, PA, BULK);
}

static int unmap_bulk(const struct engine *engine)
{
	u64 offset;
	int err = 0;

	for (offset = 0; offset < BULK; offset += SZ_1M)
		err |= engine->unmap(VA + offset, SZ_1M);
	return err;
}

static const struct workload workload[] = {
	{ "map-page", odd_pages, map_pages, PAGES / 2 },
	{ "unmap-page", all_pages, unmap_pages, PAGES / 2 },
	{ "translate", all_pages, translate, PAGES },
	{ "map-1M-buffers", nothing, map_buffers, BUFFERS * BUFFER_SIZE / SZ_16K },
	{ "unmap-1M-buffers", map_buffers, unmap_buffers, BUFFERS * BUFFER_SIZE / SZ_16K },
	{ "map-list", nothing, map_lists, BUFFERS * BUFFER_SIZE / SZ_16K },
	{ "map-1G-call", nothing, map_bulk, BULK / SZ_16K },
	{ "unmap-1G-1M-calls", map_bulk, unmap_bulk, BULK / SZ_16K },
};

static u64 instructions(void)
{
	u64 enabled, running;

	return perf_event_read_value(counter, &enabled, &running);
}

/* The least of some rounds: one of them is without the timer's interrupt, or nearly. */
static int measure(const struct workload *work, const struct engine *engine)
{
	u64 start, count, least = U64_MAX;
	unsigned int round;
	int err = 0;

	for (round = 0; round < ROUNDS && !err; round++) {
		err = engine->create();
		if (err)
			break;
		err = work->before(engine);
		start = instructions();
		err |= work->run(engine);
		count = instructions() - start;
		least = min(least, count);
		engine->destroy();
	}
	if (err)
		pr_err("gpuas-bench: %s %s failed: %d\n", work->name, engine->name, err);
	else
		pr_info("gpuas-bench: %s %s %llu / %u\n", work->name, engine->name, least,
			work->units);
	return err;
}

static int measure_all(void)
{
	static const struct engine *const engines[] = { &none, &io_pgtable, &libgpuas };
	unsigned int i, j;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(workload); i++) {
		for (j = 0; j < ARRAY_SIZE(engines); j++)
			err |= measure(&workload[i], engines[j]);
	}
	return err ? -EIO : 0;
}

/* In no order, and none beside the one before it: nothing can be joined. */
static void pieces_init(void)
{
	unsigned int i;

	for (i = 0; i < PIECES; i++)
		piece[i] = (struct gpuas_extent){
			gpuas_pa(PA + (i * 7 % PIECES) * 3ULL * PIECE_SIZE), PIECE_SIZE
		};
}

static int counter_create(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_RAW,
		.size = sizeof(attr),
		.config = INST_RETIRED,
		.pinned = 1,
	};

	counter = perf_event_create_kernel_counter(&attr, 0, NULL, NULL, NULL);
	return PTR_ERR_OR_ZERO(counter);
}

static void buffers_free(void)
{
	unsigned int i;

	for (i = 0; i < BUFFERS && buffer[i]; i++)
		__free_pages(buffer[i], get_order(BUFFER_SIZE));
}

static int buffers_alloc(void)
{
	unsigned int i;

	for (i = 0; i < BUFFERS; i++) {
		buffer[i] = alloc_pages(GFP_KERNEL, get_order(BUFFER_SIZE));
		if (!buffer[i]) {
			buffers_free();
			return -ENOMEM;
		}
	}
	return 0;
}

/* All is done here; what init returns decides only whether the module stays. */
static int __init bench_init(void)
{
	int err;

	device = platform_device_register_simple("gpuas-bench", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	err = counter_create();
	if (err)
		goto no_counter;
	err = buffers_alloc();
	if (err)
		goto no_buffers;
	pieces_init();
	err = measure_all();
	pr_info("gpuas-bench: done, %lu flushes\n", flushes);
	buffers_free();
no_buffers:
	perf_event_release_kernel(counter);
no_counter:
	platform_device_unregister(device);
	return err;
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Page tables by libgpuas and by io-pgtable, in instructions");
