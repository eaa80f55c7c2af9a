// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Roots as a whole: what firmware publishes, what is above it, a root that mirrors. */
#include <gpuas/root.h>

#include "geometry.h"
#include "walk.h"

/* Number of entries that the half takes up. */
static unsigned int used(const struct gpuas_space *root)
{
	return (unsigned int)(root->last >> root->shift[root->top]) + 1;
}

/* First offset that an entry covers. */
static uint64_t offset(const struct gpuas_space *root, unsigned int index)
{
	return (uint64_t)index << root->shift[root->top];
}

static uint64_t load(const struct gpuas_space *root, unsigned int index)
{
	gpuas_look_(root, &root->root_ptr[index], 1);
	return gpuas_entry_load(&root->root_ptr[index]);
}

static void report_entry(struct gpuas_report *report, int err, unsigned int index,
			 const char *what, uint64_t entry)
{
	gpuas_report_dec(report, err, "root", NULL, "published entry", index);
	if (report) {
		gpuas_text_str(&report->text, what);
		gpuas_text_hex(&report->text, entry, 1);
	}
}

static int judge_published(const struct gpuas_published *published,
			   struct gpuas_report *report)
{
	unsigned int i;

	for (i = 0; i < published->count; i++) {
		if (!published->entry[i]) {
			report_entry(report, -GPUAS_ENOENT, i,
				     " is not there yet: ", 0);
			return -GPUAS_ENOENT;
		}
		if (!is_table_(published->entry[i])) {
			report_entry(report, -GPUAS_EPROTO, i, " is no table but ",
				     published->entry[i]);
			return -GPUAS_EPROTO;
		}
	}
	return 0;
}

int gpuas_published_take(struct gpuas_published *published,
			 const struct gpuas_space *root, unsigned int count,
			 struct gpuas_report *report)
{
	unsigned int i;

	memset(published, 0, sizeof(*published));
	if (count > GPUAS_PUBLISHED_MAX || count > used(root))
		return gpuas_report_dec(report, -GPUAS_E2BIG, "root", NULL,
					"too many published entries,", count);
	published->root = root->root;
	published->count = count;
	for (i = 0; i < count; i++)
		published->entry[i] = load(root, i);
	return judge_published(published, report);
}

int gpuas_published_confirm(const struct gpuas_published *published,
			    const struct gpuas_space *root,
			    struct gpuas_report *report)
{
	unsigned int i;
	uint64_t now;

	if (published->root != root->root)
		return gpuas_report_hex(report, -GPUAS_EINVAL, "root", NULL,
					"is not the one whose entries were remembered,",
					gpuas_pa_u64(published->root));
	for (i = 0; i < published->count; i++) {
		now = load(root, i);
		if (now == published->entry[i])
			continue;
		report_entry(report, -GPUAS_ESTALE, i, " was ",
			     published->entry[i]);
		if (report) {
			gpuas_text_str(&report->text, " and is now ");
			gpuas_text_hex(&report->text, now, 1);
		}
		return -GPUAS_ESTALE;
	}
	return 0;
}

/* Entries @first to before @end. */
static void written(const struct gpuas_space *root, unsigned int first,
		    unsigned int end, bool live)
{
	gpuas_root_written_(root, offset(root, first),
			    offset(root, end - 1) + mask_(root, root->top), live);
}

static int entries_check(const struct gpuas_space *root,
			 const struct gpuas_entries *entries)
{
	if (entries->end > used(root) || entries->first > entries->end)
		return -GPUAS_ERANGE;
	if (entries->first < entries->end && root->window <= root->window_last &&
	    offset(root, entries->first) <= root->window_last &&
	    offset(root, entries->end - 1) + mask_(root, root->top) >= root->window)
		return -GPUAS_EPERM;
	return 0;
}

int gpuas_root_clear(const struct gpuas_space *root,
		     const struct gpuas_entries *entries,
		     struct gpuas_entries *wrote)
{
	int err = entries_check(root, entries);
	unsigned int i;

	if (err)
		return err;
	wrote->first = wrote->end = entries->first;
	for (i = entries->first; i < entries->end; i++) {
		if (!load(root, i))
			continue;
		gpuas_entry_store(&root->root_ptr[i], 0);
		if (wrote->first == wrote->end)
			wrote->first = i;
		wrote->end = i + 1;
	}
	if (wrote->first < wrote->end)
		written(root, wrote->first, wrote->end, true);
	return 0;
}

/* Break before make, if something is there. */
static void replace(const struct gpuas_space *to, unsigned int index,
		    uint64_t old, uint64_t entry)
{
	if (old) {
		gpuas_entry_store(&to->root_ptr[index], 0);
		written(to, index, index + 1, true);
	}
	if (entry) {
		/* Its tables first: they may have been made a moment ago. */
		gpuas_publish_barrier();
		gpuas_entry_store(&to->root_ptr[index], entry);
		written(to, index, index + 1, false);
	}
}

int gpuas_root_mirror(const struct gpuas_space *to,
		      const struct gpuas_space *from,
		      const struct gpuas_entries *entries, uint64_t *wrote,
		      unsigned int *count)
{
	unsigned int i, bit;
	uint64_t old, entry;
	int err;

	if (!gpuas_geometry_equal_(&to->geo, &from->geo) ||
	    to->top != from->top || to->root == from->root)
		return -GPUAS_EINVAL;
	err = entries_check(to, entries);
	if (err)
		return err;
	*count = 0;
	for (i = entries->first; i < entries->end; i++) {
		bit = i - entries->first;
		old = load(to, i);
		entry = load(from, i);
		if (wrote && old != entry)
			wrote[bit / 64] |= 1ULL << bit % 64;
		else if (wrote)
			wrote[bit / 64] &= ~(1ULL << bit % 64);
		if (old == entry)
			continue;
		replace(to, i, old, entry);
		++*count;
	}
	return 0;
}
