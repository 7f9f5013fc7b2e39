// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What generic netlink's controller says of the family.
 */
#include <stdio.h>
#include <string.h>

#include "hostile.h"

/**
 * attribute_next() - take the first attribute of a list
 * @data: the list; points after that attribute afterwards
 * @length: bytes that are left of the list
 *
 * Return: the attribute, which is part of the list, or NULL at its end.
 */
const struct nlattr *attribute_next(const uint8_t **data, size_t *length)
{
	const struct nlattr *attribute = (const struct nlattr *)*data;
	size_t whole;

	if (*length < sizeof(*attribute) || attribute->nla_len < NLA_HDRLEN ||
	    attribute->nla_len > *length)
		return NULL;
	whole = NLA_ALIGN(attribute->nla_len);
	if (whole > *length)
		whole = *length;
	*data += whole;
	*length -= whole;
	return attribute;
}

/**
 * attribute_payload() - the bytes that an attribute holds
 * @attribute: from attribute_next()
 */
const uint8_t *attribute_payload(const struct nlattr *attribute)
{
	return (const uint8_t *)attribute + NLA_HDRLEN;
}

/**
 * attribute_length() - how many they are
 * @attribute: from attribute_next()
 */
size_t attribute_length(const struct nlattr *attribute)
{
	return attribute->nla_len - NLA_HDRLEN;
}

/**
 * attribute_number() - an unsigned number of up to 8 bytes
 * @attribute: from attribute_next()
 *
 * For little-endian machines, which all VMs of the tests are.
 *
 * Return: the number; of a longer one its first 8 bytes.
 */
uint64_t attribute_number(const struct nlattr *attribute)
{
	size_t length = attribute_length(attribute);
	uint64_t value = 0;

	if (length > sizeof(value))
		length = sizeof(value);
	memcpy(&value, attribute_payload(attribute), length);
	return value;
}

static void ask(int socket, struct snapshot *reply)
{
	static struct message message;
	struct attribute name = { .type = CTRL_ATTR_FAMILY_NAME };
	struct attribute list[] = { name, { .type = LIST_END } };
	struct answer answer;

	list[0].length = sizeof(IPMASQ_FAMILY_NAME);
	memcpy(list[0].value.bytes, IPMASQ_FAMILY_NAME, sizeof(IPMASQ_FAMILY_NAME));
	message_begin(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	message_put(&message, list);
	exchange(socket, &message, &answer, reply);
}

/**
 * family_find() - the number of the family
 * @socket: from netlink_open()
 *
 * Return: the number, 0 when there is no such family.
 */
uint16_t family_find(int socket)
{
	struct snapshot reply = { 0 };
	const struct nlattr *attribute;
	const uint8_t *data;
	uint16_t family = 0;
	size_t length;

	ask(socket, &reply);
	if (!reply.length)
		return 0;
	data = reply.data + NLMSG_HDRLEN + GENL_HDRLEN;
	length = reply.length - NLMSG_HDRLEN - GENL_HDRLEN;
	while ((attribute = attribute_next(&data, &length)))
		if ((attribute->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_FAMILY_ID)
			family = (uint16_t)attribute_number(attribute);
	return family;
}

static void print_operation(const uint8_t *data, size_t length)
{
	static const struct {
		uint32_t flag;
		const char *word;
	} words[] = {
		{ GENL_ADMIN_PERM, "admin" }, { GENL_CMD_CAP_DO, "do" },
		{ GENL_CMD_CAP_DUMP, "dump" }, { GENL_CMD_CAP_HASPOL, "policy" },
		{ GENL_UNS_ADMIN_PERM, "namespace-admin" },
	};
	const struct nlattr *attribute;
	uint32_t command = 0, flags = 0;
	size_t i;

	while ((attribute = attribute_next(&data, &length))) {
		if (attribute->nla_type == CTRL_ATTR_OP_ID)
			command = (uint32_t)attribute_number(attribute);
		else if (attribute->nla_type == CTRL_ATTR_OP_FLAGS)
			flags = (uint32_t)attribute_number(attribute);
	}
	printf("%s", command_name((uint8_t)command));
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (flags & words[i].flag)
			printf(" %s", words[i].word);
	printf("\n");
}

static void print_group(const uint8_t *data, size_t length)
{
	const struct nlattr *attribute;

	while ((attribute = attribute_next(&data, &length)))
		if (attribute->nla_type == CTRL_ATTR_MCAST_GRP_NAME)
			printf("group %s\n", (const char *)attribute_payload(attribute));
}

static void print_each(const struct nlattr *list,
		       void (*print)(const uint8_t *data, size_t length))
{
	const uint8_t *data = attribute_payload(list);
	size_t length = attribute_length(list);
	const struct nlattr *attribute;

	while ((attribute = attribute_next(&data, &length)))
		print(attribute_payload(attribute), attribute_length(attribute));
}

/**
 * family_print() - version, commands and groups of the family, a line each
 * @socket: from netlink_open()
 *
 * Return: the number of bytes that the kernel said, 0 where there is no family.
 */
uint32_t family_print(int socket)
{
	struct snapshot reply = { 0 };
	const struct nlattr *attribute;
	const uint8_t *data;
	size_t length;

	ask(socket, &reply);
	if (!reply.length)
		return 0;
	data = reply.data + NLMSG_HDRLEN + GENL_HDRLEN;
	length = reply.length - NLMSG_HDRLEN - GENL_HDRLEN;
	while ((attribute = attribute_next(&data, &length))) {
		switch (attribute->nla_type & NLA_TYPE_MASK) {
		case CTRL_ATTR_VERSION:
			printf("version %u\n", (uint32_t)attribute_number(attribute));
			break;
		case CTRL_ATTR_OPS:
			print_each(attribute, print_operation);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			print_each(attribute, print_group);
			break;
		}
	}
	return (uint32_t)reply.length;
}

/**
 * family_group() - the number of the family's group of events
 * @socket: from netlink_open()
 *
 * Return: the number, 0 where there is no family.
 */
uint32_t family_group(int socket)
{
	const struct nlattr *attribute, *group, *part;
	struct snapshot reply = { 0 };
	const uint8_t *data, *groups, *parts;
	size_t length, groups_length, parts_length;
	uint32_t id = 0;

	ask(socket, &reply);
	if (!reply.length)
		return 0;
	data = reply.data + NLMSG_HDRLEN + GENL_HDRLEN;
	length = reply.length - NLMSG_HDRLEN - GENL_HDRLEN;
	while ((attribute = attribute_next(&data, &length))) {
		if ((attribute->nla_type & NLA_TYPE_MASK) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		groups = attribute_payload(attribute);
		groups_length = attribute_length(attribute);
		/* There is one. */
		group = attribute_next(&groups, &groups_length);
		if (!group)
			continue;
		parts = attribute_payload(group);
		parts_length = attribute_length(group);
		while ((part = attribute_next(&parts, &parts_length)))
			if (part->nla_type == CTRL_ATTR_MCAST_GRP_ID)
				id = (uint32_t)attribute_number(part);
	}
	snapshot_free(&reply);
	return id;
}
