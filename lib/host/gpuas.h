/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What the commands of the host's tool have in common. */
#ifndef GPUAS_HOST_GPUAS_H
#define GPUAS_HOST_GPUAS_H

/**
 * enum status - How the tool ends
 * @STATUS_OK: all is well
 * @STATUS_WRONG: what was looked at is wrong; standard error says how
 * @STATUS_USAGE: the command line makes no sense
 */
enum status {
	STATUS_OK,
	STATUS_WRONG,
	STATUS_USAGE,
};

/* Commands: arguments behind the name, as many as gpuas.c says. */
enum status command_plan(char **argument);
enum status command_soc(char **argument);

#endif /* GPUAS_HOST_GPUAS_H */
