// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The core's operations, one at a time. */
#include <gpuas_linux.h>

int gpuas_linux_create(struct gpuas_linux *gpu,
		       const struct gpuas_geometry *geo,
		       const struct gpuas_range *window)
{
	int err;

	mutex_lock(&gpu->lock);
	err = gpuas_space_create(&gpu->space, geo, window, &gpu->env);
	gpu->open = !err;
	mutex_unlock(&gpu->lock);
	return err;
}

void gpuas_linux_release(struct gpuas_linux *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->open)
		gpuas_space_release(&gpu->space);
	gpu->open = false;
	mutex_unlock(&gpu->lock);
}

int gpuas_linux_map(struct gpuas_linux *gpu, gpuas_va_t va, gpuas_pa_t pa,
		    uint64_t size, gpuas_attr_t attr)
{
	int err = -ENODEV;

	mutex_lock(&gpu->lock);
	if (gpu->open)
		err = gpuas_map(&gpu->space, va, pa, size, attr);
	mutex_unlock(&gpu->lock);
	return err;
}

int gpuas_linux_map_list(struct gpuas_linux *gpu, gpuas_va_t va,
			 const struct gpuas_extent *list, unsigned int pieces,
			 gpuas_attr_t attr)
{
	int err = -ENODEV;

	mutex_lock(&gpu->lock);
	if (gpu->open)
		err = gpuas_map_list(&gpu->space, va, list, pieces, attr);
	mutex_unlock(&gpu->lock);
	return err;
}

int gpuas_linux_unmap(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size)
{
	int err = -ENODEV;

	mutex_lock(&gpu->lock);
	if (gpu->open)
		err = gpuas_unmap(&gpu->space, va, size);
	mutex_unlock(&gpu->lock);
	return err;
}

int gpuas_linux_protect(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size,
			gpuas_attr_t attr)
{
	int err = -ENODEV;

	mutex_lock(&gpu->lock);
	if (gpu->open)
		err = gpuas_protect(&gpu->space, va, size, attr);
	mutex_unlock(&gpu->lock);
	return err;
}

int gpuas_linux_replace(struct gpuas_linux *gpu, gpuas_va_t va,
			const struct gpuas_extent *list, unsigned int pieces,
			gpuas_attr_t attr)
{
	int err = -ENODEV;

	mutex_lock(&gpu->lock);
	if (gpu->open)
		err = gpuas_replace(&gpu->space, va, list, pieces, attr);
	mutex_unlock(&gpu->lock);
	return err;
}

int gpuas_linux_reserve(struct gpuas_linux *gpu, gpuas_va_t va, uint64_t size)
{
	uint32_t tables;
	int err = -ENODEV;

	mutex_lock(&gpu->lock);
	if (gpu->open)
		err = gpuas_count_tables(&gpu->space, va, size, &tables);
	if (!err)
		err = gpuas_reserve(&gpu->space, gpu->space.spares + tables);
	mutex_unlock(&gpu->lock);
	return err;
}

void gpuas_linux_unreserve(struct gpuas_linux *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->open)
		gpuas_unreserve(&gpu->space);
	mutex_unlock(&gpu->lock);
}

struct gpuas_space *gpuas_linux_gather_begin(struct gpuas_linux *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->open) {
		gpuas_gather_begin(&gpu->space);
		return &gpu->space;
	}
	mutex_unlock(&gpu->lock);
	return NULL;
}

void gpuas_linux_gather_end(struct gpuas_linux *gpu)
{
	gpuas_gather_end(&gpu->space);
	mutex_unlock(&gpu->lock);
}

int gpuas_linux_translate(struct gpuas_linux *gpu, gpuas_va_t va,
			  gpuas_pa_t *pa, gpuas_attr_t *attr)
{
	int err = -ENODEV;

	mutex_lock(&gpu->lock);
	if (gpu->open)
		err = gpuas_translate(&gpu->space, va, pa, attr);
	mutex_unlock(&gpu->lock);
	return err;
}
