// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The host's tool: looks at what the library knows, and at memory of GPUs in files. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "images.h"
#include "out.h"

#define LIMIT	(64ULL << 30)

enum { ARGUMENTS_MAX = 3, FILES_MAX = 2 };

/**
 * struct command - One command of the tool
 * @name: its name
 * @usage: its arguments
 * @files: how many of them, the first ones, are files
 * @least: how many there have to be
 * @most: how many there may be
 * @options: letters of the options that it has, as in words[]
 * @help: what it does
 * @run: does it
 */
struct command {
	const char *name;
	const char *usage;
	int files;
	int least;
	int most;
	const char *options;
	const char *help;
	command_t *run;
};

static const struct command commands[] = {
	{ "plan", "BOARD|all", 0, 1, 1, "",
	  "what a bring-up of the board takes: tables, sizes, windows", command_plan },
	{ "soc", "SOC|all", 0, 1, 1, "",
	  "what is known of a SoC, and from where; of all, as a table", command_soc },
	{ "info", "FILE", 1, 1, 1, "jdbl",
	  "what a dump is: why, geometry, spaces, contexts, regions, totals", command_info },
	{ "ls", "FILE [RANGE]", 1, 1, 2, "jdbl",
	  "what is mapped: where to, rights, whose it is", command_ls },
	{ "walk", "FILE ADDRESS", 1, 2, 2, "jdbl",
	  "every level on the way to an address", command_walk },
	{ "find", "FILE PA", 1, 2, 2, "jdbl", "every address that leads to a PA", command_find },
	{ "read", "FILE ADDRESS SIZE", 1, 3, 3, "dblo", "contents, in rows or to a file",
	  command_read },
	{ "check", "FILE", 1, 1, 1, "jdbl",
	  "what is wrong with the tables, the file, or the device tree", command_check },
	{ "diff", "FILE FILE", 2, 2, 2, "jdbl",
	  "mapped, unmapped, other attributes, other contents", command_diff },
	{ "map", "FILE", 1, 1, 1, "odblD",
	  "a picture of what is mapped, as page or drawing (-o NAME.html, NAME.svg)", command_map },
};

static const struct option words[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "dtb", required_argument, NULL, 'd' },
	{ "base", required_argument, NULL, 'b' },
	{ "limit", required_argument, NULL, 'l' },
	{ "output", required_argument, NULL, 'o' },
	{ "diff", required_argument, NULL, 'D' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static enum status usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: gpuas COMMAND [ARGUMENT...]\n");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %-5s %-17s %s\n", commands[i].name, commands[i].usage,
			commands[i].help);
	fprintf(to, "FILE is a dump, or RAM (with --dtb FILE, --base PA); packed by gzip or zstd, or not.\n"
		"ADDRESS is as ls has it, or SPACE:VA; RANGE is ADDRESS-ADDRESS, ADDRESS+SIZE or SPACE.\n"
		"--json prints for programs; -o FILE is where read and map write to,\n"
		"--diff FILE what else map shows. See gpuas(1).\n"
		"Ends with 0 if all is well, with 1 if something is wrong, not there, or differs, with 2\n"
		"after this, and if a file cannot be read.\n");
	return to == stdout ? STATUS_OK : STATUS_USAGE;
}

static enum status help_of(const struct command *command)
{
	printf("usage: gpuas %s %s%s\n  %s\nSee gpuas(1).\n", command->name,
	       *command->options ? "[OPTION...] " : "", command->usage, command->help);
	return STATUS_OK;
}

static const struct command *command_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	}
	return NULL;
}

static bool number_of(const char *option, const char *text, uint64_t *value)
{
	if (number_parse(text, value))
		return true;
	fprintf(stderr, "gpuas: --%s: '%s' is no number\n", option, text);
	return false;
}

static bool take_once(const char *option, const char **to, char *value)
{
	if (*to)
		fprintf(stderr, "gpuas: %s: one is enough\n", option);
	else
		*to = value;
	return *to == value;
}

static bool take(struct options *options, int option, char *value)
{
	switch (option) {
	case 'j':
		options->json = true;
		return true;
	case 'd':
		if (options->dtbs == sizeof(options->dtb) / sizeof(options->dtb[0])) {
			fprintf(stderr, "gpuas: --dtb: one for each file is enough\n");
			return false;
		}
		options->dtb[options->dtbs++] = value;
		return true;
	case 'b':
		options->has_base = true;
		return number_of("base", value, &options->base);
	case 'l':
		return number_of("limit", value, &options->limit);
	case 'h':
		options->help = true;
		return true;
	case 'D':
		return take_once("--diff", &options->other, value);
	default:
		return take_once("-o", &options->output, value);
	}
}

static bool are_enough(const struct command *command, const struct options *options, int arguments)
{
	const unsigned int files = (unsigned int)command->files + (options->other ? 1 : 0);

	if (arguments < command->least || arguments > command->most)
		fprintf(stderr, "gpuas: %s wants %s\n", command->name, command->usage);
	else if (options->dtbs > files)
		fprintf(stderr, "gpuas: --dtb: one for each file is enough\n");
	else
		return true;
	return false;
}

/* Options may stand anywhere behind the command, in whose place getopt wants who says what is wrong. */
static bool parse(const struct command *command, struct options *options, int argc, char **argv)
{
	static char name[] = "gpuas";
	int option;

	argv[0] = name;
	while ((option = getopt_long(argc, argv, "o:h", words, NULL)) != -1) {
		if (option == '?')
			return false;
		if (option != 'h' && !strchr(command->options, option)) {
			fprintf(stderr, "gpuas: %s has no such option\n", command->name);
			return false;
		}
		if (!take(options, option, optarg))
			return false;
	}
	return options->help || are_enough(command, options, argc - optind);
}

/* Whatever is read has to be there still when it was written to a file. */
static bool output_ok(const struct command *command, const struct options *options,
		      char **argument)
{
	bool fine = true;
	unsigned int i;

	if (!options->output)
		return true;
	for (i = 0; fine && i < (unsigned int)command->files; i++)
		fine = output_apart(options->output, argument[i]);
	for (i = 0; fine && i < options->dtbs; i++)
		fine = output_apart(options->output, options->dtb[i]);
	return fine && (!options->other || output_apart(options->output, options->other));
}

/* What another file of a map is opens later. */
static bool base_ok(const struct options *options, struct image *const *image, int files)
{
	int i;

	for (i = 0; i < files && image[i]->kind != IMAGE_RAM; i++)
		;
	if (!options->has_base || !files || i < files || options->other)
		return true;
	fprintf(stderr, "gpuas: --base is for RAM, byte by byte, which no file here is\n");
	return false;
}

static enum status run(const struct command *command, const struct options *options,
		       char **argument)
{
	struct image *image[FILES_MAX] = { NULL };
	enum status status = STATUS_USAGE;
	int i;

	if (!output_ok(command, options, argument))
		return STATUS_USAGE;
	for (i = 0; i < command->files; i++) {
		image[i] = image_open(argument[i], options, (unsigned int)i);
		if (!image[i])
			break;
	}
	if (i == command->files && base_ok(options, image, i))
		status = command->run(options, image, argument + command->files);
	while (i--)
		image_close(image[i]);
	return status;
}

static enum status finish(enum status status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	perror("gpuas: standard output");
	return STATUS_USAGE;
}

static const struct command *command_named(const char *name)
{
	const struct command *command = command_of(name);

	if (!command)
		fprintf(stderr, "gpuas: there is no command '%s'\n", name);
	return command;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h");
}

static enum status help(int argc, char **argv)
{
	const struct command *command;

	if (argc < 3)
		return usage(stdout);
	if (argc > 3)
		fprintf(stderr, "gpuas: help wants [COMMAND]\n");
	command = argc > 3 ? NULL : command_named(argv[2]);
	return command ? help_of(command) : usage(stderr);
}

static enum status version(void)
{
	static const char text[] = "gpuas "
#include "version.h"
		;

	puts(text);
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct options options = { .limit = LIMIT };
	char *argument[ARGUMENTS_MAX + 1] = { NULL };
	const struct command *command;

	if (argc > 1 && is_help(argv[1]))
		return finish(help(argc, argv));
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return finish(version());
	command = argc > 1 ? command_named(argv[1]) : NULL;
	if (!command || !parse(command, &options, argc - 1, argv + 1))
		return usage(stderr);
	if (options.help)
		return finish(help_of(command));
	memcpy(argument, argv + 1 + optind, (size_t)(argc - 1 - optind) * sizeof(*argument));
	return finish(run(command, &options, argument));
}
