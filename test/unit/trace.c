// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

char trace[2000];
static char noted[40];

void trace_start(void)
{
	trace[0] = '\0';
	noted[0] = '\0';
}

void trace_note(const char *what, const char *where)
{
	size_t length = strlen(trace);

	snprintf(noted, sizeof(noted), "%s%s%s", what, *where ? " " : "", where);
	if (length + sizeof(noted) + 2 > sizeof(trace))
		abort();
	sprintf(trace + length, "%s%s", length ? ", " : "", noted);
}

void trace_once(const char *what, const char *where)
{
	char before[sizeof(noted)];
	size_t length = strlen(trace);

	memcpy(before, noted, sizeof(noted));
	trace_note(what, where);
	if (!strcmp(before, noted))
		trace[length] = '\0';
}
