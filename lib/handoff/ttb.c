// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <gpuas/ttb.h>

#define ROOT_ALIGN	0x4000ULL
#define ROOT_END	(1ULL << GPUAS_TTB_ASID_SHIFT)

void gpuas_ttb_init(struct gpuas_ttb_array *array, uint64_t keep)
{
	unsigned int i;

	for (i = 0; i < GPUAS_TTB_CONTEXTS; i++) {
		if (keep >> i & 1)
			continue;
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

/* What a half without root has in its other bits is nobody's. */
static bool is_word(uint64_t found, uint64_t want)
{
	return want ? found == want : !(found & GPUAS_TTB_VALID);
}

/* Is a context bound to just these roots? */
static int expect(const struct gpuas_ttb_array *array, unsigned int context,
		  gpuas_pa_t root0, gpuas_pa_t root1)
{
	struct gpuas_ttb_pair want, found;
	int err = make_pair(context, root0, root1, &want);

	if (err)
		return err;
	found = load_pair(&array->context[context]);
	if (!is_bound(&found))
		return -GPUAS_ENOENT;
	return is_word(found.ttb0, want.ttb0) && is_word(found.ttb1, want.ttb1) ?
		       0 : -GPUAS_ESTALE;
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

int gpuas_ttb_alias(struct gpuas_ttb_array *array, unsigned int context, unsigned int of)
{
	gpuas_pa_t root0 = GPUAS_TTB_NONE, root1 = GPUAS_TTB_NONE;
	struct gpuas_ttb_pair pair;

	if (of >= GPUAS_TTB_CONTEXTS)
		return -GPUAS_EINVAL;
	pair = load_pair(&array->context[of]);
	if (!is_bound(&pair))
		return -GPUAS_ENOENT;
	gpuas_ttb_root(pair.ttb0, &root0);
	gpuas_ttb_root(pair.ttb1, &root1);
	return gpuas_ttb_bind(array, context, root0, root1);
}

/* One store: whoever looks meanwhile finds the other half as it was. */
static int replace(uint64_t *half, uint64_t ttb)
{
	gpuas_publish_barrier();
	gpuas_entry_store(half, ttb);
	return 0;
}

int gpuas_ttb_replace0(struct gpuas_ttb_array *array, unsigned int context,
		       gpuas_pa_t root0, gpuas_pa_t root1, gpuas_pa_t root)
{
	struct gpuas_ttb_pair pair;
	int err = make_pair(context, root, root1, &pair);

	if (!err)
		err = expect(array, context, root0, root1);
	return err ? err : replace(&array->context[context].ttb0, pair.ttb0);
}

int gpuas_ttb_replace1(struct gpuas_ttb_array *array, unsigned int context,
		       gpuas_pa_t root0, gpuas_pa_t root1, gpuas_pa_t root)
{
	struct gpuas_ttb_pair pair;
	int err = make_pair(context, root0, root, &pair);

	if (!err)
		err = expect(array, context, root0, root1);
	return err ? err : replace(&array->context[context].ttb1, pair.ttb1);
}

int gpuas_ttb_unbind(struct gpuas_ttb_array *array, unsigned int context,
		     gpuas_pa_t root0, gpuas_pa_t root1)
{
	int err = expect(array, context, root0, root1);

	if (err)
		return err;
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

enum gpuas_ttb_state gpuas_ttb_state(const struct gpuas_ttb_array *array,
				     unsigned int context)
{
	struct gpuas_ttb_pair pair;

	if (context >= GPUAS_TTB_CONTEXTS)
		return GPUAS_TTB_EMPTY;
	pair = load_pair(&array->context[context]);
	if (is_bound(&pair))
		return GPUAS_TTB_BOUND;
	return pair.ttb0 | pair.ttb1 ? GPUAS_TTB_LEFT : GPUAS_TTB_EMPTY;
}

static bool names(uint64_t ttb, gpuas_pa_t root)
{
	gpuas_pa_t found;

	return !gpuas_ttb_root(ttb, &found) && found == root;
}

unsigned int gpuas_ttb_next(const struct gpuas_ttb_array *array, unsigned int context,
			    gpuas_pa_t root)
{
	for (; context < GPUAS_TTB_CONTEXTS; context++) {
		struct gpuas_ttb_pair pair = load_pair(&array->context[context]);

		if (names(pair.ttb0, root) || names(pair.ttb1, root))
			return context;
	}
	return GPUAS_TTB_CONTEXTS;
}
