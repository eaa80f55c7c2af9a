// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * One fault of each kind that the debug kernel's checkers are for: insmod planted.ko bug=NAME plants
 * it when it is loaded. What each of them has to say is in planted.sh.
 */
#include <linux/delay.h>
#include <linux/dma-fence.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

static char *bug = "";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "the fault to plant");

#define BYTES	100u

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

/* What a compiler cannot see through, so that it neither warns nor leaves the fault out */
static void *hidden(void *p)
{
	OPTIMIZER_HIDE_VAR(p);
	return p;
}

static void touch(void *p)
{
	WRITE_ONCE(*(u8 *)hidden(p), 1);
}

static void use_after_free(void)
{
	void *p = hidden(kmalloc(BYTES, GFP_KERNEL));
	void *again = hidden(p);

	if (!p)
		return;
	kfree(p);
	touch(again);
}

static void out_of_bounds(void)
{
	u8 *p = hidden(kmalloc(BYTES, GFP_KERNEL));

	if (!p)
		return;
	touch(p + BYTES);
	kfree(p);
}

static void double_free(void)
{
	void *p = hidden(kmalloc(BYTES, GFP_KERNEL));
	void *again = hidden(p);

	kfree(p);
	kfree(again);
}

static void leaks(void)
{
	unsigned int i;

	/* Several: the last may still be in a register, or on a stack. */
	for (i = 0; i < 8; i++)
		memset(hidden(kmalloc(BYTES, GFP_KERNEL | __GFP_NOFAIL)), i, BYTES);
}

/* Without KASAN's own check, which would be first */
static __no_sanitize_address noinline void touch_unseen(u8 *p)
{
	*(volatile u8 *)p = 1;
}

static void free_page_touched(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *p;

	if (!page)
		return;
	p = hidden(page_address(page));
	__free_page(page);
	touch_unseen(p);
}

static void inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

/* A shrinker takes the lock; elsewhere, memory is allocated under it. */
static void reclaim(void)
{
	fs_reclaim_acquire(GFP_KERNEL);
	mutex_lock(&first);
	mutex_unlock(&first);
	fs_reclaim_release(GFP_KERNEL);
	mutex_lock(&first);
	kfree(hidden(kmalloc(BYTES, GFP_KERNEL)));
	mutex_unlock(&first);
}

/* Who signals takes the lock; elsewhere, a fence is waited for under it. */
static void fence_waits(void)
{
	struct dma_fence *signalled = dma_fence_get_stub();
	bool cookie = dma_fence_begin_signalling();

	mutex_lock(&first);
	mutex_unlock(&first);
	dma_fence_end_signalling(cookie);
	mutex_lock(&first);
	dma_fence_wait(signalled, false);
	mutex_unlock(&first);
	dma_fence_put(signalled);
}

/* Who signals allocates, and reclaim may wait for fences. */
static void fence_allocates(void)
{
	bool cookie = dma_fence_begin_signalling();

	kfree(hidden(kmalloc(BYTES, GFP_KERNEL)));
	dma_fence_end_signalling(cookie);
}

static void sleeps(void)
{
	spin_lock(&spin);
	msleep(1);
	spin_unlock(&spin);
}

static void unprotected(void)
{
	static void __rcu *pointer;

	hidden(rcu_dereference(pointer));
}

static void shift(void)
{
	unsigned int by = 77;

	OPTIMIZER_HIDE_VAR(by);
	pr_info("planted: %u\n", 1u << by);
}

static void past_array(void)
{
	static u8 array[4];
	unsigned int i = 4;

	OPTIMIZER_HIDE_VAR(i);
	pr_info("planted: %u\n", array[i]);
}

static void dma_size(void)
{
	struct platform_device_info info = {
		.name = "planted", .dma_mask = DMA_BIT_MASK(32),
	};
	struct platform_device *pdev = platform_device_register_full(&info);
	void *p = kmalloc(PAGE_SIZE, GFP_KERNEL);
	dma_addr_t at;

	if (IS_ERR(pdev) || !p)
		return;
	at = dma_map_single(&pdev->dev, p, PAGE_SIZE, DMA_TO_DEVICE);
	if (!dma_mapping_error(&pdev->dev, at))
		dma_unmap_single(&pdev->dev, at, BYTES, DMA_TO_DEVICE);
	kfree(p);
	platform_device_unregister(pdev);
}

static void deleted_twice(void)
{
	static LIST_HEAD(head);
	static LIST_HEAD(member);

	list_add(&member, &head);
	list_del(&member);
	list_del(&member);
}

static void expired(struct timer_list *timer)
{
}

static void live_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, expired, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
}

static void not_linear(void)
{
	void *p = vmalloc(PAGE_SIZE);

	pr_info("planted: 0x%llx\n", (u64)virt_to_phys(hidden(p)));
	vfree(p);
}

static void hangs(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(20 * HZ);
}

#define KIND(name) { #name, name }
static const struct {
	const char *name;
	void (*plant)(void);
} bugs[] = {
	KIND(use_after_free), KIND(out_of_bounds), KIND(double_free), KIND(leaks), KIND(free_page_touched),
	KIND(inversion), KIND(reclaim), KIND(fence_waits), KIND(fence_allocates), KIND(sleeps), KIND(unprotected),
	KIND(shift), KIND(past_array), KIND(dma_size), KIND(deleted_twice), KIND(live_timer), KIND(not_linear), KIND(hangs),
};

static int __init planted_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (!strcmp(bug, bugs[i].name)) {
			pr_info("planted: %s\n", bug);
			bugs[i].plant();
			pr_info("planted: %s is over\n", bug);
			return 0;
		}
	}
	pr_err("planted: no bug is called %s\n", bug);
	return -EINVAL;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_DESCRIPTION("A fault of each kind, for checkers to find");
MODULE_LICENSE("Dual BSD/GPL");
