// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* /dev/gpuas: judges what comes from users, and nothing else. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "driver.h"

/* What the driver sets, and what is reserved, has to come as 0. */

static int ioctl_info(struct context *ctx, void *data)
{
	*(struct gpuas_ioctl_info *)data = (struct gpuas_ioctl_info){
		.context = ctx->number,
		.granule = GRANULE,
		.va_bits = ctx->gpu->as.manifest.geo.va_bits,
		.buffers_max = BUFFERS_MAX,
		.bytes_max = (u64)PAGES_MAX * GRANULE,
		.mappings_max = MAPPINGS_MAX,
		.jobs_max = JOBS_MAX,
		.copy_max = COPY_MAX,
		.heartbeat = gpuas_qv_fw_heartbeat(&ctx->gpu->fw),
	};
	return 0;
}

static int ioctl_create_buffer(struct context *ctx, void *data)
{
	struct gpuas_ioctl_create_buffer *arg = data;

	if (arg->offset || arg->handle || arg->pieces)
		return -EINVAL;
	return gpuas_qv_context_create_buffer(ctx, arg);
}

static int ioctl_destroy_buffer(struct context *ctx, void *data)
{
	struct gpuas_ioctl_destroy_buffer *arg = data;

	return arg->reserved ? -EINVAL : gpuas_qv_context_destroy_buffer(ctx, arg);
}

static int ioctl_map(struct context *ctx, void *data)
{
	return gpuas_qv_context_map(ctx, data);
}

static int ioctl_unmap(struct context *ctx, void *data)
{
	return gpuas_qv_context_unmap(ctx, data);
}

static int ioctl_copy(struct context *ctx, void *data)
{
	struct gpuas_ioctl_copy *arg = data;

	return arg->job || arg->reserved ? -EINVAL : gpuas_qv_context_copy(ctx, arg);
}

static int ioctl_wait(struct context *ctx, void *data)
{
	struct gpuas_ioctl_wait *arg = data;

	if (arg->fault_va || arg->error || arg->fault_type ||
	    arg->fault_write || arg->reserved)
		return -EINVAL;
	return gpuas_qv_context_wait(ctx, arg);
}

/**
 * struct request - One that there is
 * @number: its number
 * @locked: @call is made with &context.lock held, if not stopped
 * @dead: also if the GPU is dead
 * @call: does it
 */
struct request {
	unsigned int number;
	bool locked;
	bool dead;
	int (*call)(struct context *ctx, void *data);
};

static const struct request requests[] = {
	{ GPUAS_INFO, true, true, ioctl_info },
	{ GPUAS_CREATE_BUFFER, true, false, ioctl_create_buffer },
	{ GPUAS_DESTROY_BUFFER, true, true, ioctl_destroy_buffer },
	{ GPUAS_MAP, true, false, ioctl_map },
	{ GPUAS_UNMAP, true, false, ioctl_unmap },
	{ GPUAS_COPY, true, false, ioctl_copy },
	{ GPUAS_WAIT, false, true, ioctl_wait },
};

static const struct request *find(unsigned int number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		if (requests[i].number == number)
			return &requests[i];
	}
	return NULL;
}

/* It waits for the firmware here at the earliest: who opens has a lock that others want. */
static int serve_locked(struct context *ctx, const struct request *request, void *data)
{
	int err = ctx->stopped ? -ENODEV : gpuas_qv_context_start(ctx);

	return err ? err : request->call(ctx, data);
}

static int serve(struct context *ctx, const struct request *request, void *data)
{
	int err;

	if (!request->dead && gpuas_qv_fw_dead(&ctx->gpu->fw))
		return -EIO;
	if (!request->locked)
		return request->call(ctx, data);
	if (mutex_lock_killable(&ctx->lock))
		return -EINTR;
	err = serve_locked(ctx, request, data);
	mutex_unlock(&ctx->lock);
	return err;
}

static long gpuas_ioctl(struct file *file, unsigned int number,
			unsigned long user)
{
	union {
		struct gpuas_ioctl_info info;
		struct gpuas_ioctl_create_buffer create;
		struct gpuas_ioctl_map map;
		struct gpuas_ioctl_copy copy;
		struct gpuas_ioctl_wait wait;
	} data = { };
	const struct request *request = find(number);
	void __user *arg = (void __user *)user;
	size_t size = _IOC_SIZE(number);
	int err;

	if (!request)
		return -ENOTTY;
	if (_IOC_DIR(number) & _IOC_WRITE && copy_from_user(&data, arg, size))
		return -EFAULT;
	err = serve(file->private_data, request, &data);
	if (err)
		return err;
	if (_IOC_DIR(number) & _IOC_READ && copy_to_user(arg, &data, size))
		return -EFAULT;
	return 0;
}

static int gpuas_mmap(struct file *file, struct vm_area_struct *vma)
{
	const unsigned int shift = HANDLE_SHIFT - PAGE_SHIFT;
	struct context *ctx = file->private_data;
	struct buffer *buffer;
	int err = -ENXIO;

	mutex_lock(&ctx->lock);
	buffer = xa_load(&ctx->buffer, vma->vm_pgoff >> shift);
	if (buffer)
		err = gpuas_qv_buffer_mmap(buffer, vma,
					   vma->vm_pgoff & ((1UL << shift) - 1));
	mutex_unlock(&ctx->lock);
	return err;
}

static int gpuas_open(struct inode *inode, struct file *file)
{
	struct miscdevice *misc = file->private_data;
	struct gpu *gpu = container_of(misc, struct gpu, users.misc);
	struct context *ctx;
	int err = gpuas_qv_context_open(gpu, &ctx);

	if (!err)
		file->private_data = ctx;
	return err;
}

static int gpuas_release(struct inode *inode, struct file *file)
{
	gpuas_qv_context_close(file->private_data);
	return 0;
}

static const struct file_operations gpuas_fops = {
	.owner = THIS_MODULE,
	.open = gpuas_open,
	.release = gpuas_release,
	.unlocked_ioctl = gpuas_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = gpuas_mmap,
	.llseek = noop_llseek,
};

int gpuas_qv_users_add(struct gpu *gpu)
{
	struct users *users = &gpu->users;
	int err;

	mutex_init(&users->lock);
	INIT_LIST_HEAD(&users->context);
	users->queue = alloc_ordered_workqueue("gpuas", WQ_FREEZABLE);
	if (!users->queue)
		return -ENOMEM;
	users->misc.minor = MISC_DYNAMIC_MINOR;
	users->misc.name = "gpuas";
	users->misc.fops = &gpuas_fops;
	users->misc.parent = gpu->as.dev;
	err = misc_register(&users->misc);
	if (err)
		destroy_workqueue(users->queue);
	return err;
}

/* Nobody can open any more; what is open stays, and does nothing. */
void gpuas_qv_users_remove(struct gpu *gpu)
{
	struct users *users = &gpu->users;
	struct context *ctx;

	misc_deregister(&users->misc);
	mutex_lock(&users->lock);
	list_for_each_entry(ctx, &users->context, link) {
		mutex_lock(&ctx->lock);
		gpuas_qv_context_stop(ctx);
		mutex_unlock(&ctx->lock);
	}
	mutex_unlock(&users->lock);
	destroy_workqueue(users->queue);
}

void gpuas_qv_users_show(struct users *users, struct seq_file *file)
{
	unsigned long tables = atomic_long_read(&users->tables);
	unsigned long pages = atomic_long_read(&users->pages);
	unsigned int contexts = 0, mappings = 0, jobs = 0;
	struct context *ctx;

	mutex_lock(&users->lock);
	list_for_each_entry(ctx, &users->context, link) {
		contexts++;
		pages += atomic_read(&ctx->pages);
		tables += ctx->stopped ? 0 : READ_ONCE(ctx->as.tables);
		mappings += READ_ONCE(ctx->mappings);
		jobs += READ_ONCE(ctx->jobs);
	}
	mutex_unlock(&users->lock);
	seq_printf(file,
		   "%u contexts, %lu pages, %lu tables, %u mappings, %u jobs\n",
		   contexts, pages, tables, mappings, jobs);
}
