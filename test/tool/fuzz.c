// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * [-r COUNT] [-t] FILE...: the main() of a fuzz target where there is no libFuzzer. Looks at each file;
 * with -t at each of its beginnings too; with -r at so many with random damage (GPUAS_SEED= chooses
 * it, and is printed).
 */
#include "fuzz.h"

#include <time.h>

static uint64_t seed;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

struct text {
	uint8_t *bytes;
	size_t size;
};

static struct text text_read(const char *name)
{
	FILE *file = fopen(name, "rb");
	struct text text = { malloc(1 << 24), 0 };

	if (!file || !text.bytes) {
		fprintf(stderr, "%s cannot be read\n", name);
		exit(1);
	}
	text.size = fread(text.bytes, 1, 1 << 24, file);
	fclose(file);
	return text;
}

/* Words that are next to something, and any. */
static uint64_t word(void)
{
	static const uint64_t odd[] = { 0, 1, 7, 8, 0xff, 0x100, 0xffff, 0x4000, ~0ULL, 1ULL << 63,
					0xffffffff, RAM_BASE, 0x7fffffff };

	return next() % 3 ? odd[next() % (sizeof(odd) / sizeof(odd[0]))] : next();
}

/* Most of what is worth damage is at the start of a file. */
static size_t place(size_t size)
{
	return (size_t)(next() % (next() % 2 && size > 4096 ? 4096 : size));
}

static struct text spoil(const struct text *text)
{
	struct text copy = { malloc(text->size ? text->size : 1), text->size };
	unsigned int count = 1 + (unsigned int)(next() % 6);
	uint64_t value;
	size_t at, size;

	memcpy(copy.bytes, text->bytes, text->size);
	if (!(next() % 8))
		copy.size = (size_t)(next() % (text->size + 1));
	for (; count && copy.size; count--) {
		at = place(copy.size) & (next() % 4 ? ~(size_t)3 : ~(size_t)0);
		size = 1u << next() % 4;
		value = word();
		memcpy(copy.bytes + at, &value, size < copy.size - at ? size : copy.size - at);
	}
	return copy;
}

static void random_damage(const struct text *text, unsigned long count)
{
	struct text copy;

	for (; count; count--) {
		copy = spoil(text);
		fuzz_one(copy.bytes, copy.size, (unsigned int)(next() % 256));
		free(copy.bytes);
	}
}

/* In memory of just that size each time. */
static void beginnings(const struct text *text)
{
	uint8_t *copy;
	size_t size;

	for (size = 0; size < text->size; size++) {
		copy = malloc(size ? size : 1);
		memcpy(copy, text->bytes, size);
		fuzz_one(copy, size, FUZZ_ALL);
		free(copy);
	}
}

/* All commands, opened in each way that a target has. */
static void replay(const struct text *text)
{
	fuzz_one(text->bytes, text->size, FUZZ_ALL);
	fuzz_one(text->bytes, text->size, FUZZ_ALL | FUZZ_WITH_TREE);
	fuzz_one(text->bytes, text->size, FUZZ_ALL | FUZZ_BY_NAME);
}

int main(int argc, char **argv)
{
	const char *given = getenv("GPUAS_SEED");
	unsigned long count = 0;
	bool all = false;
	struct text text;
	int option;

	while ((option = getopt(argc, argv, "r:t")) != -1) {
		if (option == 'r')
			count = strtoul(optarg, NULL, 0);
		else
			all = true;
	}
	seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	seed += !seed;
	printf("# GPUAS_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	if (LLVMFuzzerInitialize(&argc, &argv))
		return 1;
	for (; optind < argc; optind++) {
		text = text_read(argv[optind]);
		replay(&text);
		if (all)
			beginnings(&text);
		random_damage(&text, count);
		free(text.bytes);
	}
	return 0;
}
