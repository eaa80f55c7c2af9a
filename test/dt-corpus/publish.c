// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * publish PLAN IN BEFORE AFTER DISABLED: do what a loader and the library do to the
 * tree IN, as PLAN says (plan.py), and write what came of it. Prints "published", or
 * "refused ERROR TEXT", and "wrong TEXT" for what the caller cannot see. Blobs are in
 * memory of exactly their size, for the sanitizers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gpuas/boards.h>
#include <gpuas/fdt.h>
#include <libfdt.h>

enum {
	ROOM = 0x4000,
	BANKS_MAX = 4,
};

#define VA(x)	((GPUAS_FORCE gpuas_va_t)(x))
#define ATTR	(GPUAS_FW_READ | GPUAS_FW_WRITE | GPUAS_MEM_CACHED | GPUAS_GLOBAL)

static const struct gpuas_board_region regions[] = {
	{ .name = "ttbs", .role = GPUAS_ROLE_TTBS },
	{ .name = "pagetables", .role = GPUAS_ROLE_PAGETABLES },
	{ .name = "handoff", .role = GPUAS_ROLE_HANDOFF },
	{ .name = "fw-text", .role = GPUAS_ROLE_MAPPED,
	  .size = 0x40000, .va = VA(0xffffff8000000000ULL), .attr = ATTR },
	{ .name = "fw-data", .role = GPUAS_ROLE_MAPPED,
	  .size = 0x80000, .va = VA(0xffffff8001000000ULL), .attr = ATTR },
	{ .name = "shared", .role = GPUAS_ROLE_MAPPED,
	  .size = 0x10000, .va = VA(0xffffff8002000000ULL), .attr = ATTR },
};

static const struct gpuas_contract_region stand[] = {
	{ .region = "ttbs", .name = "ttbs", .node = "corpus-ttbs" },
	{ .region = "pagetables", .name = "pagetables", .node = "corpus-pagetables" },
	{ .region = "handoff", .name = "handoff", .node = "corpus-handoff" },
	{ .region = "fw-text", .name = "fw-text", .node = "corpus-fw-text" },
	{ .region = "fw-data", .name = "fw-data", .node = "corpus-fw-data" },
	{ .region = "shared", .name = "shared", .node = "corpus-shared" },
};

static struct gpuas_contract contract = {
	.name = "corpus",
	.region = stand,
	.regions = sizeof(stand) / sizeof(stand[0]),
};

static const struct gpuas_contract *const contracts[] = { &contract, NULL };

static char withheld[256];
static const char *withhold[] = { withheld, NULL };
static const char *const machines[] = { "corpus,machine", NULL };
static const char *const gpus[] = { "corpus,gpu", NULL };
static struct gpuas_board board = {
	.name = "corpus",
	.machine = machines,
	.compatible = gpus,
	.gpu_node = "corpus-gpu",
	.contract = contracts,
	.geo = {
		.format = &gpuas_format_lpae_16k, .va_bits = 39, .pa_bits = 48, .upper = true,
	},
	.firmware = { VA(0xffffff8000000000ULL), 0x2000000000ULL },
	.host = { VA(0xffffffa000000000ULL), 0x1000000000ULL },
	.align = 0x10000,
	.region = regions,
	.regions = sizeof(regions) / sizeof(regions[0]),
};

static struct {
	uint64_t bank[BANKS_MAX][2];
	unsigned int banks;
	bool placeholders;
	struct gpuas_manifest manifest;
} plan;

static void die(const char *what)
{
	fprintf(stderr, "publish: %s\n", what);
	exit(2);
}

static void must(int err)
{
	if (err < 0)
		die(fdt_strerror(err));
}

static void *allocate(size_t size)
{
	void *mem = calloc(1, size);

	if (!mem)
		die("no memory");
	return mem;
}

static void *sized(const void *fdt, size_t size)
{
	void *blob = allocate(size);

	must(fdt_open_into(fdt, blob, (int)size));
	return blob;
}

static void *duplicate(const void *fdt)
{
	return memcpy(allocate(fdt_totalsize(fdt)), fdt, fdt_totalsize(fdt));
}

static void *load(const char *path)
{
	FILE *file = fopen(path, "rb");
	long size;
	void *raw, *fdt;

	if (!file || fseek(file, 0, SEEK_END))
		die("no tree");
	size = ftell(file);
	rewind(file);
	raw = allocate((size_t)size);
	if (fread(raw, 1, (size_t)size, file) != (size_t)size)
		die("no tree");
	fclose(file);
	fdt = sized(raw, (size_t)size + ROOM);
	free(raw);
	return fdt;
}

static void save(const char *path, const void *fdt)
{
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(fdt, fdt_totalsize(fdt), 1, file) != 1 || fclose(file))
		die("cannot write");
}

static void take_region(const char *name, uint64_t pa, uint64_t size)
{
	struct gpuas_region *region = gpuas_manifest_region(&plan.manifest, name);

	if (!region)
		die("a region that is none");
	region->present = true;
	region->pa = gpuas_pa(pa);
	region->size = size;
	if (region->role == GPUAS_ROLE_PAGETABLES)
		plan.manifest.root = region->pa;
}

static void take_describe(bool flag)
{
	contract.describe = flag;
	contract.va = flag ? GPUAS_VA_IOMMU_ADDRESSES : GPUAS_VA_BOARD;
}

static void take_line(const char *line)
{
	uint64_t a, b;
	char name[32];
	int flag;

	if (sscanf(line, "describe %d", &flag) == 1)
		take_describe(flag);
	else if (sscanf(line, "placeholders %d", &flag) == 1)
		plan.placeholders = flag;
	else if (sscanf(line, "cpu %" SCNx64, &a) == 1)
		board.cpu = a;
	else if (sscanf(line, "withhold %255s", withheld) == 1)
		board.withhold = withhold;
	else if (sscanf(line, "bank %" SCNx64 " %" SCNx64, &a, &b) == 2 &&
		 plan.banks < BANKS_MAX) {
		plan.bank[plan.banks][0] = a;
		plan.bank[plan.banks++][1] = b;
	} else if (sscanf(line, "region %31s %" SCNx64 " %" SCNx64, name, &a, &b) == 3)
		take_region(name, a, b);
	else
		die(line);
}

static void load_plan(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512];

	if (!file || gpuas_manifest_init(&plan.manifest, &board))
		die("no plan");
	while (fgets(line, sizeof(line), file))
		take_line(line);
	fclose(file);
}

static void append(void *fdt, int node, int cells, uint64_t value)
{
	if (cells == 1)
		must(fdt_appendprop_u32(fdt, node, "reg", (uint32_t)value));
	else
		must(fdt_appendprop_u64(fdt, node, "reg", value));
}

/* As a loader does: its banks go to the first node of that name, and no other. */
static void fixup(void *fdt)
{
	int node = fdt_subnode_offset(fdt, 0, "memory");
	unsigned int i;

	if (node < 0)
		node = fdt_add_subnode(fdt, 0, "memory");
	must(node);
	must(fdt_setprop_string(fdt, node, "device_type", "memory"));
	must(fdt_setprop(fdt, node, "reg", NULL, 0));
	for (i = 0; i < plan.banks; i++) {
		append(fdt, node, fdt_address_cells(fdt, 0), plan.bank[i][0]);
		append(fdt, node, fdt_size_cells(fdt, 0), plan.bank[i][1]);
	}
}

static void put_reserved(void *fdt)
{
	int node = fdt_subnode_offset(fdt, 0, "reserved-memory");

	if (node >= 0)
		return;
	node = fdt_add_subnode(fdt, 0, "reserved-memory");
	must(node);
	must(fdt_setprop_u32(fdt, node, "#address-cells", (uint32_t)fdt_address_cells(fdt, 0)));
	must(fdt_setprop_u32(fdt, node, "#size-cells", (uint32_t)fdt_size_cells(fdt, 0)));
	must(fdt_setprop(fdt, node, "ranges", NULL, 0));
}

/* As the machine's own tree has them: known by name, filled in by nobody yet. */
static void put_placeholders(void *fdt)
{
	fdt32_t list[sizeof(regions) / sizeof(regions[0])];
	uint32_t phandle;
	unsigned int i;
	int node;

	put_reserved(fdt);
	for (i = 0; i < board.regions; i++) {
		must(fdt_generate_phandle(fdt, &phandle));
		node = fdt_add_subnode(fdt, fdt_subnode_offset(fdt, 0, "reserved-memory"),
				       stand[i].node);
		must(node);
		must(fdt_setprop_string(fdt, node, "status", "disabled"));
		must(fdt_setprop_u32(fdt, node, "phandle", phandle));
		list[i] = cpu_to_fdt32(phandle);
	}
	node = fdt_add_subnode(fdt, 0, board.gpu_node);
	must(node);
	must(fdt_setprop(fdt, node, "memory-region", list, sizeof(list)));
	must(fdt_setprop_string(fdt, node, "status", "disabled"));
	must(fdt_setprop_string(fdt, node, "compatible", board.compatible[0]));
}

static int publish(void *fdt, struct gpuas_report *report)
{
	size_t size = fdt_totalsize(fdt) + sizeof(struct gpuas_manifest);
	void *scratch = allocate(size);
	int err = gpuas_fdt_publish(fdt, scratch, size, &board, &plan.manifest, report);

	free(scratch);
	return err;
}

static void want(bool right, const char *what)
{
	if (!right)
		printf("wrong %s\n", what);
}

/* The very room that is asked for is enough, and a byte less is not. */
static void try_rooms(const void *before)
{
	const size_t size = fdt_totalsize(before) + 2 * ROOM;
	void *scratch = allocate(size), *packed = duplicate(before), *fdt, *copy;
	struct gpuas_report report;
	size_t room;

	must(fdt_pack(packed));
	want(!gpuas_fdt_room(packed, scratch, size, &board, &plan.manifest, &room, &report),
	     "room");
	fdt = sized(packed, room);
	want(!publish(fdt, &report), "publish in the room that was asked for");
	free(fdt);
	fdt = sized(packed, room - 1);
	copy = duplicate(fdt);
	want(publish(fdt, &report) == -GPUAS_ENOSPC, "publish without room");
	want(!memcmp(fdt, copy, room - 1), "a tree without room changed");
	free(copy);
	free(fdt);
	free(packed);
	free(scratch);
}

static void try_again(const void *after)
{
	void *fdt = duplicate(after);
	struct gpuas_manifest found;
	struct gpuas_report report;

	want(!publish(fdt, &report), "publish twice");
	want(!memcmp(fdt, after, fdt_totalsize(after)), "a second pass changed the tree");
	want(!gpuas_fdt_check(fdt, &board, &found, &report) &&
	     !gpuas_manifest_differs(&plan.manifest, &found, &report), "check");
	free(fdt);
}

/* With no room at all, and twice. */
static void disable(const void *before, const char *path)
{
	void *packed = duplicate(before), *fdt, *scratch, *once;
	size_t size;

	must(fdt_pack(packed));
	size = fdt_totalsize(packed);
	fdt = sized(packed, size);
	scratch = allocate(size);
	want(!gpuas_fdt_disable(fdt, scratch, size, &board, true, NULL), "disable");
	once = duplicate(fdt);
	want(!gpuas_fdt_disable(fdt, scratch, size, &board, true, NULL), "disable twice");
	want(!memcmp(fdt, once, size), "disabling twice is not disabling once");
	save(path, fdt);
	free(once);
	free(scratch);
	free(fdt);
	free(packed);
}

int main(int argc, char **argv)
{
	struct gpuas_report report;
	void *before, *after;
	int err;

	if (argc != 6)
		die("usage: publish PLAN IN BEFORE AFTER DISABLED");
	load_plan(argv[1]);
	before = load(argv[2]);
	fixup(before);
	if (plan.placeholders)
		put_placeholders(before);
	save(argv[3], before);
	after = duplicate(before);
	err = publish(after, &report);
	save(argv[4], after);
	disable(before, argv[5]);
	if (!err) {
		try_rooms(before);
		try_again(after);
		puts("published");
	} else {
		printf("refused %d %s\n", err, report.text.buf);
	}
	free(after);
	free(before);
	return 0;
}
