// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/ttb.h>

#define ROOT_ALIGN	0x4000ULL
#define ROOT_END	(1ULL << GPUAS_TTB_ASID_SHIFT)

void gpuas_ttb_init(struct gpuas_ttb_array *array)
{
	unsigned int i;

	for (i = 0; i < GPUAS_TTB_CONTEXTS; i++) {
		gpuas_entry_store(&array->context[i].ttb0, 0);
		gpuas_entry_store(&array->context[i].ttb1, 0);
	}
}

/* The word for a root; 0 for none. */
static int word(unsigned int context, gpuas_pa_t root, uint64_t *ttb)
{
	uint64_t pa = gpuas_pa_u64(root);

	*ttb = 0;
	if (root == GPUAS_TTB_NONE)
		return 0;
	if (pa & (ROOT_ALIGN - 1))
		return -GPUAS_EINVAL;
	if (pa >= ROOT_END)
		return -GPUAS_ERANGE;
	*ttb = (uint64_t)context << GPUAS_TTB_ASID_SHIFT | pa | GPUAS_TTB_VALID;
	return 0;
}

static int make_pair(unsigned int context, gpuas_pa_t root0, gpuas_pa_t root1,
		     struct gpuas_ttb_pair *pair)
{
	int err;

	if (context >= GPUAS_TTB_CONTEXTS)
		return -GPUAS_EINVAL;
	if (root0 == GPUAS_TTB_NONE && root1 == GPUAS_TTB_NONE)
		return -GPUAS_EINVAL;
	err = word(context, root0, &pair->ttb0);
	if (!err)
		err = word(context, root1, &pair->ttb1);
	return err;
}

static struct gpuas_ttb_pair load_pair(const struct gpuas_ttb_pair *pair)
{
	return (struct gpuas_ttb_pair){
		.ttb0 = gpuas_entry_load(&pair->ttb0),
		.ttb1 = gpuas_entry_load(&pair->ttb1),
	};
}

static bool is_bound(const struct gpuas_ttb_pair *pair)
{
	return (pair->ttb0 | pair->ttb1) & GPUAS_TTB_VALID;
}

int gpuas_ttb_bind(struct gpuas_ttb_array *array, unsigned int context,
		   gpuas_pa_t root0, gpuas_pa_t root1)
{
	struct gpuas_ttb_pair pair, old;
	int err;

	err = make_pair(context, root0, root1, &pair);
	if (err)
		return err;
	old = load_pair(&array->context[context]);
	if (is_bound(&old))
		return -GPUAS_EBUSY;
	gpuas_publish_barrier();
	gpuas_entry_store(&array->context[context].ttb1, pair.ttb1);
	gpuas_publish_barrier();
	gpuas_entry_store(&array->context[context].ttb0, pair.ttb0);
	return 0;
}

int gpuas_ttb_unbind(struct gpuas_ttb_array *array, unsigned int context,
		     gpuas_pa_t root0, gpuas_pa_t root1)
{
	struct gpuas_ttb_pair pair, old;
	int err;

	err = make_pair(context, root0, root1, &pair);
	if (err)
		return err;
	old = load_pair(&array->context[context]);
	if (!is_bound(&old))
		return -GPUAS_ENOENT;
	if (old.ttb0 != pair.ttb0 || old.ttb1 != pair.ttb1)
		return -GPUAS_ESTALE;
	gpuas_entry_store(&array->context[context].ttb0, 0);
	gpuas_publish_barrier();
	gpuas_entry_store(&array->context[context].ttb1, 0);
	return 0;
}

int gpuas_ttb_root(uint64_t ttb, gpuas_pa_t *root)
{
	if (!(ttb & GPUAS_TTB_VALID))
		return -GPUAS_ENOENT;
	*root = gpuas_pa(ttb & GPUAS_TTB_BASE_MASK);
	return 0;
}
