// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefixes as text. They become entries the way that a writer's do, over the
 * wire's attributes, so that no suite knows what an entry looks like inside.
 */
#include <linux/inet.h>
#include <linux/string.h>

#include "suites.h"

/**
 * next_word() - cut the next word off
 * @words: separated by blanks; moves on
 *
 * Return: the word, NULL at the end.
 */
char *next_word(char **words)
{
	char *word;

	do {
		word = strsep(words, " ");
	} while (word && !*word);
	return word;
}

/* Where the address ends. */
static const char *parse_address(const char *text, struct prefix *prefix)
{
	const char *end;

	memset(prefix, 0, sizeof(*prefix));
	prefix->ipv6 = strcspn(text, ":") < strcspn(text, "/");
	if (prefix->ipv6 ? in6_pton(text, -1, prefix->address, '/', &end) :
			   in4_pton(text, -1, prefix->address, '/', &end))
		return end;
	return NULL;
}

/**
 * parse_address_text() - an address as a prefix of full length
 * @test: fails if it is none
 * @text: IPv4 or IPv6
 * @prefix: what to fill
 */
void parse_address_text(struct kunit *test, const char *text, struct prefix *prefix)
{
	const char *end = parse_address(text, prefix);

	KUNIT_ASSERT_NOT_NULL_MSG(test, end, "%s", text);
	KUNIT_ASSERT_EQ_MSG(test, *end, '\0', "%s", text);
	prefix->prefix_len = prefix->ipv6 ? 128 : 32;
}

/**
 * parse_prefix_text() - a prefix with what it says
 * @test: fails if it is none
 * @text: "10.0.0.0/8" for skip, "10.0.0.0/8!" for masquerade, "10.0.0.0/8>ADDRESS..."
 *	for snat
 * @prefix: what to fill
 */
void parse_prefix_text(struct kunit *test, const char *text, struct prefix *prefix)
{
	const char *end = parse_address(text, prefix);
	unsigned int length = 0;

	KUNIT_ASSERT_NOT_NULL_MSG(test, end, "%s", text);
	KUNIT_ASSERT_EQ_MSG(test, *end, '/', "%s", text);
	for (end++; *end >= '0' && *end <= '9'; end++)
		length = length * 10 + *end - '0';
	prefix->prefix_len = length;
	prefix->action = *end == '!' ? IPMASQ_ACTION_MASQUERADE :
			 *end == '>' ? IPMASQ_ACTION_SNAT : IPMASQ_ACTION_SKIP;
}

/**
 * entry_from() - the entry that a writer's prefix becomes
 * @test: fails if it is refused
 * @prefix: without host bits
 * @entry: what to fill
 */
void entry_from(struct kunit *test, const struct prefix *prefix, struct ipmasq_entry *entry)
{
	struct ipmasq_request nobody = {};
	u8 buffer[64] = {};
	struct nlattr *outer = (struct nlattr *)buffer;
	u8 *at = nla_data(outer);
	const struct {
		u8 type;
		u8 length;
		const void *data;
	} parts[] = {
		{ IPMASQ_A_CIDR_ADDRESS, prefix->ipv6 ? 16 : 4, prefix->address },
		{ IPMASQ_A_CIDR_PREFIX_LEN, 1, &prefix->prefix_len },
		{ IPMASQ_A_CIDR_ACTION, 1, &prefix->action },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		struct nlattr *part = (struct nlattr *)at;

		part->nla_type = parts[i].type;
		part->nla_len = nla_attr_size(parts[i].length);
		memcpy(nla_data(part), parts[i].data, parts[i].length);
		at += nla_total_size(parts[i].length);
	}
	outer->nla_type = IPMASQ_A_CIDR | NLA_F_NESTED;
	outer->nla_len = at - buffer;
	KUNIT_ASSERT_EQ(test, ipmasq_parse_prefix(&nobody, outer, entry, NULL), 0);
}
