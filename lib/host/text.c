// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* Texts of files, and their names, without anything that a terminal would obey. */
#include <string.h>

#include "images.h"

void text_clean(char *text, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i]; i++) {
		if ((text[i] < ' ' && text[i] != '\n' && text[i] != '\t') || text[i] > '~')
			text[i] = '?';
	}
	text[size - 1] = 0;
}

void name_clean(char *text, size_t size)
{
	size_t i;

	text_clean(text, size);
	for (i = 0; text[i]; i++) {
		if (text[i] < ' ')
			text[i] = '?';
	}
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

/* Bytes of the character at @text by its first one; 0: none begins so. */
static unsigned int utf8_size(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* 0, which is none to print, if it is written in another way than the shortest, or not at all. */
static uint32_t utf8_code(const char *text, unsigned int size)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code = (unsigned char)*text & (size > 1 ? 0x7fU >> size : 0x7fU);
	unsigned int i;

	for (i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	return code < least[size] ? 0 : code;
}

/* Neither controls, nor what turns the direction of others, nor halves of characters. */
static bool is_printed(uint32_t code)
{
	return code >= ' ' && (code < 0x7f || code > 0x9f) && (code < 0x200e || code > 0x200f) &&
	       (code < 0x2028 || code > 0x202e) && (code < 0x2066 || code > 0x2069) &&
	       (code < 0xd800 || code > 0xdfff) && code <= 0x10ffff;
}

void utf8_clean(char *text, bool lines)
{
	unsigned int size;
	char *to = text;

	while (*text) {
		size = utf8_size((unsigned char)*text);
		if ((lines && (*text == '\n' || *text == '\t')) ||
		    (size && is_printed(utf8_code(text, size)))) {
			memmove(to, text, size);
			to += size;
			text += size;
			continue;
		}
		*to++ = '?';
		text += size && utf8_code(text, size) ? size : 1;
	}
	*to = 0;
}

char *name_of(const char *name)
{
	char *text = memory(strlen(name) + 1, 1);

	memcpy(text, name, strlen(name));
	utf8_clean(text, false);
	return text;
}
