/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What the commands of the host's tool have in common. */
#ifndef GPUAS_HOST_GPUAS_H
#define GPUAS_HOST_GPUAS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * enum status - How the tool ends
 * @STATUS_OK: all is well
 * @STATUS_WRONG: what was looked at is wrong, or not there, or differs
 * @STATUS_USAGE: the command line makes no sense, or a file cannot be read; standard error
 *	says what to do
 */
enum status {
	STATUS_OK,
	STATUS_WRONG,
	STATUS_USAGE,
};

/**
 * struct options - What stands on the command line beside the arguments
 * @json: print for programs
 * @help: say what the command does, and nothing else
 * @dtb: device tree of the first file, and of the second one if that has another; NULL:
 *	none was named
 * @dtbs: how many were named
 * @base: PA of the first byte of a RAM image
 * @has_base: it was named
 * @output: file to write to; NULL: print
 * @other: file that is to be compared with; NULL: none
 * @limit: most bytes that a compressed file may grow to
 */
struct options {
	bool json;
	bool help;
	const char *dtb[2];
	unsigned int dtbs;
	uint64_t base;
	bool has_base;
	const char *output;
	const char *other;
	uint64_t limit;
};

struct image;

/*
 * Commands: their files, opened, as many as gpuas.c says; and the arguments behind these, ended
 * by NULL.
 */
typedef enum status command_t(const struct options *options, struct image *const *image,
			      char **argument);
command_t command_plan, command_soc, command_info, command_ls, command_walk, command_find,
	command_read, command_check, command_diff, command_map;

/* A number with 0x or without, and K, M, G or T behind it; false if it is none. */
bool number_parse(const char *text, uint64_t *number);

#endif /* GPUAS_HOST_GPUAS_H */
