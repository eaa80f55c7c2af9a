// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is said of a file: why it cannot be used, and what is wrong with it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "images.h"

static void clean_text(char *text, size_t size, const char *format, va_list list)
{
	vsnprintf(text, size, format, list);
	utf8_clean(text, false);
}

bool refuse(const struct input *file, const char *format, ...)
{
	char text[2 * FAULT_MAX], *name;
	va_list list;

	va_start(list, format);
	clean_text(text, sizeof(text), format, list);
	va_end(list);
	name = name_of(file->name);
	fprintf(stderr, "gpuas: %s: %s\n", name, text);
	free(name);
	return false;
}

void fault(struct image *image, const char *format, ...)
{
	va_list list;

	if (image->faults++ >= FAULTS_MAX)
		return;
	va_start(list, format);
	clean_text(image->fault[image->faults - 1], FAULT_MAX, format, list);
	va_end(list);
}

void say_faults(const struct image *image)
{
	unsigned int i;

	for (i = 0; i < image->faults && i < FAULTS_MAX; i++)
		refuse(&image->file, "%s", image->fault[i]);
	if (image->faults > FAULTS_MAX)
		refuse(&image->file, "and %u more of the kind", image->faults - FAULTS_MAX);
}
