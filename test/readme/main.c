// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Runs the README's bootloader example on a piece of host memory, and looks at the result. */
#include <stdio.h>
#include <stdlib.h>

#include <gpuas/boards.h>
#include <gpuas/bringup.h>
#include <gpuas/fdt.h>
#include <libfdt.h>

#define RAM_BASE	0x40000000ULL
#define RAM_SIZE	0x1000000ULL

int gpu_bring_up(const struct gpuas_bringup_host *host, struct gpuas_report *report);
int gpu_publish(void *fdt, void *scratch, struct gpuas_report *report);

static uint64_t next = RAM_BASE;

static int take(void *ctx, uint64_t size, uint64_t align, gpuas_pa_t last, gpuas_pa_t *pa)
{
	uint64_t start = (next + align - 1) & ~(align - 1);

	(void)ctx;
	if (start + size > RAM_BASE + RAM_SIZE || start + size - 1 > gpuas_pa_u64(last))
		return -GPUAS_ENOMEM;
	next = start + size;
	*pa = gpuas_pa(start);
	return 0;
}

static void give(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	(void)ctx;
	(void)pa;
	(void)size;
}

static void *at(void *ctx, gpuas_pa_t pa, uint64_t size)
{
	(void)size;
	return (char *)ctx + (gpuas_pa_u64(pa) - RAM_BASE);
}

static int tree(void *fdt, int size)
{
	int memory, err;

	err = fdt_create_empty_tree(fdt, size);
	err = err ? err : fdt_setprop_u32(fdt, 0, "#address-cells", 2);
	err = err ? err : fdt_setprop_u32(fdt, 0, "#size-cells", 2);
	memory = fdt_add_subnode(fdt, 0, "memory@40000000");
	err = err ? err : fdt_setprop_string(fdt, memory, "device_type", "memory");
	err = err ? err : fdt_appendprop_u64(fdt, memory, "reg", RAM_BASE);
	return err ? err : fdt_appendprop_u64(fdt, memory, "reg", RAM_SIZE);
}

int main(void)
{
	static uint64_t fdt[2048], scratch[2048 + sizeof(struct gpuas_manifest) / 8];
	struct gpuas_bringup_host host = { .alloc = take, .free = give, .ptr = at };
	struct gpuas_manifest found;
	struct gpuas_report report;
	int err;

	host.ctx = aligned_alloc(0x10000, RAM_SIZE);
	err = host.ctx ? gpu_bring_up(&host, &report) : 1;
	printf("%s - the README's gpu_bring_up() builds a space\n", err ? "not ok" : "ok");
	err = err || tree(fdt, sizeof(fdt)) || gpu_publish(fdt, scratch, &report) ||
	      gpuas_fdt_check(fdt, &gpuas_board_qemu_virt, &found, &report);
	printf("%s - the README's gpu_publish() writes a tree that passes the check\n",
	       err ? "not ok" : "ok");
	free(host.ctx);
	return err;
}
