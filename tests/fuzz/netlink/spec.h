/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SPEC_H
#define SPEC_H

/* Documentation/netlink/specs/ipmasq.yaml as tables, which table.py makes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spec_kind {
	SPEC_PAD,
	SPEC_FLAG,
	SPEC_NUMBER,
	SPEC_MASK,
	SPEC_BINARY,
	SPEC_STRING,
	SPEC_NEST,
};

struct spec_set;

/**
 * struct spec_attribute - an attribute of a set
 * @name: as in the spec
 * @type: its number
 * @kind: enum spec_kind
 * @width: bytes of a number, and of a mask
 * @limit: highest value of an enum, mask of flags, most bytes of a binary; 0 for
 *	no limit
 * @multi: may come more than once
 * @nested: the set of a nest
 */
struct spec_attribute {
	const char *name;
	uint16_t type;
	uint8_t kind;
	uint8_t width;
	uint32_t limit;
	bool multi;
	const struct spec_set *nested;
};

struct spec_set {
	const struct spec_attribute *attributes;
	size_t count;
};

/**
 * struct spec_operation - a command
 * @name: as in the spec
 * @command: its number
 * @dump: it is a dump, and not a do
 * @request: types of the attributes that it takes
 * @request_count: how many
 * @reply: types of the attributes that its answer has
 * @reply_count: how many
 */
struct spec_operation {
	const char *name;
	uint8_t command;
	bool dump;
	const unsigned char *request;
	size_t request_count;
	const unsigned char *reply;
	size_t reply_count;
};

extern const struct spec_operation spec_operations[];
extern const size_t spec_operation_count;
extern const struct spec_set *const spec_attributes;

#endif
