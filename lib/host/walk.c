// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas walk: the way to an address, through the tables that are in the file. */
#include <inttypes.h>
#include <stdio.h>

#include <gpuas/dump.h>

#include "out.h"

static void line(void *ctx, const char *text)
{
	(void)ctx;
	puts(text);
}

static bool is_mapped(const struct gpuas_step *last)
{
	return last->kind == GPUAS_PAGE || last->kind == GPUAS_BLOCK;
}

static const char *step_kind(const struct gpuas_step *step)
{
	static const char *const name[] = {
		[GPUAS_HOLE] = "hole",
		[GPUAS_TABLE] = "table",
		[GPUAS_PAGE] = "page",
		[GPUAS_BLOCK] = "block",
		[GPUAS_OTHER] = "odd",
	};

	return name[step->kind];
}

static uint64_t pa_of(const struct gpuas_step *last, uint64_t va)
{
	return gpuas_pa_u64(last->pa) + (va - gpuas_va_u64(last->va));
}

static void put_end(const struct image *image, const struct address *address,
		    const struct gpuas_step *last)
{
	const struct gpuas_snap_extent *extent = image_extent(image, address);
	char owner[REGION_TEXT_MAX];
	uint64_t size;

	if (!is_mapped(last)) {
		printf("%snothing is mapped there%s\n", colour(COLOUR_BAD), colour(COLOUR_NONE));
		return;
	}
	printf("PA 0x%" PRIx64, pa_of(last, address->va));
	if (extent) {
		owner_text(image, extent, owner);
		printf(", %s", owner);
	}
	printf("%s\n", image_at(image, pa_of(last, address->va), &size) ? "" :
							", not in this file");
}

static void json_step(const struct gpuas_step *step, json_object *json)
{
	json_number(json, "level", step->level);
	json_hex(json, "table", gpuas_pa_u64(step->table));
	json_number(json, "index", step->index);
	json_hex(json, "entry", step->entry);
	json_text(json, "kind", step_kind(step));
	json_hex(json, "va", gpuas_va_u64(step->va));
	json_number(json, "size", step->size);
	if (step->kind != GPUAS_HOLE && step->kind != GPUAS_OTHER)
		json_hex(json, "pa", gpuas_pa_u64(step->pa));
	if (is_mapped(step))
		json_attr(json, step->attr);
	if (step->unreadable)
		json_flag(json, "unreadable", true);
}

static void json_walk(const struct image *image, const struct address *address,
		      const struct gpuas_step *step, unsigned int steps)
{
	json_object *json = json_new("walk", image), *list;
	unsigned int i;

	json_text(json, "space", space_name(image, address->space));
	json_hex(json, "va", address->va);
	json_flag(json, "mapped", is_mapped(&step[steps - 1]));
	if (is_mapped(&step[steps - 1]))
		json_hex(json, "pa", pa_of(&step[steps - 1], address->va));
	list = json_list(json, "steps");
	for (i = 0; i < steps; i++)
		json_step(&step[i], json_add(list));
	json_put(json);
}

static bool say_outside(const struct image *image, const struct address *address, int err)
{
	const struct gpuas_snap_space *space = &image->snapshot.space[address->space];

	if (err == -GPUAS_ERANGE)
		return refuse(&image->file, "VA 0x%" PRIx64 " is not in %s, which has the %s half of "
			      "%u VA bits", address->va, space->name,
			      space->geo.upper ? "upper" : "lower", space->geo.va_bits);
	return refuse(&image->file, "the root of %s, at PA 0x%" PRIx64 ", is not in it (%s)%s",
		      space->name, gpuas_pa_u64(space->root), gpuas_strerror(err),
		      image->kind == IMAGE_AGX ? ": files of that kind have no tables; ls has what is "
						 "mapped" : "");
}

static enum status walk(const struct image *image, const struct address *address, bool json)
{
	const struct gpuas_sink sink = { NULL, line };
	struct gpuas_step step[GPUAS_LEVELS_MAX];
	struct gpuas_space space;
	unsigned int steps;
	int err = space_open(image, address->space, &space);

	if (!err)
		err = gpuas_path(&space, gpuas_va(address->va), step, &steps);
	if (err) {
		say_outside(image, address, err);
		return STATUS_USAGE;
	}
	if (json) {
		json_walk(image, address, step, steps);
	} else {
		put_head("%s, VA 0x%016" PRIx64, space_name(image, address->space), address->va);
		gpuas_dump_path(&space, gpuas_va(address->va), &sink);
		put_end(image, address, &step[steps - 1]);
	}
	return is_mapped(&step[steps - 1]) ? STATUS_OK : STATUS_WRONG;
}

enum status command_walk(const struct options *options, struct image *const *image,
			 char **argument)
{
	struct address address;

	if (!address_parse(image[0], argument[0], &address))
		return STATUS_USAGE;
	say_faults(image[0]);
	if (address.space != GPUAS_SNAP_NO_SPACE)
		return walk(image[0], &address, options->json);
	refuse(&image[0]->file, "%s is a PA: find says which VAs lead there", argument[0]);
	return STATUS_USAGE;
}
