// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* gpuas soc: what is known of Apple's SoCs, how well, and who says so. */
#include <stdio.h>
#include <string.h>

#include <gpuas/boards.h>

#include "gpuas.h"

enum { VALUE_MAX = 80 };

/* What a reader of a table wants to see of a fact. */
static void value(const struct gpuas_soc *soc, unsigned int field, char *text)
{
	const struct gpuas_board *board = soc->board;

	switch (field) {
	case GPUAS_SOC_IDENTITY:
		snprintf(text, VALUE_MAX, "%#x, %u", soc->family, soc->variant);
		break;
	case GPUAS_SOC_BITS:
		snprintf(text, VALUE_MAX, "%u, %u", board->geo.va_bits, board->geo.pa_bits);
		break;
	case GPUAS_SOC_WINDOWS:
		snprintf(text, VALUE_MAX, "%#llx", (unsigned long long)gpuas_va_u64(board->host.va));
		break;
	case GPUAS_SOC_ROOTS:
		snprintf(text, VALUE_MAX, "%u", board->root ? board->roots : 1);
		break;
	case GPUAS_SOC_REGIONS:
		snprintf(text, VALUE_MAX, "%s", board->contract[0]->name);
		break;
	case GPUAS_SOC_HANDOFF:
		snprintf(text, VALUE_MAX, "%s",
			 board->profile->firmware == GPUAS_FIRMWARE_ANSWERS ? "answered" :
			 board->profile->firmware == GPUAS_FIRMWARE_LATE ? "late" : "never");
		break;
	default:
		snprintf(text, VALUE_MAX, "%s", soc->coherent ? "coherent" : "not coherent");
	}
}

static void fact(const struct gpuas_soc *soc, unsigned int field, char *text)
{
	if (gpuas_soc_ask(soc, (enum gpuas_soc_field)field, NULL))
		strcpy(text, "-");
	else
		value(soc, field, text);
}

/* Without the vendor, as in the table. */
static const char *short_name(const struct gpuas_soc *soc)
{
	return strchr(soc->board->name, '-') + 1;
}

/* A row of README's table: values, and the first letter of how well each is known. */
static void put_row(const struct gpuas_soc *soc)
{
	char text[VALUE_MAX];
	unsigned int field;

	printf("| %s | %s | %s |", short_name(soc), soc->product, soc->gpu);
	for (field = 0; field < GPUAS_SOC_FIELDS; field++) {
		fact(soc, field, text);
		printf(" %s", text);
		if (soc->fact[field].mark != GPUAS_MARK_UNKNOWN)
			printf(" %c", gpuas_mark_name(soc->fact[field].mark)[0]);
		printf(" |");
	}
	printf(" %s |\n", gpuas_soc_board(soc, NULL) ? "yes" : "no");
}

static enum status put_table(void)
{
	const struct gpuas_soc *soc;
	unsigned int i;

	puts("| SoC | product | GPU | family, variant | VA, PA bits | host window | roots | contract "
	     "| handoff page | walker | board |");
	puts("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
	for (i = 0; (soc = gpuas_soc_at(i)); i++)
		put_row(soc);
	return STATUS_OK;
}

static void put_words(const char *what, const char *const *word)
{
	printf("%s", what);
	for (; *word; word++)
		printf(" %s", *word);
	putchar('\n');
}

static enum status put_soc(const struct gpuas_soc *soc)
{
	struct gpuas_report report;
	char text[VALUE_MAX];
	unsigned int field;

	printf("SoC %s: %s, GPU %s\n", soc->board->name, soc->product, soc->gpu);
	put_words("machines", soc->board->machine);
	put_words("GPUs", soc->board->compatible);
	for (field = 0; field < GPUAS_SOC_FIELDS; field++) {
		fact(soc, field, text);
		printf("%-22s%-20s[%s] %s\n", gpuas_soc_field_name((enum gpuas_soc_field)field), text,
		       gpuas_mark_name(soc->fact[field].mark),
		       soc->fact[field].source ? soc->fact[field].source : "nobody says");
	}
	if (gpuas_soc_board(soc, &report))
		printf("board %s\n", soc->board->name);
	else
		printf("no board: %s\n", report.text.buf);
	return STATUS_OK;
}

enum status command_soc(const struct options *options, struct image *const *image,
			char **argument)
{
	const struct gpuas_soc *soc;
	unsigned int i;

	(void)options, (void)image;
	if (gpuas_streq(argument[0], "all"))
		return put_table();
	for (i = 0; (soc = gpuas_soc_at(i)); i++)
		if (gpuas_streq(soc->board->name, argument[0]) ||
		    gpuas_streq(short_name(soc), argument[0]))
			return put_soc(soc);
	fprintf(stderr, "gpuas: no SoC is called %s; there are:", argument[0]);
	for (i = 0; (soc = gpuas_soc_at(i)); i++)
		fprintf(stderr, " %s", soc->board->name);
	fprintf(stderr, "\n");
	return STATUS_USAGE;
}
