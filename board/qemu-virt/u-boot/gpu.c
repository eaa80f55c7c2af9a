// SPDX-License-Identifier: GPL-2.0-or-later
/* The stand-in GPU in U-Boot. GPL only, as the code in U-Boot's headers is. */
#include <cpu_func.h>
#include <linker_lists.h>
#include <mapmem.h>
#include <stdio.h>
#include <time.h>
#include <asm/cache.h>
#include <gpuas/boards.h>
#include <linux/delay.h>

#include "../../../lib/u-boot/compat.h"
#include "../../../lib/u-boot/uboot.h"
#include "gpu.h"

#define CPU		1
#define UP_MS		2000
#define ANSWER_MS	1000
#define BEAT_MS		1000
/* A copy of one chunk takes 200 ms. */
#define COPY_MS(size)	(1000 + (size) / 8)
#define LINE_MAX	120

/**
 * struct gpu - What U-Boot knows of it
 * @on: its CPU was started, and is not known to be off
 * @data: fw-data
 * @mailbox: to its firmware
 * @handoff: the handoff page
 */
struct gpu {
	bool on;
	void *data;
	struct fw_mailbox *mailbox;
	struct gpuas_handoff *handoff;
};

static struct gpu gpu;

/*
 * One millisecond after the other; @ctx: how many are left. In each, the firmware's
 * CPU has to take part in an invalidation, of which it notices nothing else: a
 * millisecond in which an emulator did not let it run is not counted.
 */
static bool again(void *ctx)
{
	unsigned int *left = ctx;

	if (!*left)
		return false;
	--*left;
	mdelay(1);
	gpu_wait_for_cpus();
	return true;
}

static const struct fw_status *status(void)
{
	return gpu.data + FW_STATUS_OFFSET;
}

static const struct gpuas_region *region(const struct gpuas_bringup *bringup, const char *name)
{
	unsigned int i;

	for (i = 0; !gpuas_streq(bringup->manifest.region[i].name, name); i++)
		;
	return &bringup->manifest.region[i];
}

static void *map(const struct gpuas_region *of)
{
	return map_sysmem(gpuas_pa_u64(of->pa), of->size);
}

/* The last root is the firmware's own; the GPU has the first one. */
static void fill_roots(const struct gpuas_bringup *bringup, struct fw_boot *boot)
{
	const struct gpuas_manifest *manifest = &bringup->manifest;
	const struct gpuas_board *board = bringup->board;
	const struct gpuas_region *lent = gpuas_manifest_role(manifest, GPUAS_ROLE_LENT);
	unsigned int last = 0;

	while (gpuas_board_root(board, last + 1))
		last++;
	boot->root = gpuas_pa_u64(gpuas_manifest_root(manifest, board, last));
	boot->published = gpuas_board_root(board, last)->published;
	boot->lent = lent ? gpuas_pa_u64(lent->pa) : 0;
	boot->silent = board->profile->firmware == GPUAS_FIRMWARE_NEVER;
}

static int fill_boot(const struct gpuas_bringup *bringup, struct fw_boot *boot,
		     struct gpuas_report *report)
{
	memset(boot, 0, sizeof(*boot));
	boot->ram = GPUAS_UBOOT_BANK(0).start;
	boot->ram_size = GPUAS_UBOOT_BANK(0).size;
	boot->tables = gpuas_pa_u64(bringup->manifest.root);
	boot->tables_size = region(bringup, "pagetables")->size;
	boot->tables_used = bringup->pool.used;
	fill_roots(bringup, boot);
	boot->ttbs = gpuas_pa_u64(region(bringup, "ttbs")->pa);
	boot->handoff = gpuas_pa_u64(region(bringup, "handoff")->pa);
	boot->data = gpuas_pa_u64(region(bringup, "fw-data")->pa);
	boot->shared = gpuas_pa_u64(region(bringup, "shared")->pa);
	boot->magic = FW_BOOT_MAGIC;
	return gpu_parts(boot, report);
}

/* The firmware's CPU looks past caches until its MMU is on. */
static void clean(const struct gpuas_bringup *bringup)
{
	const struct gpuas_manifest *manifest = &bringup->manifest;
	unsigned int i;

	for (i = 0; i < manifest->regions; i++) {
		unsigned long start = gpuas_pa_u64(manifest->region[i].pa);

		flush_dcache_range(start, start + manifest->region[i].size);
	}
	invalidate_icache_all();
}

/* What it publishes is there when it runs. */
static int wait_until_up(const struct gpuas_board *board, struct gpuas_report *report)
{
	unsigned int left = UP_MS;
	const struct gpuas_wait wait = { again, &left };
	int err;

	err = gpuas_handoff_start(gpu.handoff, board->profile, GPUAS_SIDE_HOST, &wait, NULL, report);
	while (!err && gpuas_entry_load(&status()->state) < FW_RUNNING && again(&left))
		;
	if (!err && gpuas_entry_load(&status()->state) != FW_RUNNING)
		err = gpuas_report_hex(report, -GPUAS_ETIMEDOUT, "firmware", NULL, "has state",
				       status()->state);
	return err;
}

static int call(struct fw_message *message, unsigned int ms, struct gpuas_report *report)
{
	const struct gpuas_wait wait = { again, &ms };

	report->text.buf[0] = 0;
	return gpuas_qv_fw_call(gpu.mailbox, message, &wait, report);
}

static int stop(struct gpuas_report *report)
{
	struct fw_message message = { .op = FW_STOP };
	unsigned int left = ANSWER_MS;
	int err;

	gpu_master(false);
	err = call(&message, ANSWER_MS, report);

	while (!err && !gpu_cpu_is_off(CPU)) {
		if (!again(&left))
			err = gpuas_report(report, -GPUAS_ETIMEDOUT, "CPU", NULL, "is still on");
	}
	gpu.on = err;
	return err;
}

static int start(const struct gpuas_bringup *bringup, struct gpuas_report *report)
{
	const struct gpuas_region *text = region(bringup, "fw-text");
	int err;

	gpu.data = map(region(bringup, "fw-data"));
	gpu.mailbox = map(region(bringup, "shared"));
	gpu.handoff = map(region(bringup, "handoff"));
	err = fill_boot(bringup, gpu.data, report);
	if (!err)
		err = gpu_load_firmware(map(text), text->size, report);
	if (err)
		return err;
	clean(bringup);
	err = gpu_cpu_on(CPU, gpuas_pa_u64(text->pa), gpuas_pa_u64(region(bringup, "fw-data")->pa),
			 report);
	if (err)
		return err;
	gpu.on = true;
	return wait_until_up(bringup->board, report);
}

static bool on(void)
{
	return gpu.on;
}

/* A number alone does not show that it grows. */
static void info(void)
{
	uint64_t before = gpuas_entry_load(&status()->heartbeat), now;
	unsigned int left = BEAT_MS;

	do
		now = gpuas_entry_load(&status()->heartbeat);
	while (now == before && again(&left));
	printf("firmware: %s, heartbeat %llu, then %llu\n", now == before ? "stands still" : "runs",
	       before, now);
	printf("firmware: %llu messages, %llu locks, %llu copies, %llu bytes, %llu faults\n",
	       gpuas_entry_load(&status()->messages), gpuas_entry_load(&status()->locks),
	       gpuas_entry_load(&status()->copies), gpuas_entry_load(&status()->bytes),
	       gpuas_entry_load(&status()->faults));
}

/* The firmware may write on; and a broken one may have written anything. */
static void put_log(char c)
{
	if (c == '\n' || (c >= ' ' && c <= '~'))
		putc(c);
	else
		putc('?');
}

static void print_log(void)
{
	const struct fw_log *log = gpu.data + FW_LOG_OFFSET;
	uint64_t end = gpuas_entry_load(&log->written);
	uint64_t at = end > FW_LOG_SIZE ? end - FW_LOG_SIZE : 0;

	for (; at != end; at++)
		put_log(READ_ONCE(log->text[at % FW_LOG_SIZE]));
}

static uint32_t copy_log(char *text, uint32_t size)
{
	const struct fw_log *log = gpu.data + FW_LOG_OFFSET;
	uint64_t end = gpuas_entry_load(&log->written), at;
	const uint32_t count = min3(end, (uint64_t)FW_LOG_SIZE, (uint64_t)size);

	for (at = end - count; at != end; at++)
		*text++ = READ_ONCE(log->text[at % FW_LOG_SIZE]);
	return count;
}

static int refused(const struct fw_message *answer, int err, struct gpuas_report *report)
{
	/* Said already if the mailbox itself is at fault. */
	if (report->text.buf[0])
		return err;
	if (err != -GPUAS_EFAULT)
		return gpuas_report(report, err, "firmware", NULL, gpuas_strerror(err));
	return gpuas_report_hex(report, err, "fault", NULL,
				answer->result ? "the GPU may not write to VA" :
						 "the GPU may not read from VA", answer->arg[1]);
}

static int dma(gpuas_va_t from, gpuas_va_t to, uint64_t size, struct gpuas_report *report)
{
	struct fw_message message = {
		.op = FW_COPY,
		.arg = { 0, gpuas_va_u64(from), gpuas_va_u64(to), size },
	};
	int err;

	if (!size || size > FW_COPY_MAX)
		return gpuas_report_hex(report, -GPUAS_EINVAL, "size", NULL,
					"is 0 or above the limit of", FW_COPY_MAX);
	err = call(&message, COPY_MS(size), report);
	return err ? refused(&message, err, report) : 0;
}

#define QEMU_VIRT(which) { \
	.board = &(which), \
	.start = start, \
	.on = on, \
	.stop = stop, \
	.info = info, \
	.print_log = print_log, \
	.copy_log = copy_log, \
	.dma = dma, \
}

GPUAS_UBOOT_GPU(qemu_virt) = QEMU_VIRT(gpuas_board_qemu_virt);
GPUAS_UBOOT_GPU(qemu_virt_published) = QEMU_VIRT(gpuas_board_qemu_virt_published);
