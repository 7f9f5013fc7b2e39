// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests by the spec's tables: right ones, ones with a wrong thing or two at a
 * place where the kernel's parser has to look, and damaged ones.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fuzz.h"

/**
 * address_choose() - one of few addresses, so that prefixes meet
 * @chance: the generator
 * @ipv6: or IPv4
 * @address: is overwritten, zeros after an IPv4 address
 */
void address_choose(struct chance *chance, bool ipv6, uint8_t address[16])
{
	static const uint8_t starts4[][4] = {
		{ 10, 0 }, { 10, 99, 0, 1 }, { 192, 168 }, { 203, 0, 113 }, { 169, 254 },
		{ 224 }, { 255, 255, 255, 255 }, { 0 },
	};
	static const uint8_t starts6[][8] = {
		{ 0x20, 0x01, 0x0d, 0xb8 }, { 0xfd }, { 0xfe, 0x80 }, { 0xff, 0x02 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 99 }, { 0 },
	};
	unsigned int i;

	memset(address, 0, 16);
	if (ipv6)
		memcpy(address, starts6[chance_below(chance, 6)], 8);
	else
		memcpy(address, starts4[chance_below(chance, 8)], 4);
	for (i = 0; i < 3; i++)
		address[chance_below(chance, ipv6 ? 16 : 4)] ^= (uint8_t)chance_below(chance, 4);
	if (chance_percent(chance, 5))
		address[chance_below(chance, ipv6 ? 16 : 4)] = (uint8_t)chance_next(chance);
}

/* Prefixes that are in the table, or were not long ago. */
static struct prefix remembered[128];
static uint32_t remembered_count;

/**
 * prefix_remember() - let this one come again
 * @prefix: is copied
 */
void prefix_remember(const struct prefix *prefix)
{
	remembered[remembered_count++ % 128] = *prefix;
}

static void prefix_recall(struct chance *chance, struct prefix *prefix)
{
	*prefix = remembered[chance_below(chance, remembered_count < 128 ? remembered_count : 128)];
}

/* One of few prefixes. */
static void prefix_choose(struct chance *chance, bool ipv6, struct prefix *prefix)
{
	unsigned int bits = ipv6 ? 128 : 32;
	unsigned int i;

	prefix->ipv6 = ipv6;
	address_choose(chance, ipv6, prefix->address);
	prefix->length = (uint8_t)chance_below(chance, bits + 1);
	/* There are few short ones, and a request must not name one twice. */
	if (chance_percent(chance, 80)) {
		prefix->length |= (uint8_t)(bits / 2);
		if (prefix->length > bits)
			prefix->length = (uint8_t)bits;
		prefix->address[bits / 16] = (uint8_t)chance_next(chance);
	}
	for (i = prefix->length; i < bits; i++)
		prefix->address[i / 8] &= (uint8_t)~(0x80 >> i % 8);
}

/**
 * message_begin() - start a request
 * @message: is overwritten
 * @family: netlink type
 * @command: enum ipmasq_cmd
 * @flags: NLM_F_*
 */
void message_begin(struct message *message, uint16_t family, uint8_t command, uint16_t flags)
{
	struct nlmsghdr *header = (void *)message->data;
	struct genlmsghdr *generic = (void *)(message->data + NLMSG_HDRLEN);

	memset(message->data, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	message->length = NLMSG_HDRLEN + GENL_HDRLEN;
	header->nlmsg_type = family;
	header->nlmsg_flags = flags;
	header->nlmsg_len = (uint32_t)message->length;
	generic->cmd = command;
	generic->version = IPMASQ_FAMILY_VERSION;
}

static struct nlattr *put_room(struct message *message, uint16_t type, size_t length)
{
	struct nlattr *attribute = (void *)(message->data + message->length);
	size_t size = NLA_HDRLEN + NLA_ALIGN(length);

	if (message->length + size > MESSAGE_MAX - 64)
		return NULL;
	memset(attribute, 0, size);
	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(NLA_HDRLEN + length);
	message->length += size;
	((struct nlmsghdr *)message->data)->nlmsg_len = (uint32_t)message->length;
	return attribute;
}

/**
 * message_put() - add an attribute
 * @message: grows, unless it is full
 * @type: of the attribute
 * @value: its payload
 * @length: bytes of it
 */
void message_put(struct message *message, uint16_t type, const void *value, size_t length)
{
	struct nlattr *attribute = put_room(message, type, length);

	if (attribute && length)
		memcpy((uint8_t *)attribute + NLA_HDRLEN, value, length);
}

/**
 * struct request - what belongs together within one request
 * @message: the request
 * @chance: the generator
 * @generation: that of the policy in force
 * @wild: per cent of the attributes that are wrong in form
 * @odd: per cent of the values that are
 * @prefix: of the CIDR that is being made
 * @first: port of the range that is being made
 * @ipv6: family of source and destination
 * @known: its prefixes are some that are in the table
 * @action: of the CIDR that is being made, 0 for none yet
 * @plain: prefixes are of a list, with nothing but what a prefix has
 * @hasty: entries expire within a fifth of a second
 * @willing: what gets a request refused nearly always is mostly left out
 * @flags: values of flags that have been put
 */
struct request {
	struct message *message;
	struct chance *chance;
	uint64_t generation;
	unsigned int wild;
	unsigned int odd;
	struct prefix prefix;
	uint16_t first;
	bool ipv6;
	bool known;
	uint8_t action;
	bool plain;
	bool hasty;
	bool willing;
	uint32_t flags;
};

static bool is_named(const struct spec_attribute *attribute, const char *name)
{
	return !strcmp(attribute->name, name);
}

static uint64_t choose_number(struct request *request, const struct spec_attribute *attribute)
{
	static const uint64_t edges[] = {
		0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff,
		UINT64_C(0x7fffffffffffffff), UINT64_MAX,
	};
	struct chance *chance = request->chance;

	if (request->hasty && is_named(attribute, "timeout"))
		return 1 + chance_below(chance, 200);
	/* What is over in between would change a table of which all is to be known: an
	 * hour and more, or nothing that is possible.
	 */
	if (is_named(attribute, "timeout"))
		return chance_percent(chance, request->odd) ?
		       (chance_percent(chance, 50) ? 0 : IPMASQ_TIMEOUT_MAX + 1) :
		       3600000 + chance_next(chance);
	if (chance_percent(chance, request->odd))
		return edges[chance_below(chance, sizeof(edges) / sizeof(edges[0]))];
	if (is_named(attribute, "prefix-len"))
		return request->prefix.length;
	if (is_named(attribute, "generation"))
		return request->generation - (chance_percent(chance, 20) ? 1 : 0);
	if (is_named(attribute, "first"))
		return request->first;
	if (is_named(attribute, "last"))
		return chance_percent(chance, request->odd) ?
		       chance_below(chance, 65536) :
		       request->first + chance_below(chance, 65536 - request->first);
	if (is_named(attribute, "output-interface"))
		return chance_below(chance, 4);
	if (is_named(attribute, "protocol"))
		return chance_percent(chance, 50) ? 6 : chance_below(chance, 256);
	if (attribute->limit)
		return 1 + chance_below(chance, attribute->limit +
					chance_percent(chance, request->odd));
	return chance_next(chance);
}

/* A name of an interface, or what could be one. Characters that mean something to
 * fnmatch() and nothing to the module are left to KUnit.
 */
static size_t choose_name(struct request *request, char value[32])
{
	static const char *const names[] = {
		"out", "lo", "*", "o*", "*t", "o*t", "eth*", "**", "out*", "123456789012345",
	};
	static const char *const odd[] = {
		"", ".", "..", "a/b", "a:b", "a b", "\n", "\xff\xfe", "1234567890123456",
	};
	struct chance *chance = request->chance;

	if (chance_percent(chance, request->odd))
		strcpy(value, odd[chance_below(chance, sizeof(odd) / sizeof(odd[0]))]);
	else
		strcpy(value, names[chance_below(chance, sizeof(names) / sizeof(names[0]))]);
	return strlen(value) + 1;
}

/* The values come first, then their mask. */
static void choose_flags(struct request *request, const struct spec_attribute *attribute,
			 uint8_t value[32])
{
	struct chance *chance = request->chance;
	uint32_t bits = chance_below(chance, attribute->limit + 1);

	if (is_named(attribute, "flags")) {
		/* Mostly on, so that there is something to decide. */
		if (chance_percent(chance, 70))
			bits |= IPMASQ_FLAG_ENABLED;
		request->flags = bits;
	} else {
		bits |= request->flags;
	}
	if (chance_percent(chance, request->odd))
		bits = chance_next(chance);
	memcpy(value, &bits, sizeof(bits));
}

/* The payload of an attribute that is none of attributes. */
static size_t choose_value(struct request *request, const struct spec_attribute *attribute,
			   uint8_t value[32])
{
	struct chance *chance = request->chance;
	uint64_t number;

	memset(value, 0, 32);
	switch (attribute->kind) {
	case SPEC_NUMBER:
		number = choose_number(request, attribute);
		memcpy(value, &number, attribute->width);
		if (is_named(attribute, "action"))
			request->action = (uint8_t)number;
		return attribute->width;
	case SPEC_MASK:
		choose_flags(request, attribute, value);
		return attribute->width;
	case SPEC_BINARY:
		if (is_named(attribute, "address")) {
			memcpy(value, request->prefix.address, 16);
			/* A bit after the prefix. */
			if (chance_percent(chance, request->odd))
				value[request->prefix.ipv6 ? 15 : 3] |= 1;
			return request->prefix.ipv6 ? 16 : 4;
		}
		address_choose(chance, request->ipv6, value);
		if (chance_percent(chance, request->odd))
			return chance_below(chance, attribute->limit + 2);
		return request->ipv6 ? 16 : 4;
	case SPEC_STRING:
		return choose_name(request, (char *)value);
	default:
		return 0;
	}
}

static void put_attribute(struct request *request, const struct spec_attribute *attribute);

/* How likely an attribute is inside another, in per cent. */
static unsigned int nested_percent(const struct request *request,
				   const struct spec_attribute *attribute, size_t place)
{
	if (!request->plain && is_named(attribute, "action"))
		return 50;
	if (!request->plain && is_named(attribute, "timeout"))
		return request->hasty ? 70 : 10;
	if (request->plain && is_named(attribute, "action"))
		return request->wild / 4;
	if (place > 3 || attribute->kind == SPEC_PAD)
		return request->wild / 4;
	return 100 - request->wild / 4;
}

/* The pool of an entry whose action has one, or now and then of another. */
static void put_pool(struct request *request, const struct spec_attribute *attribute)
{
	unsigned int count = 1 + chance_below(request->chance, 4);

	/* Of the family of the prefix. */
	request->ipv6 = request->prefix.ipv6;
	while (count--)
		put_attribute(request, attribute);
}

/* All of the set that belong in a request, and now and then one that does not. */
static void put_nested(struct request *request, const struct spec_set *set)
{
	struct chance *chance = request->chance;
	size_t i;

	if (request->known && remembered_count)
		prefix_recall(chance, &request->prefix);
	else
		prefix_choose(chance, chance_percent(chance, 40), &request->prefix);
	/* So that it can be deleted, or be there already. */
	if (request->willing)
		prefix_remember(&request->prefix);
	request->first = (uint16_t)chance_below(chance, 65536);
	for (i = 0; i < set->count; i++) {
		const struct spec_attribute *attribute = &set->attributes[i];

		if (!request->plain && is_named(attribute, "snat-address") &&
		    chance_percent(chance, request->action == IPMASQ_ACTION_SNAT ?
					   100 - request->odd / 2 : request->odd / 8))
			put_pool(request, attribute);
		else if (chance_percent(chance, nested_percent(request, attribute, i)))
			put_attribute(request, attribute);
	}
}

/* Wrong in form: length, type, flags, header. */
static void spoil(struct request *request, struct nlattr *attribute)
{
	struct chance *chance = request->chance;

	switch (chance_below(chance, 6)) {
	case 0:
		attribute->nla_len = (uint16_t)chance_below(chance, 40);
		break;
	case 1:
		attribute->nla_type ^= chance_percent(chance, 50) ? NLA_F_NESTED :
								    NLA_F_NET_BYTEORDER;
		break;
	case 2:
		attribute->nla_type = (uint16_t)chance_below(chance, IPMASQ_A_MAX + 3);
		break;
	case 3:
		attribute->nla_type = (uint16_t)chance_next(chance);
		break;
	case 4:
		attribute->nla_len = (uint16_t)(attribute->nla_len + chance_below(chance, 9) - 4);
		break;
	default:
		attribute->nla_len = (uint16_t)chance_next(chance);
		break;
	}
}

static void put_inside(struct request *request, const struct spec_attribute *attribute)
{
	/* An address alone, of the entry that is being made. */
	if (is_named(attribute, "snat-address")) {
		if (!chance_percent(request->chance, request->wild / 4))
			put_attribute(request, &attribute->nested->attributes[0]);
		return;
	}
	request->plain = is_named(attribute, "source-cidr");
	request->action = 0;
	put_nested(request, attribute->nested);
}

static void put_attribute(struct request *request, const struct spec_attribute *attribute)
{
	struct message *message = request->message;
	size_t start = message->length;
	struct nlattr *header;
	uint8_t value[32];
	size_t length;

	if (attribute->kind == SPEC_NEST) {
		header = put_room(message, attribute->type | NLA_F_NESTED, 0);
		if (!header)
			return;
		put_inside(request, attribute);
		header->nla_len = (uint16_t)(message->length - start);
	} else {
		length = choose_value(request, attribute, value);
		if (chance_percent(request->chance, request->wild / 4))
			length = chance_below(request->chance, sizeof(value));
		message_put(message, attribute->type, value, length);
		if (message->length == start)
			return;
	}
	if (chance_percent(request->chance, request->wild))
		spoil(request, (void *)(message->data + start));
}

static unsigned int how_many(struct chance *chance, const struct spec_attribute *attribute)
{
	if (!attribute->multi)
		return 1;
	if (chance_percent(chance, 1))
		return chance_below(chance, 600);
	return 1 + chance_below(chance, chance_percent(chance, 20) ? 40 : 4);
}

static void put_operation(struct request *request, const struct spec_operation *operation,
			  uint16_t family)
{
	struct chance *chance = request->chance;
	const struct spec_attribute *attribute;
	/* With everything each time, conditions that exclude each other would. */
	unsigned int percent = chance_percent(chance, 30) ? 90 : 45;
	unsigned int count;
	size_t i;

	request->flags = 0;
	message_begin(request->message, family, operation->command,
		      NLM_F_REQUEST | NLM_F_ACK | (operation->dump ? NLM_F_DUMP : 0));
	for (i = 0; i < operation->request_count; i++) {
		attribute = &spec_attributes->attributes[operation->request[i] - 1];
		/* Refused nearly always, which is soon known. */
		if (is_named(attribute, "generation") && chance_percent(chance, 60))
			continue;
		/* A list, and that there is none, exclude each other. */
		if (request->willing && !chance_percent(chance, 10) &&
		    (is_named(attribute, "generation") || !strncmp(attribute->name, "no-", 3)))
			continue;
		/* What nothing can be without. */
		if (!i && attribute->kind != SPEC_MASK)
			count = 95;
		else if (is_named(attribute, "flags-mask"))
			count = request->flags ? 98 : 2;
		else
			count = is_named(attribute, "destination") ? 98 : percent;
		if (!chance_percent(chance, count))
			continue;
		for (count = how_many(chance, attribute); count; count--)
			put_attribute(request, attribute);
	}
	if (chance_percent(chance, request->wild)) {
		attribute = &spec_attributes->attributes[chance_below(chance,
							 (uint32_t)spec_attributes->count)];
		put_attribute(request, attribute);
	}
}

/**
 * message_generate() - make a request
 * @message: is overwritten
 * @chance: the generator
 * @family: netlink type
 * @generation: of the policy in force
 */
void message_generate(struct message *message, struct chance *chance, uint16_t family,
		      uint64_t generation)
{
	static const unsigned int wilds[] = { 0, 0, 4, 30 };
	static const unsigned int odds[] = { 0, 0, 2, 10 };
	struct request request = {
		.message = message,
		.chance = chance,
		.generation = generation,
		.wild = wilds[chance_below(chance, 4)],
		.odd = odds[chance_below(chance, 4)],
		.ipv6 = chance_percent(chance, 40),
		.known = chance_percent(chance, 40),
	};
	const struct spec_operation *operation;

	/* A table that is deleted all the time never becomes one. */
	do {
		operation = &spec_operations[chance_below(chance, (uint32_t)spec_operation_count)];
	} while (operation->command == IPMASQ_CMD_POLICY_DEL && !chance_percent(chance, 2));
	put_operation(&request, operation, family);
}

/**
 * message_make() - make a request that is mostly right
 * @message: is overwritten
 * @chance: the generator
 * @family: netlink type
 * @command: one that the spec has
 * @hasty: many of its entries expire within a fifth of a second
 */
void message_make(struct message *message, struct chance *chance, uint16_t family,
		  uint8_t command, bool hasty)
{
	struct request request = {
		.message = message,
		.chance = chance,
		.ipv6 = chance_percent(chance, 40),
		.known = chance_percent(chance, command == IPMASQ_CMD_CIDR_DEL ? 95 : 15),
		.hasty = hasty,
		.willing = true,
	};
	size_t i;

	for (i = 0; i < spec_operation_count; i++)
		if (spec_operations[i].command == command)
			put_operation(&request, &spec_operations[i], family);
}

/**
 * message_damage() - change bytes, lengths and flags
 * @message: a request
 * @chance: the generator
 * @family: netlink type, which stays: another family's state is not ours
 */
void message_damage(struct message *message, struct chance *chance, uint16_t family)
{
	struct nlmsghdr *header = (void *)message->data;
	struct genlmsghdr *generic = (void *)(message->data + NLMSG_HDRLEN);
	unsigned int i, count;

	switch (chance_below(chance, 8)) {
	case 0:
		generic->cmd = (uint8_t)chance_next(chance);
		break;
	case 1:
		generic->version = (uint8_t)chance_next(chance);
		generic->reserved = (uint16_t)chance_next(chance);
		break;
	case 2:
		header->nlmsg_flags = (uint16_t)chance_next(chance);
		break;
	case 3:
		header->nlmsg_len = chance_percent(chance, 50) ? chance_next(chance) :
				    chance_below(chance, (uint32_t)message->length + 8);
		break;
	case 4:
		message->length = chance_below(chance, (uint32_t)message->length + 1);
		break;
	default:
		count = 1 + chance_below(chance, 4);
		for (i = 0; i < count && message->length > NLMSG_HDRLEN; i++)
			message->data[NLMSG_HDRLEN +
				      chance_below(chance, (uint32_t)message->length -
						   NLMSG_HDRLEN)] ^= 1 << chance_below(chance, 8);
		break;
	}
	/* Answers must be told apart. */
	header->nlmsg_flags |= NLM_F_ACK;
	header->nlmsg_type = chance_percent(chance, 2) ? (uint16_t)chance_below(chance, 16) :
							 family;
}
