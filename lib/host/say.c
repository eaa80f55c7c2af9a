// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is said of a file: why it cannot be used, and what is wrong with it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"

void *memory(size_t count, size_t size)
{
	void *ptr = calloc(count ? count : 1, size);

	if (ptr)
		return ptr;
	fprintf(stderr, "gpuas: there is not enough memory for %zu times %zu bytes\n", count, size);
	exit(STATUS_USAGE);
}

void text_clean(char *text, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i]; i++) {
		if ((text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] > '~')
			text[i] = '?';
	}
	text[size - 1] = 0;
}

char *text_of(const uint8_t *bytes, size_t size)
{
	char *text = memory(size + 1, 1);
	size_t i;

	memcpy(text, bytes, size);
	for (i = 0; i < size; i++) {
		if (!text[i])
			text[i] = '?';
	}
	text_clean(text, size + 1);
	return text;
}

static void clean_text(char *text, size_t size, const char *format, va_list list)
{
	vsnprintf(text, size, format, list);
	text_clean(text, size);
}

bool refuse(const struct input *file, const char *format, ...)
{
	char text[2 * FAULT_MAX];
	va_list list;

	va_start(list, format);
	clean_text(text, sizeof(text), format, list);
	va_end(list);
	fprintf(stderr, "gpuas: %s: %s\n", file->name, text);
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
		fprintf(stderr, "gpuas: %s: %s\n", image->file.name, image->fault[i]);
	if (image->faults > FAULTS_MAX)
		fprintf(stderr, "gpuas: %s: and %u more of the kind\n", image->file.name,
			image->faults - FAULTS_MAX);
}
