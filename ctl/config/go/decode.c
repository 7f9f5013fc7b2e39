// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From YAML's graph to what JSON can say: aliases, merges, and what the
 * reference agent refuses on that way whichever key it stands under.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../private.h"
#include "text.h"

/* go-yaml's rule against aliases that multiply: of so many values at most 99%
 * may come through aliases, of ten times as many 10%, and in between a share in
 * proportion.
 */
#define SMALL_DOCUMENT 400000
#define LARGE_DOCUMENT 4000000

/**
 * struct defect - what JSON cannot say
 * @node: where it is; NULL for nothing
 * @key: the key that it stands under; the same as @node where the key is wrong
 */
struct defect {
	const struct config_node *node;
	const struct config_node *key;
};

/**
 * struct pairs - the keys of a mapping, for is_overridden()
 * @list: sorted; NULL before they were needed; owned
 * @count: how many
 */
struct pairs {
	const struct config_node **list;
	size_t count;
};

struct decoding {
	struct config_source *source;
	uint64_t values;
	uint64_t through_alias;
	unsigned int alias_depth;
};

static double allowed_share(uint64_t values)
{
	if (values <= SMALL_DOCUMENT)
		return 0.99;
	if (values >= LARGE_DOCUMENT)
		return 0.10;
	return 0.99 - 0.89 * ((double)(values - SMALL_DOCUMENT) /
			      (double)(LARGE_DOCUMENT - SMALL_DOCUMENT));
}

static int count_value(struct decoding *decoding, const struct config_node *node)
{
	decoding->values++;
	decoding->through_alias += decoding->alias_depth > 0;
	if (decoding->through_alias <= 100 || decoding->values <= 1000 ||
	    (double)decoding->through_alias / (double)decoding->values <=
	    allowed_share(decoding->values))
		return 0;
	config_complain(decoding->source, node->offset,
			"aliases expand to too many values (%llu so far)",
			(unsigned long long)decoding->through_alias);
	return -EINVAL;
}

static int compare_floats(double a, double b)
{
	if (isnan(a) || isnan(b))
		return !!isnan(a) - !!isnan(b);
	return (a > b) - (a < b);
}

static int compare_keys(const struct config_node *a, const struct config_node *b)
{
	int order;

	if (a->kind != b->kind)
		return a->kind - b->kind;
	switch (a->kind) {
	case CONFIG_TEXT:
		order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
		return order ? order : (a->length > b->length) - (a->length < b->length);
	case CONFIG_BOOL:
		return a->truth - b->truth;
	case CONFIG_NUMBER:
		if (a->number != b->number)
			return a->number - b->number;
		if (a->number == CONFIG_FLOAT)
			return compare_floats(a->float_value, b->float_value);
		return (a->unsigned_value > b->unsigned_value) -
		       (a->unsigned_value < b->unsigned_value);
	default:
		return 0;
	}
}

static int compare_pairs(const void *a, const void *b)
{
	const struct config_node *x = *(const struct config_node *const *)a;
	const struct config_node *y = *(const struct config_node *const *)b;
	int order = compare_keys(config_follow(x), config_follow(y));

	return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

/* Sort the keys of a mapping, equal ones by their place in the file. */
static int sort_pairs(const struct config_node *mapping, struct pairs *pairs)
{
	const struct config_node *pair;

	if (pairs->list)
		return 0;
	pairs->list = calloc(mapping->length / 2 + 1, sizeof(const struct config_node *));
	if (!pairs->list)
		return -ENOMEM;
	for (pair = mapping->first; pair; pair = pair->next->next) {
		if (!pair->is_merge)
			pairs->list[pairs->count++] = pair;
	}
	qsort(pairs->list, pairs->count, sizeof(const struct config_node *), compare_pairs);
	return 0;
}

/* Return whether a later equal key overrides a value, which then need not be valid. NaN
 * equals no key, not even itself.
 */
static bool is_overridden(const struct pairs *pairs, const struct config_node *pair,
			  const struct config_node *key)
{
	size_t low = 0;
	size_t high = pairs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct config_node *other = pairs->list[middle];
		int order = compare_keys(config_follow(other), key);

		if (order < 0 || (!order && other->offset <= pair->offset))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == pairs->count || compare_keys(config_follow(pairs->list[low]), key))
		return false;
	return key->kind != CONFIG_NUMBER || key->number != CONFIG_FLOAT ||
	       !isnan(key->float_value);
}

static int decode(struct decoding *decoding, struct config_node *node, unsigned int depth,
		  struct defect *defect);
static int decode_mapping(struct decoding *decoding, struct config_node *mapping,
			  unsigned int depth, struct defect *defect);

static int refuse_merge(struct decoding *decoding, const struct config_node *node)
{
	config_complain(decoding->source, node->offset,
			"\"<<\" merges a mapping or a list of mappings, and nothing else");
	return -EINVAL;
}

static int decode_merged(struct decoding *decoding, struct config_node *node,
			 unsigned int depth, struct defect *defect)
{
	if (config_follow(node)->kind != CONFIG_MAPPING)
		return refuse_merge(decoding, node);
	return decode(decoding, node, depth, defect);
}

/* Visit the first item last: it takes precedence. */
static int decode_merge(struct decoding *decoding, struct config_node *value,
			unsigned int depth, struct defect *defect)
{
	struct config_node **items;
	struct config_node *item;
	size_t count = 0;
	int result = 0;

	if (value->kind != CONFIG_SEQUENCE)
		return decode_merged(decoding, value, depth, defect);
	items = calloc(value->length + 1, sizeof(struct config_node *));
	if (!items)
		return -ENOMEM;
	for (item = value->first; item; item = item->next)
		items[count++] = item;
	while (count && !result)
		result = decode_merged(decoding, items[--count], depth, defect);
	free(items);
	return result;
}

static int decode_key(struct decoding *decoding, struct config_node *key, unsigned int depth,
		      struct defect *defect)
{
	struct defect ignored = { NULL, NULL };
	const struct config_node *value;
	int result = decode(decoding, key, depth, &ignored);

	if (result)
		return result;
	value = config_follow(key);
	if (value->kind == CONFIG_MAPPING || value->kind == CONFIG_SEQUENCE) {
		config_complain(decoding->source, key->offset,
				"a key must be text, not %s; is this a template that was not rendered?",
				value->kind == CONFIG_MAPPING ? "a mapping" : "a list");
		return -EINVAL;
	}
	if (!defect->node && (value->kind == CONFIG_NULL ||
			      (value->kind == CONFIG_NUMBER &&
			       value->number == CONFIG_UNSIGNED))) {
		defect->node = key;
		defect->key = key;
	}
	return 0;
}

static int decode_mapping(struct decoding *decoding, struct config_node *mapping,
			  unsigned int depth, struct defect *defect)
{
	struct pairs pairs = { 0 };
	struct config_node *pair;
	int result = 0;

	for (pair = mapping->first; pair && !result; pair = pair->next->next) {
		struct defect found = { NULL, NULL };

		if (pair->is_merge) {
			result = decode_merge(decoding, pair->next, depth, &found);
		} else {
			result = decode_key(decoding, pair, depth + 1, defect);
			if (!result)
				result = decode(decoding, pair->next, depth + 1, &found);
			found.key = config_follow(pair);
		}
		if (result || !found.node || defect->node)
			continue;
		result = sort_pairs(mapping, &pairs);
		if (!result && !is_overridden(&pairs, pair, found.key))
			*defect = found;
	}
	free(pairs.list);
	return result;
}

static int decode_alias(struct decoding *decoding, struct config_node *alias,
			unsigned int depth, struct defect *defect)
{
	int result;

	if (alias->expanding) {
		config_complain(decoding->source, alias->offset,
				"a value contains an alias of itself");
		return -EINVAL;
	}
	alias->expanding = true;
	decoding->alias_depth++;
	result = decode(decoding, alias->target, depth, defect);
	decoding->alias_depth--;
	alias->expanding = false;
	return result;
}

/* Goes the way of go-yaml's decoder, value by value, so that the count comes out
 * the same. Its depth is bounded as that of the tree.
 */
static int decode(struct decoding *decoding, struct config_node *node, unsigned int depth,
		  struct defect *defect)
{
	struct config_node *item;
	int result = count_value(decoding, node);

	if (result)
		return result;
	if (depth > CONFIG_DEPTH_MAX &&
	    (node->kind == CONFIG_MAPPING || node->kind == CONFIG_SEQUENCE)) {
		config_complain(decoding->source, node->offset,
				"nested too deeply (at most %d levels)",
				CONFIG_DEPTH_MAX);
		return -EINVAL;
	}
	switch (node->kind) {
	case CONFIG_ALIAS:
		return decode_alias(decoding, node, depth, defect);
	case CONFIG_MAPPING:
		return decode_mapping(decoding, node, depth, defect);
	case CONFIG_SEQUENCE:
		for (item = node->first; item && !result; item = item->next)
			result = decode(decoding, item, depth + 1, defect);
		return result;
	case CONFIG_NUMBER:
		if (node->number == CONFIG_FLOAT && !isfinite(node->float_value) &&
		    !defect->node)
			defect->node = node;
		return 0;
	default:
		return 0;
	}
}

/**
 * config_decode() - refuse what cannot become JSON
 * @source: the file
 * @root: its document
 *
 * Return: 0, -EINVAL after it reported why, or -ENOMEM.
 */
int config_decode(struct config_source *source, struct config_node *root)
{
	struct decoding decoding = { .source = source, .values = 1 };
	struct defect defect = { NULL, NULL };
	int result = decode(&decoding, root, 1, &defect);

	if (result || !defect.node)
		return result;
	if (defect.node == defect.key)
		config_complain(source, defect.node->offset,
				"a key must be text, not %s",
				config_follow(defect.node)->kind == CONFIG_NULL ?
				"null" : "a number above 9223372036854775807");
	else
		config_complain(source, defect.node->offset,
				"\"%.*s\" is not a finite number",
				(int)defect.node->length, defect.node->text);
	return -EINVAL;
}
