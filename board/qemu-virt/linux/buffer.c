// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * Memory of users. It is mmap-ed by page frame: nobody can take a page and keep it,
 * so that what is counted here is all that is in use.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "driver.h"

/* One granule is at least one page of the kernel's, so that an offset can be mmap-ed. */
static_assert(PAGE_SIZE <= GRANULE);

void gpuas_qv_pages_shuffle(struct page **page, unsigned int pages)
{
	uint32_t random = 0x6770;
	unsigned int i, j;

	for (i = pages - 1; i; i--) {
		random = random * 1664525 + 1013904223;
		j = (random >> 8) % (i + 1);
		swap(page[i], page[j]);
	}
}

static void pages_free(struct buffer *buffer)
{
	while (buffer->pages)
		__free_pages(buffer->page[--buffer->pages], get_order(GRANULE));
}

/* What the GPU may still reach is nobody else's to have: it is lost. */
static void buffer_free(struct kref *ref)
{
	struct buffer *buffer = container_of(ref, struct buffer, ref);
	struct context *ctx = buffer->ctx;

	if (ctx->gpu->fw.loose)
		return;
	atomic_sub(buffer->pages, &ctx->pages);
	pages_free(buffer);
	kvfree(buffer);
}

void gpuas_qv_buffer_put(struct buffer *buffer)
{
	kref_put(&buffer->ref, buffer_free);
}

static int pages_alloc(struct buffer *buffer, unsigned int pages)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NORETRY |
			  __GFP_NOWARN;
	struct page *page;

	while (buffer->pages < pages) {
		page = alloc_pages(gfp, get_order(GRANULE));
		if (!page)
			return -ENOMEM;
		buffer->page[buffer->pages++] = page;
	}
	gpuas_qv_pages_shuffle(buffer->page, pages);
	return 0;
}

struct buffer *gpuas_qv_buffer_create(struct context *ctx, unsigned int pages)
{
	struct buffer *buffer;
	int err = -EDQUOT;

	if (atomic_add_return(pages, &ctx->pages) > PAGES_MAX)
		goto unlimit;
	err = -ENOMEM;
	buffer = kvzalloc(struct_size(buffer, page, pages), GFP_KERNEL_ACCOUNT);
	if (!buffer)
		goto unlimit;
	kref_init(&buffer->ref);
	buffer->ctx = ctx;
	if (!pages_alloc(buffer, pages))
		return buffer;
	pages_free(buffer);
	kvfree(buffer);
unlimit:
	atomic_sub(pages, &ctx->pages);
	return ERR_PTR(err);
}

unsigned int gpuas_qv_buffer_pieces(const struct buffer *buffer)
{
	unsigned int pieces = 1, i;

	for (i = 1; i < buffer->pages; i++)
		pieces += page_to_phys(buffer->page[i]) !=
			  page_to_phys(buffer->page[i - 1]) + GRANULE;
	return pieces;
}

static void vm_open(struct vm_area_struct *vma)
{
	struct buffer *buffer = vma->vm_private_data;

	kref_get(&buffer->ref);
}

static void vm_close(struct vm_area_struct *vma)
{
	gpuas_qv_buffer_put(vma->vm_private_data);
}

static const struct vm_operations_struct vm_ops = {
	.open = vm_open,
	.close = vm_close,
};

static unsigned long frame(const struct buffer *buffer, unsigned long number)
{
	const unsigned long in_granule = GRANULE / PAGE_SIZE;

	return page_to_pfn(buffer->page[number / in_granule]) +
	       number % in_granule;
}

/* Private mappings would be copies; there is nothing to be had from them. */
int gpuas_qv_buffer_mmap(struct buffer *buffer, struct vm_area_struct *vma,
			 unsigned long first)
{
	unsigned long pages = buffer->pages * (GRANULE / PAGE_SIZE);
	unsigned long count = vma_pages(vma), i;
	int err = 0;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (first >= pages || count > pages - first)
		return -ENXIO;
	for (i = 0; !err && i < count; i++)
		err = remap_pfn_range(vma, vma->vm_start + i * PAGE_SIZE,
				      frame(buffer, first + i), PAGE_SIZE,
				      vma->vm_page_prot);
	/* What was mapped already has no reference of its own. */
	if (err) {
		zap_special_vma_range(vma, vma->vm_start,
				      vma->vm_end - vma->vm_start);
		return err;
	}
	kref_get(&buffer->ref);
	vma->vm_private_data = buffer;
	vma->vm_ops = &vm_ops;
	return 0;
}
