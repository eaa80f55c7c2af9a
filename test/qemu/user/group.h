/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
#ifndef GPUAS_TEST_GROUP_H
#define GPUAS_TEST_GROUP_H

/**
 * DOC: Memory cgroups
 *
 * A group is named by its folder, below that of all. What does not work ends the program.
 */

#include <stdint.h>

/* In a file of names and numbers, or of a number with the name "": -1 if it is not there */
long long number_in(const char *file, const char *name);

/** group_make() - Have a group that gets no more than so many bytes */
void group_make(const char *group, uint64_t bytes);

/** group_enter() - Be in it, and all that is forked from now on */
void group_enter(const char *group);

/* As number_in(), of the group's */
long long group_number(const char *group, const char *file, const char *name);

/** group_reclaim() - Have the kernel take memory from it: 0; -EAGAIN: not as much as that */
int group_reclaim(const char *group, uint64_t bytes);

/** group_end() - Take it away, when nobody is there any more */
void group_end(const char *group);

#endif /* GPUAS_TEST_GROUP_H */
