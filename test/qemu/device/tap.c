// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#include "device.h"

static unsigned int number, failed;
static const char *about = "";

void results_about(const char *what)
{
	about = what;
}

static void line(bool ok, const char *name)
{
	failed += !ok;
	say("%sok %u - %s: %s", ok ? "" : "not ", ++number, about, name);
}

void result(bool ok, const char *name)
{
	line(ok, name);
	say("\n");
}

void result_outcome(bool ok, const char *name, const struct outcome *o)
{
	line(ok, name);
	if (!ok && o->fault)
		say(" (event %x, stream %x, %s of %x)", (uint64_t)o->event.type,
		    (uint64_t)o->event.stream, o->event.write ? "write" : "read",
		    gpuas_va_u64(o->event.va));
	else if (!ok)
		say(" (no event; read, if anything was: %x)", o->value);
	say("\n");
}

bool possible(bool whole_only, const char *name)
{
	if (!whole_only || params()->whole)
		return true;
	line(true, name);
	say(" # SKIP not with the SMMU of a QEMU before 10\n");
	return false;
}

int results_end(void)
{
	say("1..%u\n", number);
	return failed != 0;
}
