// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/* The host's tool: looks at what the library knows, and needs no GPU. */
#include <stdio.h>
#include <string.h>

#include "gpuas.h"

/**
 * struct command - One command of the tool
 * @name: its name
 * @usage: its arguments
 * @arguments: how many
 * @help: what it does
 * @run: does it
 */
struct command {
	const char *name;
	const char *usage;
	int arguments;
	const char *help;
	enum status (*run)(char **argument);
};

static const struct command commands[] = {
	{ "plan", "BOARD|all", 1, "what a bring-up of the board takes: tables, sizes, windows",
	  command_plan },
	{ "soc", "SOC|all", 1, "what is known of a SoC, and from where; of all, as a table",
	  command_soc },
};

static enum status usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: gpuas COMMAND [ARGUMENT...]\n");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %s %-12s %s\n", commands[i].name, commands[i].usage,
			commands[i].help);
	fprintf(to, "Ends with 0 if all is well, with 1 if something is wrong, with 2 after this.\n");
	return to == stdout ? STATUS_OK : STATUS_USAGE;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 2 && (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help")))
		return usage(stdout);
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(argv[1], commands[i].name) && argc - 2 == commands[i].arguments)
			return commands[i].run(argv + 2);
	}
	return usage(stderr);
}
