/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests whose form is right and whose content is wrong, a row each. */
#ifndef HOSTILE_VALUES_H
#define HOSTILE_VALUES_H

#include "hostile.h"

/**
 * struct row - one request
 * @name: what is wrong with it
 * @command: enum ipmasq_cmd
 * @attributes: of the request
 * @build: adds more attributes; NULL for none
 * @flags: besides NLM_F_REQUEST and NLM_F_ACK
 * @error: errno expected; 0 when it must be accepted
 * @text: part of the extack's text, "" for none expected
 * @bad: attribute that the extack points to, from 1; 0 for nothing in particular
 * @bad_inside: attribute inside that one, from 1; 0 for that one itself
 * @changes: it changes what the namespace says
 */
struct row {
	const char *name;
	uint8_t command;
	const struct attribute *attributes;
	void (*build)(struct message *message);
	uint16_t flags;
	int error;
	const char *text;
	uint8_t bad;
	uint8_t bad_inside;
	bool changes;
};

#define ACTION(a) U32(IPMASQ_A_CIDR_ACTION, a)
#define ORIGIN(o) U32(IPMASQ_A_ORIGIN, o)

/* list_values.c; the name of the last one is NULL. */
extern const struct row list_values[];

#endif
