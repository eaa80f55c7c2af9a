// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * The RAM of a machine, and its device tree: the input is changes of words in tables, TTB array
 * and handoff page, and of bytes in the tree; behind them, a byte that chooses a command.
 */
#include "fuzz.h"

#include "tree-blob.h"

/* One change: what, which page, which word or byte, and the value. */
struct word {
	uint8_t what;
	uint8_t page;
	uint16_t index;
	uint64_t value;
} __attribute__((packed));

enum { PAGES_MAX = 64, CHANGES_MAX = 64, WORDS = 0x4000 / 8 };

static char ram_name[ADDRESS_MAX], sound_name[ADDRESS_MAX], tree_name[ADDRESS_MAX];
static struct image *sound;
static struct options options = { .dtb = { tree_name }, .dtbs = 1, .limit = 1 << 24 };
static struct snap *m;
static uint64_t *ram;
static uint8_t *tree;
static const uint8_t *ram_sound, *tree_sound;
static uint32_t page[PAGES_MAX];
static unsigned int pages;

/* Between pages that nobody may read: what reads more is found. */
static void *map_file(const void *bytes, size_t size, char name[ADDRESS_MAX])
{
	const size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	int fd = fuzz_file(bytes, size, name);
	uint8_t *room = mmap(NULL, size + 2 * page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED || mmap(room + page_size, size, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		abort();
	return room + page_size;
}

/* Where no table is, zeroes: walks through garbage take long, and say no more than through little. */
static void empty(void)
{
	uint64_t *word = (uint64_t *)m->ram->mem;
	uint32_t at;
	unsigned int i;

	for (at = 0; at < RAM_SIZE / 8; at += WORDS) {
		for (i = 0; i < pages && page[i] != at; i++)
			;
		if (i == pages)
			memset(word + at, 0, RAM_GRANULE);
	}
}

static void page_add(uint64_t pa)
{
	if (pages < PAGES_MAX)
		page[pages++] = (uint32_t)((pa - RAM_BASE) / 8);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	uint32_t i;

	(void)argc, (void)argv;
	m = snap_machine();
	snap_take(m);
	for (i = 0; i < m->s.extents; i++) {
		if (m->extent[i].kind == GPUAS_SNAP_TABLE)
			page_add(gpuas_pa_u64(m->extent[i].pa));
	}
	for (i = 0; i < m->bringup.manifest.regions; i++)
		page_add(gpuas_pa_u64(m->bringup.manifest.region[i].pa));
	empty();
	tree_sound = (const uint8_t *)tree_blob(m);
	tree = map_file(tree_sound, TREE_BLOB, tree_name);
	ram_sound = m->ram->mem;
	ram = map_file(ram_sound, RAM_SIZE, ram_name);
	fuzz_file(ram_sound, RAM_SIZE, sound_name);
	sound = image_open(sound_name, &options, 0);
	return sound && freopen("/dev/null", "w", stdout) ? 0 : 1;
}

static void set(const struct word *word, bool back)
{
	const uint32_t at = page[word->page % pages] + word->index % WORDS;
	const uint32_t byte = word->index % TREE_BLOB;

	switch (back ? 3 : word->what % 3) {
	case 0:
		ram[at] = word->value;
		break;
	case 1:
		ram[at] = RAM_BASE + (word->value >> 8) % RAM_TABLES * RAM_GRANULE +
			    (word->value & 0xff);
		break;
	case 2:
		tree[byte] = (uint8_t)word->value;
		break;
	default:
		memcpy(&ram[at], ram_sound + 8 * (size_t)at, 8);
		tree[byte] = tree_sound[byte];
	}
}

static void changes(const uint8_t *data, size_t size, bool back)
{
	struct word one;
	size_t i;

	for (i = 0; i < CHANGES_MAX && (i + 1) * sizeof(one) <= size; i++) {
		memcpy(&one, data + i * sizeof(one), sizeof(one));
		set(&one, back);
	}
}

/* What is there need not be opened again. */
static struct image *load(void)
{
	struct image *image = memory(1, sizeof(*image));
	const struct input dtb = { .name = tree_name, .bytes = tree, .size = TREE_BLOB };

	image_init(image, ram_name);
	image->file.bytes = (uint8_t *)ram;
	image->file.size = RAM_SIZE;
	if (image_load(image, &dtb, &options))
		return image;
	image_close(image);
	return NULL;
}

void fuzz_one(const uint8_t *data, size_t size, unsigned int choice)
{
	const bool by_name = (choice & FUZZ_WAY) == FUZZ_BY_NAME;
	struct image *image;

	size -= !!size;
	changes(data, size, false);
	image = by_name ? image_open(ram_name, &options, 0) : load();
	if (image) {
		fuzz_commands(image, sound, choice);
		image_close(image);
	}
	changes(data, size, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_one(data, size, fuzz_choice(data, size));
	return 0;
}
