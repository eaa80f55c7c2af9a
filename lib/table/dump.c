// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/dump.h>

enum {
	COLUMN_SIZE = 40,
	COLUMN_PA = 48,
	COLUMN_ATTR = 64,
};

/**
 * struct run - Pages of the same kind in a row
 * @sink: where lines go
 * @text: the line in the making
 * @va: first VA
 * @size: bytes; 0: no run has begun
 * @pa: first PA
 * @attr: attributes
 */
struct run {
	const struct gpuas_sink *sink;
	struct gpuas_text text;
	uint64_t va;
	uint64_t size;
	uint64_t pa;
	gpuas_attr_t attr;
};

static void put_range(struct gpuas_text *text, uint64_t va, uint64_t size)
{
	gpuas_text_hex(text, va, 16);
	gpuas_text_str(text, "-");
	gpuas_text_hex(text, va + (size - 1), 16);
	gpuas_text_pad(text, COLUMN_SIZE);
	gpuas_text_size(text, size);
	gpuas_text_pad(text, COLUMN_PA);
}

static void run_end(struct run *run)
{
	if (!run->size)
		return;
	put_range(&run->text, run->va, run->size);
	gpuas_text_hex(&run->text, run->pa, 11);
	gpuas_text_pad(&run->text, COLUMN_ATTR);
	gpuas_attr_text(&run->text, run->attr);
	gpuas_text_send(&run->text, run->sink);
	run->size = 0;
}

static void run_add(struct run *run, const struct gpuas_step *step)
{
	uint64_t va = gpuas_va_u64(step->va), pa = gpuas_pa_u64(step->pa);

	if (run->size && va == run->va + run->size &&
	    pa == run->pa + run->size && step->attr == run->attr) {
		run->size += step->size;
		return;
	}
	run_end(run);
	run->va = va;
	run->size = step->size;
	run->pa = pa;
	run->attr = step->attr;
}

static void put_odd(struct run *run, const struct gpuas_step *step)
{
	run_end(run);
	put_range(&run->text, gpuas_va_u64(step->va), step->size);
	gpuas_text_str(&run->text, step->unreadable ? "unreadable table " :
						      "unknown entry ");
	gpuas_text_hex(&run->text, step->entry, 16);
	gpuas_text_send(&run->text, run->sink);
}

static int dump_step(void *ctx, const struct gpuas_step *step)
{
	struct run *run = ctx;

	if (step->kind == GPUAS_PAGE || step->kind == GPUAS_BLOCK)
		run_add(run, step);
	else if (step->unreadable || step->kind == GPUAS_OTHER)
		put_odd(run, step);
	return 0;
}

void gpuas_dump_space(const struct gpuas_space *space,
		      const struct gpuas_sink *sink)
{
	struct run run = { .sink = sink };

	gpuas_text_str(&run.text, "VA");
	gpuas_text_pad(&run.text, COLUMN_SIZE);
	gpuas_text_str(&run.text, "Size");
	gpuas_text_pad(&run.text, COLUMN_PA);
	gpuas_text_str(&run.text, "PA");
	gpuas_text_pad(&run.text, COLUMN_ATTR);
	gpuas_text_str(&run.text, "Attributes");
	gpuas_text_send(&run.text, sink);
	gpuas_visit_all(space, dump_step, &run);
	run_end(&run);
}

static void put_kind(struct gpuas_text *text, const struct gpuas_step *step)
{
	static const char *const kind[] = {
		[GPUAS_HOLE] = "hole",
		[GPUAS_TABLE] = "table ",
		[GPUAS_PAGE] = "page  ",
		[GPUAS_BLOCK] = "block ",
		[GPUAS_OTHER] = "unknown entry",
	};

	gpuas_text_str(text, kind[step->kind]);
	if (step->kind == GPUAS_HOLE || step->kind == GPUAS_OTHER)
		return;
	gpuas_text_hex(text, gpuas_pa_u64(step->pa), 11);
	if (step->kind != GPUAS_TABLE) {
		gpuas_text_str(text, " ");
		gpuas_attr_text(text, step->attr);
	}
	if (step->unreadable)
		gpuas_text_str(text, " unreadable");
}

int gpuas_dump_path(const struct gpuas_space *space, gpuas_va_t va,
		    const struct gpuas_sink *sink)
{
	static const char *const whose[] = {
		[GPUAS_FOREIGN] = "",
		[GPUAS_LENT] = ", lent",
		[GPUAS_OWNED] = ", owned",
	};
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	struct gpuas_text text;
	unsigned int steps, i;
	int err = gpuas_path(space, va, step, &steps);

	if (err)
		return err;
	gpuas_text_clear(&text);
	for (i = 0; i < steps; i++) {
		gpuas_text_str(&text, "level ");
		gpuas_text_dec(&text, step[i].level);
		gpuas_text_str(&text, "  table ");
		gpuas_text_hex(&text, gpuas_pa_u64(step[i].table), 11);
		gpuas_text_str(&text, "  [");
		gpuas_text_dec(&text, step[i].index);
		gpuas_text_str(&text, "]");
		gpuas_text_pad(&text, 38);
		gpuas_text_hex(&text, step[i].entry, 16);
		gpuas_text_str(&text, "  ");
		put_kind(&text, &step[i]);
		gpuas_text_str(&text, whose[step[i].whose]);
		gpuas_text_send(&text, sink);
	}
	i = steps - 1;
	return step[i].kind == GPUAS_PAGE || step[i].kind == GPUAS_BLOCK ?
		0 : -GPUAS_ENOENT;
}
