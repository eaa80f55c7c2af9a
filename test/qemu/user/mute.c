// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The SMMU takes no commands any more: the driver finds out, and others run while it waits. Each
 * look of its has to be a sleep: what is counted is how often the kernel switched between
 * processes.
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

int test_mute(void)
{
	struct gpuas_ioctl_unmap unmap = { .va = VA, .size = GRANULE };
	unsigned long long before;
	struct buffer buffer;
	int gpu = gpu_open(), err, sleeps;

	gpu_buffer(gpu, GRANULE, &buffer);
	gpu_map(gpu, &buffer, 0, GRANULE, VA, GPUAS_MAP_READ);
	mute();
	before = switches();
	err = gpu_call(gpu, GPUAS_UNMAP, &unmap);
	sleeps = switches() - before >= SWITCHES;
	say("mute: unmap: %d, the driver %s", err, sleeps ? "slept" : "did not sleep");
	close(gpu);
	return err != -EIO || !sleeps;
}
