// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What could take the stride's place: the same disjoint ranges, IPv4 only, found by
 * binary search over all of them, in sorted order as in the prototype of ipmasq, or
 * in the order of Eytzinger, in which the next steps of a search lie together.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"

/* From the start on, the answer holds, until the next one's start. */
struct range {
	uint32_t start;
	uint32_t answer;
};

struct ranges {
	struct range *range;
	uint32_t count;
};

static struct ranges sorted_ranges;

/* Eytzinger: the children of i are 2i and 2i + 1, from 1 on. */
static uint32_t *starts;
static uint32_t *answers_of;
static uint32_t node_count;

struct sorted {
	uint32_t first;
	uint32_t last;
	uint32_t answer;
	uint8_t length;
};

static int compare(const void *a, const void *b)
{
	const struct sorted *one = a, *other = b;

	if (one->first != other->first)
		return one->first < other->first ? -1 : 1;
	return one->length - other->length;
}

static void emit(struct ranges *ranges, uint32_t start, uint32_t answer)
{
	if (!ranges->count || ranges->range[ranges->count - 1].start != start)
		ranges->count++;
	ranges->range[ranges->count - 1].start = start;
	ranges->range[ranges->count - 1].answer = answer;
}

/* Behind a prefix, what surrounds it answers again. */
static void leave(struct ranges *ranges, const struct sorted *inner, uint32_t outer)
{
	if (inner->last != UINT32_MAX)
		emit(ranges, inner->last + 1, outer);
}

static void flatten(struct ranges *ranges, const struct sorted *prefixes, uint32_t count)
{
	const struct sorted *open[34];
	uint32_t depth = 0, i;

	ranges->count = 0;
	emit(ranges, 0, 0);
	for (i = 0; i < count; i++) {
		while (depth && prefixes[i].first > open[depth - 1]->last) {
			depth--;
			leave(ranges, open[depth], depth ? open[depth - 1]->answer : 0);
		}
		open[depth++] = &prefixes[i];
		emit(ranges, prefixes[i].first, prefixes[i].answer);
	}
	while (depth--)
		leave(ranges, open[depth], depth ? open[depth - 1]->answer : 0);
}

static bool build_ranges(struct ranges *ranges, const struct prefix *prefixes, uint32_t count,
			 const char **reason)
{
	struct sorted *sorted = calloc(count, sizeof(*sorted));
	uint32_t i;

	ranges->range = calloc(2 * (size_t)count + 1, sizeof(*ranges->range));
	if (!sorted || !ranges->range) {
		*reason = "out of memory";
		free(sorted);
		free(ranges->range);
		return false;
	}
	for (i = 0; i < count; i++) {
		uint32_t host = prefixes[i].length < 32 ? UINT32_MAX >> prefixes[i].length : 0;

		memcpy(&sorted[i].first, prefixes[i].address, 4);
		sorted[i].first = ntohl(sorted[i].first);
		sorted[i].last = sorted[i].first | host;
		sorted[i].length = prefixes[i].length;
		sorted[i].answer = i + 1;
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	flatten(ranges, sorted, count);
	free(sorted);
	return true;
}

static bool build_sorted(int family, const struct prefix *prefixes, uint32_t count,
			 const char **reason)
{
	(void)family;
	return build_ranges(&sorted_ranges, prefixes, count, reason);
}

static uint32_t search_sorted(uint32_t address)
{
	const struct range *found = sorted_ranges.range;
	uint32_t count = sorted_ranges.count;

	/* Without a branch that depends on the address, as ipmasq's. */
	while (count > 1) {
		uint32_t half = count / 2;

		found += found[half].start <= address ? half : 0;
		count -= half;
	}
	return found->answer;
}

static void answer_sorted(const struct questions *questions, uint32_t *answers, bool chained)
{
	uint32_t mask = always_zero, previous = 0, i;

	for (i = 0; i < questions->count; i++) {
		uint32_t index = chained ? i + (previous & mask) : i;

		answers[i] = previous = search_sorted(questions->ipv4[index]);
	}
}

static size_t memory_sorted(void)
{
	return sorted_ranges.count * sizeof(*sorted_ranges.range);
}

static void release_sorted(void)
{
	free(sorted_ranges.range);
}

/* Walks the tree in order and gives each node the next range. */
static uint32_t place(const struct ranges *ranges, uint32_t node, uint32_t next)
{
	if (node > ranges->count)
		return next;
	next = place(ranges, 2 * node, next);
	starts[node] = ranges->range[next].start;
	answers_of[node] = ranges->range[next].answer;
	return place(ranges, 2 * node + 1, next + 1);
}

static bool build_eytzinger(int family, const struct prefix *prefixes, uint32_t count,
			    const char **reason)
{
	struct ranges ranges;
	bool made;

	(void)family;
	if (!build_ranges(&ranges, prefixes, count, reason))
		return false;
	node_count = ranges.count;
	starts = calloc((size_t)node_count + 1, sizeof(*starts));
	answers_of = calloc((size_t)node_count + 1, sizeof(*answers_of));
	made = starts && answers_of;
	if (made) {
		place(&ranges, 1, 0);
	} else {
		*reason = "out of memory";
		free(starts);
		free(answers_of);
	}
	free(ranges.range);
	return made;
}

static uint32_t search_eytzinger(uint32_t address)
{
	uint32_t node = 1;

	while (node <= node_count) {
		/* Four steps on, 16 nodes are one line of the cache. */
		__builtin_prefetch(&starts[16 * (size_t)node]);
		node = 2 * node + (starts[node] <= address);
	}
	/* Back to where the search last went right, which the ones tell. */
	return answers_of[node >> (__builtin_ctz(node) + 1)];
}

static void answer_eytzinger(const struct questions *questions, uint32_t *answers,
			     bool chained)
{
	uint32_t mask = always_zero, previous = 0, i;

	for (i = 0; i < questions->count; i++) {
		uint32_t index = chained ? i + (previous & mask) : i;

		answers[i] = previous = search_eytzinger(questions->ipv4[index]);
	}
}

static size_t memory_eytzinger(void)
{
	return node_count * (sizeof(*starts) + sizeof(*answers_of));
}

static void release_eytzinger(void)
{
	free(starts);
	free(answers_of);
}

const struct contender binary_search = {
	.name = "binary search",
	.families = 1,
	.build = build_sorted,
	.answer = answer_sorted,
	.memory = memory_sorted,
	.release = release_sorted,
};

const struct contender eytzinger = {
	.name = "Eytzinger order",
	.families = 1,
	.build = build_eytzinger,
	.answer = answer_eytzinger,
	.memory = memory_eytzinger,
	.release = release_eytzinger,
};
