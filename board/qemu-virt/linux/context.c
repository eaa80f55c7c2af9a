// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Contexts: a lower half each, with what is mapped in it. */
#include <linux/mm.h>
#include <linux/slab.h>

#include "driver.h"

/**
 * struct mapping - What one GPUAS_MAP did
 * @buffer: of which it holds a reference
 * @size: bytes
 */
struct mapping {
	struct buffer *buffer;
	uint64_t size;
};

/*
 * Opening and closing
 */

static int create(struct context *ctx)
{
	struct gpuas_geometry geo = ctx->gpu->as.manifest.geo;
	struct gpuas_range half = { gpuas_va(0), 1ULL << geo.va_bits };

	geo.upper = false;
	return gpuas_linux_create(&ctx->as, &geo, &half);
}

/* If the firmware is dead that is for each request to say. */
int gpuas_qv_context_start(struct context *ctx)
{
	int err;

	if (ctx->bound || gpuas_qv_fw_dead(&ctx->gpu->fw))
		return 0;
	err = gpuas_qv_fw_bind(&ctx->gpu->fw, ctx->as.space.root, &ctx->number);
	ctx->bound = !err;
	return err;
}

static void destroy(struct context *ctx)
{
	struct gpu *gpu = ctx->gpu;

	ctx->as.keep |= gpu->fw.loose;
	gpuas_linux_release(&ctx->as);
	atomic_long_add(gpuas_linux_exit(&ctx->as), &gpu->users.tables);
}

static void init(struct context *ctx, struct gpu *gpu)
{
	ctx->gpu = gpu;
	mutex_init(&ctx->lock);
	xa_init_flags(&ctx->buffer, XA_FLAGS_ALLOC1);
	xa_init(&ctx->mapping);
	xa_init_flags(&ctx->job, XA_FLAGS_ALLOC1);
	gpuas_linux_init(&ctx->as, gpu->as.dev, gpu->as.board,
			 gpuas_qv_tlb_flush_context);
}

int gpuas_qv_context_open(struct gpu *gpu, struct context **out)
{
	struct context *ctx;
	int err;

	if (gpuas_qv_fw_dead(&gpu->fw))
		return -EIO;
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	if (!ctx)
		return -ENOMEM;
	init(ctx, gpu);
	err = create(ctx);
	if (err) {
		destroy(ctx);
		kfree(ctx);
		return err;
	}
	gpuas_qv_get(gpu);
	mutex_lock(&gpu->users.lock);
	list_add(&ctx->link, &gpu->users.context);
	mutex_unlock(&gpu->users.lock);
	*out = ctx;
	return 0;
}

/* The GPU has let go of all of them, and the tables are gone. */
static void mappings_forget(struct context *ctx)
{
	struct mapping *mapping;
	unsigned long granule;

	xa_for_each(&ctx->mapping, granule, mapping) {
		xa_erase(&ctx->mapping, granule);
		gpuas_qv_buffer_put(mapping->buffer);
		kfree(mapping);
		ctx->mappings--;
	}
	xa_destroy(&ctx->mapping);
}

void gpuas_qv_context_stop(struct context *ctx)
{
	if (ctx->stopped)
		return;
	ctx->stopped = true;
	gpuas_qv_jobs_cancel(ctx);
	if (ctx->bound)
		gpuas_qv_fw_unbind(&ctx->gpu->fw, ctx->number);
	destroy(ctx);
	mappings_forget(ctx);
}

static void buffers_forget(struct context *ctx)
{
	struct buffer *buffer;
	unsigned long handle;

	xa_for_each(&ctx->buffer, handle, buffer)
		gpuas_qv_buffer_put(buffer);
	xa_destroy(&ctx->buffer);
}

void gpuas_qv_context_close(struct context *ctx)
{
	struct gpu *gpu = ctx->gpu;

	mutex_lock(&ctx->lock);
	gpuas_qv_context_stop(ctx);
	buffers_forget(ctx);
	mutex_unlock(&ctx->lock);
	/* Until then, whoever stops all contexts may find and stop it too. */
	mutex_lock(&gpu->users.lock);
	list_del(&ctx->link);
	atomic_long_add(atomic_read(&ctx->pages), &gpu->users.pages);
	mutex_unlock(&gpu->users.lock);
	xa_destroy(&ctx->job);
	mutex_destroy(&ctx->lock);
	kfree(ctx);
	gpuas_qv_put(gpu);
}

/*
 * Buffers
 */

int gpuas_qv_context_create_buffer(struct context *ctx,
				   struct gpuas_ioctl_create_buffer *arg)
{
	struct buffer *buffer;
	int err;

	if (!arg->size || !IS_ALIGNED(arg->size, GRANULE))
		return -EINVAL;
	if (ctx->buffers >= BUFFERS_MAX || arg->size / GRANULE > PAGES_MAX)
		return -EDQUOT;
	buffer = gpuas_qv_buffer_create(ctx, arg->size / GRANULE);
	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	err = xa_alloc_cyclic(&ctx->buffer, &arg->handle, buffer,
			      XA_LIMIT(1, HANDLE_MAX), &ctx->buffer_next,
			      GFP_KERNEL_ACCOUNT);
	if (err < 0) {
		gpuas_qv_buffer_put(buffer);
		return err;
	}
	ctx->buffers++;
	arg->offset = (u64)arg->handle << HANDLE_SHIFT;
	arg->pieces = gpuas_qv_buffer_pieces(buffer);
	return 0;
}

int gpuas_qv_context_destroy_buffer(struct context *ctx,
				    const struct gpuas_ioctl_destroy_buffer *arg)
{
	struct buffer *buffer = xa_erase(&ctx->buffer, arg->handle);

	if (!buffer)
		return -ENOENT;
	ctx->buffers--;
	gpuas_qv_buffer_put(buffer);
	return 0;
}

/*
 * Mappings
 */

static int check_map(const struct context *ctx, const struct buffer *buffer,
		     const struct gpuas_ioctl_map *arg)
{
	const uint64_t size = (uint64_t)buffer->pages * GRANULE;

	if (!(arg->flags & GPUAS_MAP_READ) ||
	    arg->flags & ~(GPUAS_MAP_READ | GPUAS_MAP_WRITE))
		return -EINVAL;
	if (!arg->size || !IS_ALIGNED(arg->offset | arg->size, GRANULE))
		return -EINVAL;
	if (arg->offset + arg->size < arg->offset)
		return -EOVERFLOW;
	if (arg->offset + arg->size > size)
		return -ERANGE;
	return ctx->mappings < MAPPINGS_MAX ? 0 : -EDQUOT;
}

/* Not global: it is the context's, and its ASID's. */
static gpuas_attr_t attributes(u32 flags)
{
	gpuas_attr_t attr = GPUAS_GPU_READ | GPUAS_FW_READ | GPUAS_MEM_SHARED;

	if (flags & GPUAS_MAP_WRITE)
		attr |= GPUAS_GPU_WRITE | GPUAS_FW_WRITE;
	return attr;
}

static int map_pages(struct context *ctx, const struct buffer *buffer,
		     const struct gpuas_ioctl_map *arg)
{
	const unsigned int first = arg->offset / GRANULE;
	const unsigned int pieces = arg->size / GRANULE;
	struct gpuas_extent *list;
	unsigned int i;
	int err;

	list = kvmalloc_array(pieces, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	for (i = 0; i < pieces; i++) {
		list[i].pa = gpuas_pa(page_to_phys(buffer->page[first + i]));
		list[i].size = GRANULE;
	}
	err = gpuas_linux_map_list(&ctx->as, gpuas_va(arg->va), list, pieces,
				   attributes(arg->flags));
	kvfree(list);
	return err;
}

/* Room to remember it comes first, so that what was mapped need not be unmapped. */
static int map_noted(struct context *ctx, struct mapping *mapping,
		     const struct gpuas_ioctl_map *arg)
{
	const unsigned long granule = arg->va >> GRANULE_SHIFT;
	int err = xa_reserve(&ctx->mapping, granule, GFP_KERNEL_ACCOUNT);

	if (err)
		return err;
	err = map_pages(ctx, mapping->buffer, arg);
	if (err) {
		xa_release(&ctx->mapping, granule);
		return err;
	}
	xa_store(&ctx->mapping, granule, mapping, GFP_KERNEL_ACCOUNT);
	kref_get(&mapping->buffer->ref);
	ctx->mappings++;
	return 0;
}

int gpuas_qv_context_map(struct context *ctx, const struct gpuas_ioctl_map *arg)
{
	struct buffer *buffer = xa_load(&ctx->buffer, arg->handle);
	struct mapping *mapping;
	int err;

	if (!buffer)
		return -ENOENT;
	err = check_map(ctx, buffer, arg);
	if (err)
		return err;
	mapping = kmalloc(sizeof(*mapping), GFP_KERNEL_ACCOUNT);
	if (!mapping)
		return -ENOMEM;
	mapping->buffer = buffer;
	mapping->size = arg->size;
	err = map_noted(ctx, mapping, arg);
	if (err)
		kfree(mapping);
	return err;
}

int gpuas_qv_context_unmap(struct context *ctx, const struct gpuas_ioctl_unmap *arg)
{
	const unsigned long granule = arg->va >> GRANULE_SHIFT;
	struct mapping *mapping = xa_load(&ctx->mapping, granule);
	int err;

	if (!mapping || !IS_ALIGNED(arg->va, GRANULE) ||
	    mapping->size != arg->size)
		return -ENOENT;
	if (gpuas_qv_jobs_busy(ctx))
		return -EBUSY;
	err = gpuas_linux_unmap(&ctx->as, gpuas_va(arg->va), arg->size);
	if (err)
		return err;
	xa_erase(&ctx->mapping, granule);
	ctx->mappings--;
	gpuas_qv_buffer_put(mapping->buffer);
	kfree(mapping);
	return gpuas_qv_fw_dead(&ctx->gpu->fw) ? -EIO : 0;
}
