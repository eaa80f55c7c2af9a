// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The SMMU takes no commands any more: the driver finds out, and others run while it waits. Each
 * look of its has to be a sleep: what is counted is how often the kernel switched between
 * processes. What the GPU may still reach is not said to be unmapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests.h"

#define SMMU		0x09050000	/* of QEMU's virt machine */
#define CR0		0x20
#define CR0_CMDQEN	(1u << 3)
#define SWITCHES	10000
#define VA		0x40000000ULL

static void mute(void)
{
	int memory = open("/dev/mem", O_RDWR | O_SYNC);
	volatile uint32_t *regs;

	if (memory < 0)
		fail("mute: /dev/mem: %s", strerror(errno));
	regs = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED, memory, SMMU);
	if (regs == MAP_FAILED)
		fail("mute: no registers: %s", strerror(errno));
	regs[CR0 / 4] &= ~CR0_CMDQEN;
	close(memory);
}

static unsigned long long switches(void)
{
	FILE *file = fopen("/proc/stat", "r");
	unsigned long long count = 0;
	char line[4096];

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "ctxt %llu", &count);
	if (file)
		fclose(file);
	return count;
}

/* The same, by a fence */
static int unmap_later(const struct gpu *gpu, const struct drm_gpuas_bind_op *op)
{
	uint32_t syncobj = sync_create(gpu->fd);
	const struct syncs syncs = sync_out(syncobj);
	int err = gpu_bind(gpu->fd, gpu->vm, op, 1, &syncs);

	if (err)
		return err;
	sync_wait(gpu->fd, syncobj);
	return sync_error(gpu->fd, syncobj);
}

/* What the unmap is about has to be in use: the firmware knows the VM. */
int test_mute(void)
{
	const struct drm_gpuas_bind_op op = op_unmap(GRANULE, VA);
	struct drm_gpuas_params params;
	unsigned long long before;
	struct buffer buffer;
	struct gpu gpu;
	int err, later, sleeps;

	gpu_open(&gpu);
	gpu_buffer(gpu.fd, GRANULE, &buffer);
	gpu_map(&gpu, &buffer, 0, GRANULE, VA, READ_WRITE);
	gpu_copy(&gpu, VA, VA + 64, 64);
	mute();
	before = switches();
	err = gpu_bind(gpu.fd, gpu.vm, &op, 1, NULL);
	sleeps = switches() - before >= SWITCHES;
	later = unmap_later(&gpu, &op);
	gpu_params(gpu.fd, &params);
	say("mute: unmap: %d, fence %d, the driver %s, state %u", err, later,
	    sleeps ? "slept" : "did not sleep", params.state);
	gpu_close(&gpu);
	return params.state != DRM_GPUAS_DEAD || !sleeps || err != -EIO || later != -EIO;
}
