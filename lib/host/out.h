/* SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause) */
/* What commands print with. */
#ifndef GPUAS_HOST_OUT_H
#define GPUAS_HOST_OUT_H

#include <stdio.h>

#include <json-c/json.h>

#include "images.h"

/* How long something takes, on standard error if that is a terminal. @total 0: not known. */
void progress(const char *what, const char *name, uint64_t done, uint64_t total);
void progress_end(void);

/**
 * struct output - A file on its way
 * @name: as it was named; "-" is standard output
 * @file: the file that it is
 * @beside: where it is written to, until all of it is; NULL: it is no plain file
 * @to: what to write to
 */
struct output {
	const char *name;
	char *file;
	char *beside;
	FILE *to;
};

/*
 * output.c: what was there under its name stays until all is written, and if not all can be.
 * False: said why.
 */
bool output_open(struct output *output, const char *name);
bool output_close(struct output *output);

/* Is it one of the files that are read? False: said so. */
bool output_apart(const char *output, const char *input);

/* Colours of what is printed, if that goes to a terminal, and nobody set NO_COLOR. */
enum colour {
	COLOUR_NONE,
	COLOUR_HEAD,
	COLOUR_BAD,
	COLOUR_GOOD,
	COLOUR_CHANGED,
	COLOUR_HOST,
	COLOUR_USER,
	COLOUR_FIRMWARE,
};

/* Start one, or end it; "" where there are none. */
const char *colour(enum colour which);
enum colour owner_colour(const struct gpuas_snap_extent *extent);

/* A line with a heading, in its colour. */
__attribute__((format(printf, 1, 2)))
void put_head(const char *format, ...);

/* Words for what extents and files are. */
const char *kind_name(enum image_kind kind);
const char *extent_kind_name(unsigned int kind);
const char *owner_name(unsigned int owner);
const char *missing_name(unsigned int missing);

/* Behind the line of an extent: why its contents are not in the file, if so. */
void put_missing(struct gpuas_text *text, const struct gpuas_snap_extent *extent);

/* Whose it is: the region's name where there is one. */
void owner_text(const struct image *image, const struct gpuas_snap_extent *extent,
		char text[REGION_TEXT_MAX]);

/* The space of an extent, as a person has it. */
const char *space_name(const struct image *image, uint16_t space);

/* The root of a space: files of the other driver's do not say where it is. */
void root_text(const struct image *image, const struct gpuas_snap_space *space,
	       char text[ROOT_TEXT_MAX]);

/* The heading of a space, as ls has it. */
void space_text(const struct image *image, const struct gpuas_snap_space *space,
		char text[SPACE_TEXT_MAX]);

/* The line of an extent, as ls has it, without colour. */
void extent_line(const struct image *image, const struct gpuas_snap_extent *extent,
		 struct gpuas_text *text);

/* The sentence of a finding. */
void finding_line(const struct image *image, const struct gpuas_snap_finding *finding,
		  struct gpuas_text *text);

/*
 * JSON: addresses are strings, as not every reader has integers of 64 bits; sizes are numbers.
 * json_new() begins what a command prints, json_put() prints it and lets go of it.
 */
json_object *json_new(const char *command, const struct image *image);
void json_put(json_object *json);
void json_text(json_object *json, const char *name, const char *text);
void json_hex(json_object *json, const char *name, uint64_t value);
void json_number(json_object *json, const char *name, uint64_t value);
void json_flag(json_object *json, const char *name, bool value);
json_object *json_part(json_object *json, const char *name);
json_object *json_list(json_object *json, const char *name);
json_object *json_add(json_object *list);
void json_attr(json_object *json, gpuas_attr_t attr);
void json_extent(const struct image *image, const struct gpuas_snap_extent *extent,
		 json_object *json);
void json_finding(const struct image *image, const struct gpuas_snap_finding *finding,
		  json_object *json);

#endif /* GPUAS_HOST_OUT_H */
