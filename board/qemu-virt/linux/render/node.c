// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The render node: its beginning, its files, and its end. */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "evict.h"
#include "fence.h"

/* How often it is asked whether a job is late */
#define LOOK_MS	1000

/*
 * Files
 */

static int node_open(struct drm_device *drm, struct drm_file *file)
{
	struct qv_file *user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);

	if (!user)
		return -ENOMEM;
	user->account = kzalloc(sizeof(*user->account), GFP_KERNEL_ACCOUNT);
	if (!user->account) {
		kfree(user);
		return -ENOMEM;
	}
	kref_init(&user->account->ref);
	xa_init_flags(&user->vm, XA_FLAGS_ALLOC1);
	xa_init_flags(&user->queue, XA_FLAGS_ALLOC1);
	file->driver_priv = user;
	return 0;
}

static void node_postclose(struct drm_device *drm, struct drm_file *file)
{
	struct qv_file *user = file->driver_priv;
	struct qv_queue *queue;
	struct qv_vm *vm;
	unsigned long id;

	xa_for_each(&user->queue, id, queue) {
		gpuas_qv_queue_close(queue);
		gpuas_qv_queue_put(queue);
	}
	xa_for_each(&user->vm, id, vm)
		gpuas_qv_vm_put(vm);
	xa_destroy(&user->queue);
	xa_destroy(&user->vm);
	gpuas_qv_account_put(user->account);
	kfree(user);
	/* Then nothing but this file keeps the node, and the driver. */
	if (drm_dev_is_unplugged(drm))
		flush_workqueue(to_render(drm)->cleanup);
}

static void node_fdinfo(struct drm_printer *p, struct drm_file *file)
{
	struct qv_file *user = file->driver_priv;

	drm_printf(p, "drm-engine-copy:\t%llu ns\n",
		   (u64)atomic64_read(&user->account->busy));
	drm_show_memory_stats(p, file);
}

/*
 * Looking
 */

static int gpuvas_show(struct seq_file *seq, void *unused)
{
	struct drm_debugfs_entry *entry = seq->private;
	struct qv_render *render = to_render(entry->dev);
	struct qv_vm *vm;

	mutex_lock(&render->lock);
	list_for_each_entry(vm, &render->vms, link) {
		mutex_lock(&vm->lock);
		drm_debugfs_gpuva_info(seq, &vm->base);
		mutex_unlock(&vm->lock);
	}
	mutex_unlock(&render->lock);
	return 0;
}

void gpuas_qv_render_show(struct gpu *gpu, struct seq_file *seq)
{
	unsigned long tables = atomic_long_read(&gpu->left_tables);
	unsigned int contexts = 0, mappings = 0;
	struct qv_render *render = gpu->render;
	struct qv_vm *vm;

	/* What is over may take a bit longer to be gone. */
	wait_event_timeout(render->idle, !atomic_read(&render->jobs), HZ);
	mutex_lock(&render->lock);
	list_for_each_entry(vm, &render->vms, link) {
		contexts++;
		tables += READ_ONCE(vm->as.tables);
		mappings += READ_ONCE(vm->mappings);
	}
	mutex_unlock(&render->lock);
	seq_printf(seq, "%u contexts, %llu pages, %lu tables, %u mappings, %d jobs\n", contexts,
		   (u64)atomic64_read(&render->bytes) >> GRANULE_SHIFT, tables, mappings,
		   atomic_read(&render->jobs));
}

/*
 * The node
 */

#define CALL(name, call) DRM_IOCTL_DEF_DRV(GPUAS_##name, gpuas_qv_ioctl_##call, DRM_RENDER_ALLOW)

static const struct drm_ioctl_desc ioctls[] = {
	CALL(GET_PARAMS, get_params),
	CALL(VM_CREATE, vm_create),
	CALL(VM_DESTROY, vm_destroy),
	CALL(VM_BIND, vm_bind),
	CALL(GEM_CREATE, gem_create),
	CALL(GEM_MMAP_OFFSET, gem_mmap_offset),
	CALL(GEM_WAIT, gem_wait),
	CALL(QUEUE_CREATE, queue_create),
	CALL(QUEUE_DESTROY, queue_destroy),
	CALL(QUEUE_STATE, queue_state),
	CALL(SUBMIT, submit),
};

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.show_fdinfo = drm_show_fdinfo,
	DRM_GEM_FOPS,
};

static const struct drm_driver driver = {
	.driver_features = DRIVER_RENDER | DRIVER_GEM | QV_DRIVER_GPUVA | DRIVER_SYNCOBJ |
			   DRIVER_SYNCOBJ_TIMELINE,
	.open = node_open,
	.postclose = node_postclose,
	.show_fdinfo = node_fdinfo,
	.gem_create_object = gpuas_qv_gem_object,
	.gem_prime_import_sg_table = gpuas_qv_gem_import,
	.ioctls = ioctls,
	.num_ioctls = ARRAY_SIZE(ioctls),
	.fops = &fops,
	.name = "gpuas",
	.desc = "Stand-in GPU with libgpuas",
	QV_DRIVER_DATE
	.major = 1,
	.minor = 0,
};

static void node_release(struct drm_device *drm, void *unused)
{
	struct qv_render *render = to_render(drm);

	gpuas_qv_evict_stop(render);
	if (render->cleanup)
		destroy_workqueue(render->cleanup);
	gpuas_qv_evict_exit(render);
	mutex_destroy(&render->lock);
	mutex_destroy(&render->bound_lock);
	mutex_destroy(&render->buffers_lock);
	gpuas_qv_put(render->gpu);
}

static struct qv_render *alloc(struct gpu *gpu)
{
	struct qv_render *render;
	int err;

	render = devm_drm_dev_alloc(gpu->as.dev, &driver, struct qv_render, drm);
	if (IS_ERR(render))
		return render;
	gpuas_qv_get(gpu);
	render->gpu = gpu;
	mutex_init(&render->lock);
	mutex_init(&render->bound_lock);
	mutex_init(&render->buffers_lock);
	INIT_LIST_HEAD(&render->queues);
	INIT_LIST_HEAD(&render->vms);
	INIT_LIST_HEAD(&render->bound);
	INIT_LIST_HEAD(&render->buffers);
	init_waitqueue_head(&render->idle);
	err = drmm_add_action_or_reset(&render->drm, node_release, NULL);
	return err ? ERR_PTR(err) : render;
}

/*
 * Schedulers
 */

static int init_sched(struct qv_render *render)
{
	struct drm_sched_init_args args = {
		.ops = &gpuas_qv_copy_ops,
		.num_rqs = DRM_SCHED_PRIORITY_COUNT,
		.credit_limit = 1,
		.timeout = msecs_to_jiffies(LOOK_MS),
		.name = "gpuas-copy",
		.dev = render->drm.dev,
	};
	int err = drm_sched_init(&render->copy, &args);

	if (err)
		return err;
	args.ops = &gpuas_qv_bind_ops;
	args.timeout = MAX_SCHEDULE_TIMEOUT;
	args.name = "gpuas-bind";
	err = drm_sched_init(&render->bind, &args);
	if (err)
		drm_sched_fini(&render->copy);
	return err;
}

static int init_work(struct qv_render *render)
{
	int err;

	render->cleanup = alloc_ordered_workqueue("gpuas-cleanup", 0);
	render->worker = alloc_ordered_workqueue("gpuas-copy", WQ_MEM_RECLAIM | WQ_FREEZABLE);
	err = render->cleanup && render->worker ? gpuas_qv_evict_init(render) : -ENOMEM;
	if (!err)
		err = init_sched(render);
	if (err && render->worker)
		destroy_workqueue(render->worker);
	return err;
}

static void exit_work(struct qv_render *render)
{
	drm_sched_fini(&render->bind);
	drm_sched_fini(&render->copy);
	destroy_workqueue(render->worker);
}

/*
 * The driver's
 */

int gpuas_qv_render_init(void)
{
	return gpuas_qv_gem_init();
}

void gpuas_qv_render_exit(void)
{
	gpuas_qv_fence_exit();
	gpuas_qv_gem_exit();
}

int gpuas_qv_render_add(struct gpu *gpu)
{
	struct device *dev = gpu->as.dev;
	struct qv_render *render;
	int err;

	err = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(gpu->as.manifest.geo.pa_bits));
	if (err)
		return err;
	dma_set_max_seg_size(dev, UINT_MAX);
	render = alloc(gpu);
	if (IS_ERR(render))
		return PTR_ERR(render);
	err = init_work(render);
	if (err)
		return err;
	/* For a snapshot, which may be under way. */
	smp_store_release(&gpu->render, render);
	drm_debugfs_add_file(&render->drm, "gpuvas", gpuvas_show, NULL);
	err = drm_dev_register(&render->drm, 0);
	if (err)
		exit_work(render);
	return err;
}

static struct qv_queue *any_queue(struct qv_render *render)
{
	struct qv_queue *queue, *found = NULL;

	mutex_lock(&render->lock);
	list_for_each_entry(queue, &render->queues, link) {
		if (kref_get_unless_zero(&queue->ref)) {
			found = queue;
			break;
		}
	}
	mutex_unlock(&render->lock);
	return found;
}

static struct qv_vm *next_vm(struct qv_render *render, bool stop)
{
	struct qv_vm *vm, *found = NULL;

	mutex_lock(&render->lock);
	list_for_each_entry(vm, &render->vms, link) {
		if ((stop ? vm->stopped : vm->closed) || !kref_get_unless_zero(&vm->ref))
			continue;
		found = vm;
		break;
	}
	mutex_unlock(&render->lock);
	return found;
}

static void close_all(struct qv_render *render)
{
	struct qv_queue *queue;
	struct qv_vm *vm;

	while ((queue = any_queue(render))) {
		gpuas_qv_queue_close(queue);
		gpuas_qv_queue_put(queue);
	}
	while ((vm = next_vm(render, false))) {
		gpuas_qv_vm_close(vm);
		gpuas_qv_vm_put(vm);
	}
}

static void stop_all(struct qv_render *render)
{
	struct qv_vm *vm;

	while ((vm = next_vm(render, true))) {
		gpuas_qv_vm_stop(vm);
		gpuas_qv_vm_put(vm);
	}
}

void gpuas_qv_render_remove(struct gpu *gpu)
{
	struct qv_render *render = gpu->render;

	WRITE_ONCE(render->gone, true);
	drm_dev_unplug(&render->drm);
	close_all(render);
	wait_event(render->idle, !atomic_read(&render->jobs));
	stop_all(render);
	wait_event(render->idle, !atomic_read(&render->jobs));
	flush_workqueue(render->cleanup);
	synchronize_rcu();
	exit_work(render);
	/* What the GPU may still reach stays mapped. */
	if (!gpu->fw.loose)
		gpuas_qv_bo_unmap_all(render);
}
