// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas map: a picture of what is mapped, as a page or a drawing of one file. */
#include <string.h>

#include "map.h"
#include "out.h"

static bool ends_with(const char *name, const char *end)
{
	const size_t size = strlen(name), length = strlen(end);

	return size > length && !strcmp(name + size - length, end);
}

static bool map_write(const struct map *map, const char *name)
{
	struct output output;

	if (!output_open(&output, name))
		return false;
	if (ends_with(name, ".svg"))
		map_svg(output.to, map);
	else
		map_html(output.to, map);
	return output_close(&output);
}

struct map *map_of(const struct image *a, const struct image *b)
{
	struct map *map = memory(1, sizeof(*map));

	map->a = a;
	map->b = b;
	if (b)
		map->comparison = comparison_of(a, b);
	map_tracks(map);
	map_place(map);
	return map;
}

static bool map_them(const struct image *a, const struct image *b, const char *name)
{
	struct map *map = map_of(a, b);
	bool fine = map_write(map, name);

	map_free(map);
	return fine;
}

static bool output_ok(const char *name)
{
	if (name && (ends_with(name, ".html") || ends_with(name, ".svg")))
		return true;
	fprintf(stderr, "gpuas: map: -o has to name a file: NAME.html for a page, NAME.svg for a "
		"drawing\n");
	return false;
}

enum status command_map(const struct options *options, struct image *const *image,
			char **argument)
{
	struct image *other = NULL;
	bool fine;

	(void)argument;
	if (!output_ok(options->output))
		return STATUS_USAGE;
	if (options->other) {
		other = image_open(options->other, options, 1);
		if (!other)
			return STATUS_USAGE;
		say_faults(other);
	}
	say_faults(image[0]);
	fine = map_them(image[0], other, options->output);
	image_close(other);
	return fine ? STATUS_OK : STATUS_USAGE;
}
