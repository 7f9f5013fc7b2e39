// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers: whether they are what the spec says, and what is in them. */
#include <string.h>

#include "fuzz.h"

/**
 * reply_value() - an attribute's payload
 * @attribute: the attribute
 */
const void *reply_value(const struct nlattr *attribute)
{
	return (const uint8_t *)attribute + NLA_HDRLEN;
}

/**
 * reply_length() - bytes of an attribute's payload
 * @attribute: the attribute
 */
size_t reply_length(const struct nlattr *attribute)
{
	return attribute->nla_len - NLA_HDRLEN;
}

/**
 * reply_number() - an attribute's payload as a number
 * @attribute: the attribute
 */
uint64_t reply_number(const struct nlattr *attribute)
{
	uint64_t number = 0;

	ALWAYS(reply_length(attribute) <= sizeof(number));
	memcpy(&number, reply_value(attribute), reply_length(attribute));
	return number;
}

static const struct nlattr *next_attribute(const struct nlattr *attribute, size_t *left)
{
	size_t size;

	if (!*left)
		return NULL;
	ALWAYS(*left >= NLA_HDRLEN);
	ALWAYS(attribute->nla_len >= NLA_HDRLEN && attribute->nla_len <= *left);
	size = NLA_ALIGN(attribute->nla_len);
	*left -= size < *left ? size : *left;
	return attribute;
}

#define FOR_EACH(attribute, start, left) \
	for ((attribute) = (start); next_attribute((attribute), &(left)); \
	     (attribute) = (const void *)((const uint8_t *)(attribute) + \
					  NLA_ALIGN((attribute)->nla_len)))

/**
 * reply_find() - the first attribute of a type
 * @start: where attributes begin
 * @length: bytes of them
 * @type: which
 *
 * Return: the attribute or NULL.
 */
const struct nlattr *reply_find(const void *start, size_t length, uint16_t type)
{
	const struct nlattr *attribute;

	FOR_EACH(attribute, start, length) {
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return attribute;
	}
	return NULL;
}

/**
 * reply_each() - visit all attributes of a type
 * @start: where attributes begin
 * @length: bytes of them
 * @type: which
 * @visit: is given each, in their order
 * @data: for @visit
 */
void reply_each(const void *start, size_t length, uint16_t type, attribute_visit visit,
		void *data)
{
	const struct nlattr *attribute;

	FOR_EACH(attribute, start, length) {
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			visit(attribute, data);
	}
}

static void check_set(const struct spec_set *set, const void *start, size_t length);

static void check_attribute(const struct spec_attribute *expected,
			    const struct nlattr *attribute)
{
	size_t length = reply_length(attribute);
	const char *text = reply_value(attribute);

	switch (expected->kind) {
	case SPEC_NUMBER:
		ALWAYS(length == expected->width);
		if (expected->limit)
			ALWAYS(reply_number(attribute) >= 1 &&
			       reply_number(attribute) <= expected->limit);
		break;
	case SPEC_MASK:
		ALWAYS(length == expected->width);
		ALWAYS(!(reply_number(attribute) & ~(uint64_t)expected->limit));
		break;
	case SPEC_BINARY:
		ALWAYS(length == 4 || length == 16);
		break;
	case SPEC_STRING:
		ALWAYS(length && !text[length - 1]);
		break;
	case SPEC_NEST:
		check_set(expected->nested, reply_value(attribute), length);
		break;
	default:
		ALWAYS(!length);
		break;
	}
}

static void check_set(const struct spec_set *set, const void *start, size_t length)
{
	const struct nlattr *attribute;
	bool seen[64] = { false };

	FOR_EACH(attribute, start, length) {
		uint16_t type = attribute->nla_type & NLA_TYPE_MASK;

		ALWAYS(type >= 1 && type <= set->count && type < 64);
		ALWAYS(!seen[type] || set->attributes[type - 1].multi ||
		       set->attributes[type - 1].kind == SPEC_PAD);
		seen[type] = true;
		check_attribute(&set->attributes[type - 1], attribute);
	}
}

static bool may_have(const struct spec_operation *operation, uint16_t type)
{
	if (spec_attributes->attributes[type - 1].kind == SPEC_PAD)
		return true;
	return memchr(operation->reply, type, operation->reply_count);
}

/**
 * reply_check() - whether a message of an answer is what the spec says
 * @header: the message, of the family
 */
void reply_check(const struct nlmsghdr *header)
{
	const struct genlmsghdr *generic = (const void *)(header + 1);
	const void *start = (const uint8_t *)header + NLMSG_HDRLEN + GENL_HDRLEN;
	const struct spec_operation *operation = NULL;
	const struct nlattr *attribute;
	size_t length, i;

	ALWAYS(header->nlmsg_len >= NLMSG_HDRLEN + GENL_HDRLEN);
	length = header->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	for (i = 0; i < spec_operation_count; i++) {
		if (spec_operations[i].command == generic->cmd)
			operation = &spec_operations[i];
	}
	ALWAYS(operation);
	check_set(spec_attributes, start, length);
	FOR_EACH(attribute, start, length)
		ALWAYS(may_have(operation, attribute->nla_type & NLA_TYPE_MASK));
}
