// SPDX-License-Identifier: GPL-2.0-or-later
/* A plain binary trie, a bit at a time: the slowest, and the oracle of the rest. */
#include <stdlib.h>
#include <string.h>

#include "lookup.h"

struct node {
	uint32_t child[2];	/* 0 for none: nothing points to the root */
	uint32_t answer;
};

static struct node *nodes;
static uint32_t used, room;

static uint32_t new_node(void)
{
	if (used == room) {
		struct node *more;

		room = room ? room * 2 : 1024;
		more = realloc(nodes, (size_t)room * sizeof(*nodes));
		if (!more)
			abort();
		nodes = more;
	}
	memset(&nodes[used], 0, sizeof(*nodes));
	return used++;
}

static bool build(int family, const struct prefix *prefixes, uint32_t count,
		  const char **reason)
{
	uint32_t i, bit;

	(void)family;
	(void)reason;
	used = 0;
	new_node();
	for (i = 0; i < count; i++) {
		uint32_t at = 0;

		for (bit = 0; bit < prefixes[i].length; bit++) {
			int side = prefixes[i].address[bit / 8] >> (7 - bit % 8) & 1;

			if (!nodes[at].child[side]) {
				uint32_t made = new_node();

				nodes[at].child[side] = made;
			}
			at = nodes[at].child[side];
		}
		nodes[at].answer = i + 1;
	}
	return true;
}

static uint32_t walk4(uint32_t address)
{
	uint32_t at = 0, best = nodes[0].answer;

	while ((at = nodes[at].child[address >> 31])) {
		best = nodes[at].answer ? nodes[at].answer : best;
		address <<= 1;
	}
	return best;
}

static uint32_t walk6(const uint8_t *address)
{
	uint32_t at = 0, best = nodes[0].answer, bit;

	for (bit = 0; bit < 128; bit++) {
		at = nodes[at].child[address[bit / 8] >> (7 - bit % 8) & 1];
		if (!at)
			break;
		best = nodes[at].answer ? nodes[at].answer : best;
	}
	return best;
}

static void answer(const struct questions *questions, uint32_t *answers, bool chained)
{
	uint32_t mask = always_zero, previous = 0, i;

	for (i = 0; i < questions->count; i++) {
		uint32_t index = chained ? i + (previous & mask) : i;

		if (questions->family == 4)
			previous = walk4(questions->ipv4[index]);
		else
			previous = walk6(questions->ipv6[index]);
		answers[i] = previous;
	}
}

static size_t memory(void)
{
	return used * sizeof(*nodes);
}

static void release(void)
{
	free(nodes);
	nodes = NULL;
	used = 0;
	room = 0;
}

const struct contender binary_trie = {
	.name = "binary trie",
	.families = 3,
	.build = build,
	.answer = answer,
	.memory = memory,
	.release = release,
};
