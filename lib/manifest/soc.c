// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* What is known of a SoC, and what a board of it needs. */
#include <gpuas/soc.h>

static const char *const fields[GPUAS_SOC_FIELDS] = {
	[GPUAS_SOC_IDENTITY] = "identity",
	[GPUAS_SOC_BITS] = "VA and PA bits",
	[GPUAS_SOC_WINDOWS] = "windows",
	[GPUAS_SOC_ROOTS] = "roots",
	[GPUAS_SOC_REGIONS] = "regions and contract",
	[GPUAS_SOC_HANDOFF] = "handoff page",
	[GPUAS_SOC_WALKER] = "walker's coherence",
};

static const char *const marks[] = {
	[GPUAS_MARK_UNKNOWN] = "unknown",
	[GPUAS_MARK_SECONDARY] = "secondary",
	[GPUAS_MARK_DERIVED] = "derived",
	[GPUAS_MARK_HARDWARE] = "hardware",
};

const char *gpuas_soc_field_name(enum gpuas_soc_field field)
{
	return (unsigned int)field < GPUAS_SOC_FIELDS ? fields[field] : NULL;
}

const char *gpuas_mark_name(enum gpuas_mark mark)
{
	return (unsigned int)mark < sizeof(marks) / sizeof(marks[0]) ? marks[mark] : NULL;
}

int gpuas_soc_ask(const struct gpuas_soc *soc, enum gpuas_soc_field field,
		  struct gpuas_report *report)
{
	const char *name = gpuas_soc_field_name(field);
	const int err = -GPUAS_EOPNOTSUPP;

	if (name && soc->fact[field].mark != GPUAS_MARK_UNKNOWN)
		return 0;
	gpuas_report(report, err, "SoC", soc->board->name, "identified, but not known: ");
	if (report)
		gpuas_text_str(&report->text, name ? name : "what was asked for");
	return err;
}

const struct gpuas_board *gpuas_soc_board(const struct gpuas_soc *soc,
					  struct gpuas_report *report)
{
	unsigned int field;

	for (field = GPUAS_SOC_BITS; field <= GPUAS_SOC_HANDOFF; field++)
		if (gpuas_soc_ask(soc, (enum gpuas_soc_field)field, report))
			return NULL;
	return soc->board;
}
