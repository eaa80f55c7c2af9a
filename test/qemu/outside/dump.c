// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * dump FILE ROOT: the space of the stand-in GPU, as found in a file that was a machine's RAM: the
 * same lines as those of "gpuas dump" in U-Boot and of debugfs in Linux.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gpuas/boards.h>
#include <gpuas/dump.h>

#define RAM_PA	0x40000000ULL

struct ram {
	uint8_t *ptr;
	uint64_t size;
};

static uint64_t *table_ptr(void *ctx, gpuas_pa_t pa, size_t size)
{
	const struct ram *ram = ctx;
	uint64_t offset = gpuas_pa_u64(pa) - RAM_PA;

	if (offset >= ram->size || size > ram->size - offset || offset % sizeof(uint64_t))
		return NULL;
	return (uint64_t *)(void *)(ram->ptr + offset);
}

static int open_ram(struct ram *ram, const char *name)
{
	int file = open(name, O_RDONLY);
	struct stat stat;

	if (file < 0 || fstat(file, &stat))
		return -1;
	ram->size = (uint64_t)stat.st_size;
	ram->ptr = mmap(NULL, ram->size, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	return ram->ptr == MAP_FAILED ? -1 : 0;
}

static void line(void *ctx, const char *text)
{
	fprintf(ctx, "%s\n", text);
}

int main(int argc, char **argv)
{
	const struct gpuas_range none = { gpuas_board_qemu_virt.host.va, 0 };
	struct gpuas_sink sink = { stdout, line };
	struct gpuas_space space;
	struct ram ram;
	struct gpuas_env env = { .ctx = &ram, .table_ptr = table_ptr };
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: dump FILE ROOT\n");
		return 2;
	}
	if (open_ram(&ram, argv[1])) {
		perror(argv[1]);
		return 1;
	}
	err = gpuas_space_adopt(&space, &gpuas_board_qemu_virt.geo, &none,
				gpuas_pa(strtoull(argv[2], NULL, 0)), &env);
	if (err) {
		fprintf(stderr, "root %s: %s\n", argv[2], gpuas_strerror(err));
		return 1;
	}
	gpuas_dump_space(&space, &sink);
	return 0;
}
