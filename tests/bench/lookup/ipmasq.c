// SPDX-License-Identifier: GPL-2.0-or-later
/* The module's own lookup, kmod/cidr_table.c compiled for user space. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/ipmasq.h>

#include "cidr_table.h"
#include "lookup.h"

/* Of tests/unit/kernel: no allocation is made to fail. */
long ipmasq_test_allocations_left = -1;

static struct ipmasq_cidr_table table;

static int compare(const void *a, const void *b)
{
	return ipmasq_entry_compare(a, b);
}

static u64 big_endian(const uint8_t *bytes)
{
	u64 value;

	memcpy(&value, bytes, sizeof(value));
	return be64toh(value);
}

static bool build(int family, const struct prefix *prefixes, uint32_t count,
		  const char **reason)
{
	struct ipmasq_entry *entries;
	uint32_t i;
	int err;

	entries = calloc(count, sizeof(*entries));
	if (!entries)
		goto no_memory;
	for (i = 0; i < count; i++) {
		entries[i].high = big_endian(prefixes[i].address);
		entries[i].low = big_endian(prefixes[i].address + 8);
		entries[i].prefix_len = prefixes[i].length;
		entries[i].family = family == 4 ? AF_INET : AF_INET6;
		/* What other contenders answer with. */
		entries[i].counter = i + 1;
		entries[i].action = IPMASQ_ACTION_SKIP;
		entries[i].origin = IPMASQ_ORIGIN_STATIC;
	}
	qsort(entries, count, sizeof(*entries), compare);
	err = ipmasq_cidr_table_build(&table, NULL, entries, count, 0);
	free(entries);
	if (!err)
		return true;
no_memory:
	*reason = "out of memory";
	return false;
}

static uint32_t ask(const struct questions *questions, uint32_t index)
{
	uint32_t match;

	if (questions->family == 4)
		match = ipmasq_cidr_table_lookup4(&table, htobe32(questions->ipv4[index]));
	else
		match = ipmasq_cidr_table_lookup6(&table,
						  (const void *)questions->ipv6[index]);
	return ipmasq_match_counter(match);
}

static void answer(const struct questions *questions, uint32_t *answers, bool chained)
{
	uint32_t mask = always_zero, previous = 0, i;

	if (chained) {
		for (i = 0; i < questions->count; i++)
			answers[i] = previous = ask(questions, i + (previous & mask));
	} else {
		for (i = 0; i < questions->count; i++)
			answers[i] = ask(questions, i);
	}
}

/* No lookup reads the entries: they are for who lists or changes them. */
static size_t beside(void)
{
	return table.ipv4.entry_count * sizeof(struct ipmasq_entry4) +
	       table.ipv6.entry_count * sizeof(struct ipmasq_entry6);
}

static size_t memory(void)
{
	return ipmasq_cidr_table_memory(&table) - beside();
}

static void release(void)
{
	ipmasq_cidr_table_release(&table);
}

const struct contender ipmasq_table = {
	.name = "ipmasq",
	.families = 3,
	.build = build,
	.answer = answer,
	.memory = memory,
	.beside = beside,
	.release = release,
};
