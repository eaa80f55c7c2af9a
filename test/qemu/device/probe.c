// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * One access of the GPU, and what the library's walker says about it: nothing else is asked what
 * has to come of it. The library knows neither access flags nor rights of tables: both are read
 * from the entries that it met on its way.
 */
#include "device.h"

/* Arm ARM DDI 0487, D8.3: AF, and APTable[1]: no writes below */
#define ENTRY_AF		(1ULL << 10)
#define ENTRY_TABLE_READ_ONLY	(1ULL << 62)

#define MASK(type)		(1u << (type))

struct tally tally;

static bool in_data(uint64_t pa)
{
	return pa - DATA_PA < DATA_SIZE;
}

/* The faults of a page or block. */
static unsigned int leaf_faults(const struct gpuas_step *leaf, int err, enum edu_way way)
{
	unsigned int faults = 0;

	if (!(leaf->entry & ENTRY_AF))
		faults |= MASK(SMMU_ACCESS);
	if (err == -GPUAS_EFAULT)
		faults |= MASK(SMMU_ADDRESS_SIZE);
	/* A device's accesses are privileged here, so what the firmware may counts. */
	if (way == EDU_WRITE && !(leaf->attr & GPUAS_FW_WRITE))
		faults |= MASK(SMMU_PERMISSION);
	return faults;
}

/* Do the library's two ways to a VA end in the same? */
static bool same_end(const struct gpuas_step *last, int err, gpuas_attr_t attr)
{
	if (last->unreadable)
		return err == -GPUAS_EFAULT;
	if (last->kind != GPUAS_PAGE && last->kind != GPUAS_BLOCK)
		return err == -GPUAS_ENOENT;
	return err == -GPUAS_EFAULT || (!err && attr == last->attr);
}

/*
 * All faults of the way to @va; 0: there is none, and @pa is where it leads. Which of several is
 * reported is nobody's promise: QEMU's SMMU looks at the access flag, the rights, the address, in
 * this order, and at the rights of a table before it goes on; its CPU looks at the address first.
 * A table beyond the PA size is not in memory: QEMU's SMMU reports what comes of reading it.
 */
static unsigned int forecast(const struct gpuas_space *space, uint64_t va, enum edu_way way,
			     uint64_t *pa, const char **wrong)
{
	struct gpuas_step step[GPUAS_LEVELS_MAX], *last;
	unsigned int steps = 0, faults = 0, i;
	gpuas_pa_t found = gpuas_pa(0), same = gpuas_pa(0);
	gpuas_attr_t attr = 0;
	int err = gpuas_translate(space, gpuas_va(va), &found, &attr);

	/* Another way where it is quicker. */
	if (gpuas_translate(space, gpuas_va(va), &same, NULL) != err || same != found)
		*wrong = "the library has two opinions";
	if (gpuas_path(space, gpuas_va(va), step, &steps) || !steps) {
		*wrong = "the library has no path";
		return 0;
	}
	last = &step[steps - 1];
	for (i = 0; i < steps; i++) {
		if (step[i].kind == GPUAS_TABLE && step[i].entry & ENTRY_TABLE_READ_ONLY &&
		    way == EDU_WRITE)
			faults |= MASK(SMMU_PERMISSION);
	}
	*pa = gpuas_pa_u64(found);
	if (!same_end(last, err, attr))
		*wrong = "the library has two opinions";
	if (last->unreadable)
		return faults | MASK(SMMU_WALK_ABORT) | MASK(SMMU_ADDRESS_SIZE);
	if (last->kind != GPUAS_PAGE && last->kind != GPUAS_BLOCK)
		return faults | MASK(SMMU_TRANSLATION);
	return faults | leaf_faults(last, err, way);
}

static const char *refused(uint64_t va, enum edu_way way, unsigned int faults,
			   const struct outcome *o)
{
	if (!o->fault)
		return "it is not refused";
	if (o->event.type > 31 || !(faults & MASK(o->event.type)))
		return "it is refused for another reason";
	if (gpuas_va_u64(o->event.va) != va)
		return "the record has another address";
	if (o->event.write != (way == EDU_WRITE) || o->event.stream != gpu.smmu.stream)
		return "the record is of another access";
	return NULL;
}

const char *probe(const struct gpuas_space *space, uint64_t va, enum edu_way way,
		  struct outcome *o)
{
	const uint64_t before = unique(), value = unique();
	const char *wrong = NULL;
	uint64_t pa = 0;
	unsigned int faults = forecast(space, va, way, &pa, &wrong);
	bool known = in_data(pa);

	memset(o, 0, sizeof(*o));
	if (wrong)
		return wrong;
	if (known)
		*word(pa) = before;
	if (way == EDU_WRITE)
		gpu_write(va, value, o);
	else if (faults)
		gpu_copy(EDU_READ, va, 8, o);
	else
		gpu_read(va, o);
	if (o->fault)
		tally.fault[space->geo.upper][o->event.type & 31]++;
	else
		tally.done[space->geo.upper][way]++;
	tally.either += (faults & (faults - 1)) != 0;
	if (faults) {
		wrong = refused(va, way, faults, o);
		return wrong || !known || *word(pa) == before ? wrong : "it is refused, and done";
	}
	if (o->fault)
		return "it is refused";
	if (!known)
		return "the library finds memory where none is";
	if (*word(pa) != (way == EDU_WRITE ? value : before) ||
	    (way == EDU_READ && o->value != before))
		return "it goes to other memory";
	return NULL;
}

void say_difference(const char *after, uint64_t va, enum edu_way way, const char *wrong,
		    const struct outcome *o)
{
	say("# difference: after %s: %s of %x: %s", after, way == EDU_WRITE ? "write" : "read", va,
	    wrong);
	if (o->fault)
		say("; event %x, %s of %x", (uint64_t)o->event.type,
		    o->event.write ? "write" : "read", gpuas_va_u64(o->event.va));
	say("\n");
}
