// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * closed FILE HANDOFF TTBS FW-DATA SHARED: who has the handoff lock, and what the GPU could use, in the
 * memory of a machine, which is FILE, with the regions at these PAs: one line.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../board/qemu-virt/device/smmu.h"
#include "../../../board/qemu-virt/firmware.h"

#define RAM_PA	0x40000000ULL
#define HOST_SLOT	2	/* of the root, as in board.c */

static const uint8_t *ram;
static uint64_t ram_size;

static const void *at_pa(uint64_t pa, size_t size)
{
	uint64_t offset = pa - RAM_PA;

	if (offset < ram_size && size <= ram_size - offset)
		return ram + offset;
	fprintf(stderr, "no RAM at 0x%llx\n", (unsigned long long)pa);
	exit(1);
}

static const void *at(const char *pa, size_t size)
{
	return at_pa(strtoull(pa, NULL, 0), size);
}

static unsigned int bound(const struct gpuas_ttb_array *ttbs)
{
	unsigned int i, count = 0;

	for (i = 1; i < GPUAS_TTB_CONTEXTS; i++)
		count += (ttbs->context[i].ttb0 | ttbs->context[i].ttb1) != 0;
	return count;
}

int main(int argc, char **argv)
{
	int file = argc == 6 ? open(argv[1], O_RDONLY) : -1;
	const struct gpuas_handoff *handoff;
	const struct fw_mailbox *mailbox;
	const struct smmu_memory *smmu;
	const struct fw_boot *boot;
	const uint64_t *root;
	struct stat stat;

	if (file < 0 || fstat(file, &stat)) {
		perror(argc > 1 ? argv[1] : "usage: closed FILE HANDOFF TTBS FW-DATA SHARED");
		return 1;
	}
	ram_size = (uint64_t)stat.st_size;
	ram = mmap(NULL, ram_size, PROT_READ, MAP_SHARED, file, 0);
	if (ram == MAP_FAILED)
		return 1;
	handoff = at(argv[2], sizeof(*handoff));
	boot = at(argv[4], FW_SMMU_OFFSET + sizeof(*smmu));
	smmu = (const void *)((const uint8_t *)boot + FW_SMMU_OFFSET);
	if (boot->magic != FW_BOOT_MAGIC || boot->stream >> SMMU_STREAMS_LOG2)
		return 1;
	mailbox = at(argv[5], sizeof(*mailbox));
	root = at_pa(boot->root, 0x4000);
	/* A context descriptor has its roots in the second and third word. */
	printf("locks %u %u, %u contexts bound, stream %s, %s loaded, mailbox %llu, host slot %s\n",
	       handoff->lock_host, handoff->lock_fw, bound(at(argv[3], sizeof(struct gpuas_ttb_array))),
	       smmu->stream[boot->stream][0] ? "open" : "closed",
	       smmu->context[1] | smmu->context[2] ? "a root" : "no root",
	       (unsigned long long)mailbox->state, root[HOST_SLOT] ? "in use" : "empty");
	return 0;
}
