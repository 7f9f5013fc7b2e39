// SPDX-License-Identifier: GPL-2.0-only
/* The table's answers: cases with what must come out, and random tables beside
 * a naive oracle.
 */
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "suites.h"

/* One table may have this many prefixes here. */
#define PREFIXES_MAX 512

/**
 * struct built - a table and what it was made of
 * @prefixes: as they were given, in no order
 * @entries: sorted
 * @count: of both
 * @table: compiled
 */
struct built {
	struct prefix *prefixes;
	struct ipmasq_entry *entries;
	u32 count;
	struct ipmasq_cidr_table table;
};

static int compare_entries(const void *a, const void *b)
{
	return ipmasq_entry_compare(a, b);
}

static int cidr_table_init(struct kunit *test)
{
	struct built *built = kunit_kzalloc(test, sizeof(*built), GFP_KERNEL);

	test->priv = built;
	if (!built)
		return -ENOMEM;
	built->prefixes = kunit_kcalloc(test, PREFIXES_MAX, sizeof(*built->prefixes), GFP_KERNEL);
	built->entries = kunit_kcalloc(test, PREFIXES_MAX, sizeof(*built->entries), GFP_KERNEL);
	return built->prefixes && built->entries ? 0 : -ENOMEM;
}

/* The counters number the entries, so that a match says which one it is of. */
static void compile(struct kunit *test, struct built *built)
{
	u32 i;

	for (i = 0; i < built->count; i++)
		built->entries[i].counter = i;
	KUNIT_ASSERT_EQ(test, ipmasq_cidr_table_build(&built->table, NULL, built->entries,
						      built->count, 0), 0);
}

/* From the prefixes that are there. */
static void build(struct kunit *test, struct built *built)
{
	u32 i;

	for (i = 0; i < built->count; i++) {
		entry_from(test, &built->prefixes[i], &built->entries[i]);
		built->entries[i].origin = IPMASQ_ORIGIN_STATIC;
	}
	sort(built->entries, built->count, sizeof(*built->entries), compare_entries, NULL);
	compile(test, built);
}

static const struct ipmasq_entry *look_up(const struct built *built, const struct prefix *address)
{
	struct in6_addr address6;
	__be32 address4;
	u32 match;

	if (address->ipv6) {
		memcpy(&address6, address->address, sizeof(address6));
		match = ipmasq_cidr_table_lookup6(&built->table, &address6);
	} else {
		memcpy(&address4, address->address, sizeof(address4));
		match = ipmasq_cidr_table_lookup4(&built->table, address4);
	}
	return match ? &built->entries[ipmasq_match_counter(match)] : NULL;
}

/* Answers are "ADDRESS=PREFIX", or "ADDRESS=-" where there is none. */
static const struct table_case {
	const char *name;
	const char *prefixes;
	const char *answers;
} table_cases[] = {
	{ "an empty table", "",
	  "0.0.0.0=- 10.0.0.1=- 255.255.255.255=- ::=- ::1=- "
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff=-" },
	{ "one prefix and its edges", "10.0.0.0/8",
	  "9.255.255.255=- 10.0.0.0=10.0.0.0/8 10.255.255.255=10.0.0.0/8 11.0.0.0=-" },
	{ "one IPv6 prefix and its edges", "2001:db8::/32",
	  "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff=- 2001:db8::=2001:db8::/32 "
	  "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff=2001:db8::/32 2001:db9::=-" },
	{ "everything", "0.0.0.0/0 ::/0",
	  "0.0.0.0=0.0.0.0/0 255.255.255.255=0.0.0.0/0 ::=::/0 "
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff=::/0" },
	{ "all of one family says nothing of the other", "0.0.0.0/0",
	  "10.0.0.1=0.0.0.0/0 ::=- ::ffff:10.0.0.1=- 2001:db8::1=-" },
	{ "all of the other neither", "::/0", "10.0.0.1=- 0.0.0.0=- 2001:db8::1=::/0" },
	{ "the longest wins", "10.0.0.0/8 10.1.0.0/16 10.1.2.0/24 10.1.2.3/32",
	  "10.0.0.1=10.0.0.0/8 10.1.0.1=10.1.0.0/16 10.1.2.1=10.1.2.0/24 10.1.2.3=10.1.2.3/32 "
	  "10.1.2.4=10.1.2.0/24 10.1.3.0=10.1.0.0/16 10.2.0.0=10.0.0.0/8 11.0.0.0=-" },
	{ "nested with one beginning", "10.0.0.0/8 10.0.0.0/16 10.0.0.0/24 10.0.0.0/32",
	  "10.0.0.0=10.0.0.0/32 10.0.0.1=10.0.0.0/24 10.0.1.0=10.0.0.0/16 10.1.0.0=10.0.0.0/8" },
	{ "nested with one end", "10.0.0.0/8 10.255.0.0/16 10.255.255.0/24 10.255.255.255/32",
	  "10.255.255.255=10.255.255.255/32 10.255.255.254=10.255.255.0/24 "
	  "10.255.254.255=10.255.0.0/16 10.254.255.255=10.0.0.0/8 11.0.0.0=-" },
	{ "neighbours", "10.0.0.0/9 10.128.0.0/9",
	  "10.127.255.255=10.0.0.0/9 10.128.0.0=10.128.0.0/9 10.255.255.255=10.128.0.0/9" },
	{ "the first and the last address", "0.0.0.0/32 255.255.255.255/32",
	  "0.0.0.0=0.0.0.0/32 0.0.0.1=- 255.255.255.254=- 255.255.255.255=255.255.255.255/32" },
	{ "the first and the last IPv6 address",
	  "::/128 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
	  "::=::/128 ::1=- ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe=- "
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff="
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
	{ "around bit 64", "2001:db8::/63 2001:db8:0:1::/64 2001:db8:0:1::/65 2001:db8:0:1::1/128",
	  "2001:db8::1=2001:db8::/63 2001:db8:0:1::=2001:db8:0:1::/65 "
	  "2001:db8:0:1::1=2001:db8:0:1::1/128 "
	  "2001:db8:0:1:7fff:ffff:ffff:ffff=2001:db8:0:1::/65 "
	  "2001:db8:0:1:8000::=2001:db8:0:1::/64 2001:db8:0:2::=-" },
	{ "several inside one /64",
	  "fd00::/64 fd00::10/124 fd00::20/124 fd00::8000:0:0:0/65 fd00::ffff:ffff:ffff:ffff/128",
	  "fd00::=fd00::/64 fd00::f=fd00::/64 fd00::10=fd00::10/124 fd00::1f=fd00::10/124 "
	  "fd00::2f=fd00::20/124 fd00::30=fd00::/64 fd00::8000:0:0:1=fd00::8000:0:0:0/65 "
	  "fd00::ffff:ffff:ffff:fffe=fd00::8000:0:0:0/65 "
	  "fd00::ffff:ffff:ffff:ffff=fd00::ffff:ffff:ffff:ffff/128 fd00:0:0:1::=-" },
	{ "the reference agent's reserved ranges",
	  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 "
	  "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 "
	  "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
	  "8.8.8.8=- 100.63.255.255=- 100.64.0.0=100.64.0.0/10 172.15.255.255=- "
	  "172.31.255.255=172.16.0.0/12 172.32.0.0=- 192.0.1.0=- 192.168.1.1=192.168.0.0/16 "
	  "223.255.255.255=- 224.0.0.0=224.0.0.0/4 255.255.255.255=240.0.0.0/4" },
};

static void describe_table(const struct table_case *one, char *name)
{
	strscpy(name, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(table, table_cases, describe_table);

static void check_answer(struct kunit *test, const struct built *built, char *answer)
{
	const struct ipmasq_entry *found;
	struct ipmasq_entry wanted;
	struct prefix address, prefix;
	char *text = strsep(&answer, "=");

	parse_address_text(test, text, &address);
	found = look_up(built, &address);
	if (!strcmp(answer, "-")) {
		KUNIT_EXPECT_NULL_MSG(test, found, "%s", text);
		return;
	}
	parse_prefix_text(test, answer, &prefix);
	entry_from(test, &prefix, &wanted);
	KUNIT_EXPECT_NOT_NULL_MSG(test, found, "%s=%s", text, answer);
	if (found)
		KUNIT_EXPECT_EQ_MSG(test, ipmasq_prefix_compare(found, &wanted), 0, "%s=%s", text,
				    answer);
}

static void table_answers(struct kunit *test)
{
	const struct table_case *one = test->param_value;
	char *prefixes = kunit_kzalloc(test, strlen(one->prefixes) + 1, GFP_KERNEL);
	char *answers = kunit_kzalloc(test, strlen(one->answers) + 1, GFP_KERNEL);
	struct built *built = test->priv;
	char *word;

	KUNIT_ASSERT_NOT_NULL(test, prefixes);
	KUNIT_ASSERT_NOT_NULL(test, answers);
	strcpy(prefixes, one->prefixes);
	strcpy(answers, one->answers);
	while ((word = next_word(&prefixes)))
		parse_prefix_text(test, word, &built->prefixes[built->count++]);
	build(test, built);
	while ((word = next_word(&answers)))
		check_answer(test, built, word);
	ipmasq_cidr_table_release(&built->table);
}

/* The order of a table: families apart, a prefix before what is inside it, and of
 * two origins the one that decides last.
 */
static void table_order(struct kunit *test)
{
	static const char *const in_order[] = {
		"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.0.0.0/32", "10.0.0.1/32",
		"10.128.0.0/9", "255.255.255.255/32", "::/0", "::/128", "::1/128", "2001:db8::/32",
		"2001:db8::/33", "2001:db8:0:0:8000::/65",
	};
	struct ipmasq_entry a, b;
	struct prefix prefix;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(in_order); i++) {
		parse_prefix_text(test, in_order[i], &prefix);
		entry_from(test, &prefix, &a);
		for (j = 0; j < ARRAY_SIZE(in_order); j++) {
			int order;

			parse_prefix_text(test, in_order[j], &prefix);
			entry_from(test, &prefix, &b);
			order = ipmasq_prefix_compare(&a, &b);
			KUNIT_EXPECT_EQ_MSG(test, (order > 0) - (order < 0), (i > j) - (i < j),
					    "%s and %s", in_order[i], in_order[j]);
		}
	}
	b = a;
	a.origin = IPMASQ_ORIGIN_CONFIG;
	b.origin = IPMASQ_ORIGIN_STATIC;
	KUNIT_EXPECT_LT(test, ipmasq_entry_compare(&a, &b), 0);
	KUNIT_EXPECT_GT(test, ipmasq_entry_compare(&b, &a), 0);
	KUNIT_EXPECT_EQ(test, ipmasq_prefix_compare(&a, &b), 0);
}

static void table_shadow(struct kunit *test)
{
	struct built *built = test->priv;
	const struct ipmasq_entry *found;
	struct ipmasq_cursor cursor;
	struct ipmasq_entry entry;
	struct prefix address;
	u32 seen = 0;

	parse_prefix_text(test, "10.0.0.0/8", &built->prefixes[0]);
	parse_prefix_text(test, "10.0.0.0/8!", &built->prefixes[1]);
	parse_prefix_text(test, "10.1.0.0/16", &built->prefixes[2]);
	entry_from(test, &built->prefixes[0], &built->entries[0]);
	entry_from(test, &built->prefixes[1], &built->entries[1]);
	entry_from(test, &built->prefixes[2], &built->entries[2]);
	built->entries[0].origin = IPMASQ_ORIGIN_CONFIG;
	built->entries[1].origin = IPMASQ_ORIGIN_STATIC;
	built->entries[2].origin = IPMASQ_ORIGIN_CONFIG;
	built->count = 3;
	compile(test, built);

	ipmasq_cursor_seek(&cursor, &built->table, &built->entries[0]);
	for (; ipmasq_cursor_read(&cursor, &entry); cursor.index++) {
		KUNIT_EXPECT_EQ(test, ipmasq_entry_compare(&entry, &built->entries[seen]), 0);
		KUNIT_EXPECT_EQ(test, ipmasq_cursor_shadowed(&cursor), seen == 0);
		seen++;
	}
	KUNIT_EXPECT_EQ(test, seen, 3U);
	parse_address_text(test, "10.0.0.1", &address);
	found = look_up(built, &address);
	KUNIT_EXPECT_PTR_EQ(test, found, (const struct ipmasq_entry *)&built->entries[1]);
	parse_address_text(test, "10.1.0.1", &address);
	found = look_up(built, &address);
	KUNIT_EXPECT_PTR_EQ(test, found, (const struct ipmasq_entry *)&built->entries[2]);
	ipmasq_cidr_table_release(&built->table);
}

static u32 random_below(struct rnd_state *random, u32 below)
{
	return prandom_u32_state(random) % below;
}

static void clear_host_bits(struct prefix *prefix)
{
	u32 bit;

	for (bit = prefix->prefix_len; bit < (prefix->ipv6 ? 128 : 32); bit++)
		prefix->address[bit / 8] &= ~(0x80 >> bit % 8);
}

static bool prefix_holds(const struct prefix *prefix, const struct prefix *address)
{
	u32 bytes = prefix->prefix_len / 8, bits = prefix->prefix_len % 8;

	if (prefix->ipv6 != address->ipv6 ||
	    memcmp(prefix->address, address->address, bytes))
		return false;
	return !bits || !((prefix->address[bytes] ^ address->address[bytes]) >> (8 - bits));
}

static bool prefix_same(const struct prefix *a, const struct prefix *b)
{
	return a->ipv6 == b->ipv6 && a->prefix_len == b->prefix_len &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

/* Near to another prefix as often as not: nested, or a neighbour of it. */
static void random_prefix(struct rnd_state *random, const struct built *built,
			  struct prefix *prefix)
{
	u32 bits;

	if (built->count && random_below(random, 4)) {
		*prefix = built->prefixes[random_below(random, built->count)];
		bits = prefix->ipv6 ? 128 : 32;
		if (random_below(random, 2)) {
			u32 bit = random_below(random, bits);

			prefix->address[bit / 8] ^= 0x80 >> bit % 8;
		}
	} else {
		memset(prefix, 0, sizeof(*prefix));
		prefix->ipv6 = random_below(random, 2);
		bits = prefix->ipv6 ? 128 : 32;
		prandom_bytes_state(random, prefix->address, bits / 8);
	}
	prefix->prefix_len = random_below(random, bits + 1);
	prefix->action = random_below(random, 2) ? IPMASQ_ACTION_SKIP : IPMASQ_ACTION_MASQUERADE;
	clear_host_bits(prefix);
}

static void random_prefixes(struct rnd_state *random, struct built *built, u32 wanted)
{
	struct prefix prefix;
	u32 i;

	built->count = 0;
	while (built->count < wanted) {
		random_prefix(random, built, &prefix);
		for (i = 0; i < built->count; i++)
			if (prefix_same(&prefix, &built->prefixes[i]))
				break;
		if (i == built->count)
			built->prefixes[built->count++] = prefix;
	}
}

static void check_address(struct kunit *test, const struct built *built,
			  const struct prefix *address)
{
	const struct prefix *longest = NULL;
	const struct ipmasq_entry *found;
	struct ipmasq_entry wanted;
	u32 i;

	for (i = 0; i < built->count; i++)
		if (prefix_holds(&built->prefixes[i], address) &&
		    (!longest || built->prefixes[i].prefix_len > longest->prefix_len))
			longest = &built->prefixes[i];
	found = look_up(built, address);
	if (!longest) {
		KUNIT_EXPECT_NULL(test, found);
		return;
	}
	entry_from(test, longest, &wanted);
	KUNIT_EXPECT_NOT_NULL_MSG(test, found, "%*ph", 16, address->address);
	if (found)
		KUNIT_EXPECT_TRUE_MSG(test, !ipmasq_prefix_compare(found, &wanted) &&
				      found->action == longest->action, "%*ph", 16,
				      address->address);
}

/* The address before or behind, where there is one. */
static void step(struct prefix *address, int by)
{
	int i = address->ipv6 ? 15 : 3;

	for (; i >= 0; i--) {
		address->address[i] += by;
		if (address->address[i] != (by > 0 ? 0 : 0xff))
			break;
	}
}

static void last_address(struct prefix *prefix)
{
	u32 bit;

	for (bit = prefix->prefix_len; bit < (prefix->ipv6 ? 128 : 32); bit++)
		prefix->address[bit / 8] |= 0x80 >> bit % 8;
}

static void check_table(struct kunit *test, struct rnd_state *random, struct built *built)
{
	struct prefix address;
	u32 i;

	for (i = 0; i < built->count; i++) {
		address = built->prefixes[i];
		check_address(test, built, &address);
		step(&address, -1);
		check_address(test, built, &address);
		address = built->prefixes[i];
		last_address(&address);
		check_address(test, built, &address);
		step(&address, 1);
		check_address(test, built, &address);
	}
	for (i = 0; i < 200; i++) {
		memset(&address, 0, sizeof(address));
		address.ipv6 = i % 2;
		prandom_bytes_state(random, address.address, address.ipv6 ? 16 : 4);
		check_address(test, built, &address);
	}
}

/* The seeds are fixed: what fails once fails again. */
static void table_oracle(struct kunit *test)
{
	static const u32 sizes[] = { 1, 2, 3, 7, 8, 9, 31, 64, 200, PREFIXES_MAX };
	struct built *built = test->priv;
	struct rnd_state random;
	u32 round;

	for (round = 0; round < 3 * ARRAY_SIZE(sizes); round++) {
		prandom_seed_state(&random, 20260101 + round);
		random_prefixes(&random, built, sizes[round % ARRAY_SIZE(sizes)]);
		build(test, built);
		check_table(test, &random, built);
		ipmasq_cidr_table_release(&built->table);
		cond_resched();
	}
}

static void table_memory(struct kunit *test)
{
	struct built *built = test->priv;
	struct rnd_state random;
	size_t empty;

	build(test, built);
	empty = ipmasq_cidr_table_memory(&built->table);
	ipmasq_cidr_table_release(&built->table);
	prandom_seed_state(&random, 1);
	random_prefixes(&random, built, PREFIXES_MAX);
	build(test, built);
	/* Each prefix has a beginning of at least 4 bytes. */
	KUNIT_EXPECT_GE(test, ipmasq_cidr_table_memory(&built->table),
			empty + 4 * PREFIXES_MAX);
	ipmasq_cidr_table_release(&built->table);
}

static struct kunit_case cidr_table_cases[] = {
	KUNIT_CASE_PARAM(table_answers, table_gen_params),
	KUNIT_CASE(table_order),
	KUNIT_CASE(table_shadow),
	KUNIT_CASE(table_oracle),
	KUNIT_CASE(table_memory),
	{}
};

struct kunit_suite cidr_table_suite = {
	.name = "ipmasq_cidr_table",
	.init = cidr_table_init,
	.test_cases = cidr_table_cases,
};
