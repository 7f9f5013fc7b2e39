// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the keys of a document say. They overwrite each other as in Go's encoding/json:
 * a later key replaces an earlier one, where YAML's keys come sorted and JSON's as they
 * were written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "suggest.h"
#include "text.h"

/* Unknown keys to report. A file with more of them has no typing mistake. */
#define UNKNOWN_MAX 20

/**
 * struct entry - a known key of the document
 * @node: the key
 * @value: its value
 * @key: which key it is
 * @order: counts the entries
 * @merged: it came by way of "<<"
 */
struct entry {
	const struct config_node *node;
	const struct config_node *value;
	enum setting key;
	size_t order;
	bool merged;
};

struct collecting {
	struct config_source *source;
	struct entry *entries;
	size_t count;
	size_t room;
	size_t unknown;
};

static void report_unknown(struct config_source *source, const struct config_node *key)
{
	const char *names[SETTING_COUNT];
	const char *nearest = NULL;
	size_t count = 0;
	char *quoted = text_quote(key->text, key->length, 60);
	char *word = strndup(key->text, key->length);
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (!setting_table[i].no_key)
			names[count++] = setting_table[i].name;
	}
	if (word)
		nearest = suggest_nearest(word, names, count);
	if (nearest)
		config_warn(source, key->offset,
			    "unknown key %s is ignored; did you mean \"%s\"?",
			    quoted ? quoted : "", nearest);
	else
		config_warn(source, key->offset, "unknown key %s is ignored",
			    quoted ? quoted : "");
	free(quoted);
	free(word);
}

static int collect(const struct config_node *node, const struct config_node *value, bool merged,
		   void *data)
{
	struct collecting *collecting = data;
	struct entry *entries;
	enum setting key;

	if (!config_find_key(node, &key)) {
		if (!merged && collecting->unknown++ < UNKNOWN_MAX)
			report_unknown(collecting->source, node);
		return 0;
	}
	if (collecting->count == collecting->room) {
		size_t room = collecting->room ? collecting->room * 2 : 16;

		entries = reallocarray(collecting->entries, room, sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		collecting->entries = entries;
		collecting->room = room;
	}
	collecting->entries[collecting->count] = (struct entry) {
		.node = node,
		.value = value,
		.key = key,
		.order = collecting->count,
		.merged = merged,
	};
	collecting->count++;
	return 0;
}

static int compare_names(const struct config_node *a, const struct config_node *b)
{
	size_t shorter = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->text, b->text, shorter);

	if (order)
		return order;
	return a->length < b->length ? -1 : a->length > b->length;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int order = compare_names(x->node, y->node);

	if (order)
		return order;
	return x->order < y->order ? -1 : 1;
}

static void report_again(struct config_source *source, const struct entry *entry,
			 const struct entry *counts)
{
	if (entry->merged || counts->merged)
		return;
	config_warn(source, entry->node->offset,
		    "duplicate key \"%s\"; line %d overrides it",
		    setting_table[entry->key].name,
		    config_source_line(source, counts->node->offset));
}

/* In a YAML mapping only the last of equal keys is left, and what is left comes
 * sorted.
 */
static void settle_yaml(struct collecting *collecting)
{
	struct entry *entries = collecting->entries;
	size_t kept = 0;
	size_t i;

	if (!collecting->count)
		return;
	qsort(entries, collecting->count, sizeof(*entries), compare_entries);
	for (i = 1; i < collecting->count; i++) {
		if (compare_names(entries[kept].node, entries[i].node))
			kept++;
		else
			report_again(collecting->source, &entries[kept], &entries[i]);
		entries[kept] = entries[i];
	}
	collecting->count = kept + 1;
}

/* Read every key; of several spellings of one key the last overrides the others. */
static int apply(struct config_source *source, const struct entry *entry,
		 struct config_fields *fields, const struct config_node *lists[SETTING_COUNT])
{
	enum setting key = entry->key;
	const struct config_node *value = entry->value;
	bool is_list = setting_is_list(key);
	int result = 0;

	if (value->kind == CONFIG_NULL && key != SETTING_RESYNC_INTERVAL) {
		if (!is_list)
			return 0;
		lists[key] = NULL;
		fields->cidrs_null |= key == SETTING_NON_MASQUERADE_CIDRS;
	} else if (is_list) {
		result = config_check_items(source, key, value);
		/* Of a list with a wrong item the others are looked at too. */
		lists[key] = value->kind == CONFIG_SEQUENCE ? value : NULL;
		fields->cidrs_null &= key != SETTING_NON_MASQUERADE_CIDRS;
	} else {
		result = config_read_scalar(source, key, value, &fields->value[key]);
		/* An invalid value must not cause errors elsewhere. */
		if (result && key == SETTING_CIDR_LIMIT)
			fields->value[key].number = INT64_MAX;
		if (result && key == SETTING_ENABLE_IPV6)
			fields->value[key].truth = true;
	}
	fields->given |= 1U << key;
	fields->offset[key] = value->offset;
	return result;
}

static int apply_all(struct config_source *source, const struct collecting *collecting,
		     struct config_fields *fields, const struct config_node *lists[SETTING_COUNT])
{
	const struct entry *counts[SETTING_COUNT] = { NULL };
	int result = 0;
	size_t i;

	for (i = 0; i < collecting->count; i++)
		counts[collecting->entries[i].key] = &collecting->entries[i];
	for (i = 0; i < collecting->count; i++) {
		const struct entry *entry = &collecting->entries[i];
		int failed = apply(source, entry, fields, lists);

		if (failed == -ENOMEM)
			return failed;
		if (failed)
			result = failed;
		if (entry != counts[entry->key])
			report_again(source, entry, counts[entry->key]);
	}
	return result;
}

/* The limit protects against mistakes, so it is looked at before the entries. */
static int check_limit(struct config_source *source, const struct config_outlook *outlook,
		       const struct config_fields *fields, const struct config_node *list)
{
	int64_t limit = config_has(fields, SETTING_CIDR_LIMIT) ?
			fields->value[SETTING_CIDR_LIMIT].number : outlook->cidr_limit;
	const struct config_node *item;
	size_t offset = CONFIG_NOWHERE;
	size_t count = list ? list->length : 0;
	int64_t i;

	if (!config_has(fields, SETTING_NON_MASQUERADE_CIDRS)) {
		count = outlook->default_cidrs;
		if (count && config_has(fields, SETTING_NOMASQ_ALL_RESERVED_RANGES))
			count = config_default_count(
				fields->value[SETTING_NOMASQ_ALL_RESERVED_RANGES].truth);
	}
	if ((int64_t)count <= limit)
		return 0;
	if (config_has(fields, SETTING_CIDR_LIMIT))
		offset = fields->offset[SETTING_CIDR_LIMIT];
	if (list && limit >= 0) {
		item = list->first;
		for (i = 0; i < limit; i++)
			item = item->next;
		offset = item->offset;
	}
	config_complain(source, offset,
			"too many entries in nonMasqueradeCIDRs (%zu%s, at most %lld; cidrLimit sets the limit)",
			count, config_has(fields, SETTING_NON_MASQUERADE_CIDRS) ? "" : " by default",
			(long long)limit);
	return -EINVAL;
}

static int read_lists(struct config_source *source, const struct config_outlook *outlook,
		      struct config_fields *fields, const struct config_node *lists[SETTING_COUNT])
{
	bool enable_ipv6 = config_has(fields, SETTING_ENABLE_IPV6) ?
			   fields->value[SETTING_ENABLE_IPV6].truth : outlook->enable_ipv6;
	const struct config_node *list = lists[SETTING_NON_MASQUERADE_CIDRS];
	int result = check_limit(source, outlook, fields, list);
	int failed;
	int i;

	/* What is far beyond a limit is not looked at entry by entry. */
	if (result && list && list->length > CONFIG_PROBLEMS_MAX)
		lists[SETTING_NON_MASQUERADE_CIDRS] = NULL;
	for (i = 0; i < SETTING_COUNT; i++) {
		enum setting key = (enum setting)i;

		if (!lists[key])
			continue;
		if (setting_table[key].type == SETTING_TYPE_POOLS)
			failed = config_read_pools(source, lists[key], enable_ipv6,
						   &fields->value[key].pools);
		else
			failed = config_read_list(source, key, lists[key], enable_ipv6,
						  &fields->value[key].list);
		if (failed == -ENOMEM)
			return failed;
		if (failed)
			result = failed;
	}
	return result;
}

static int read_document(struct config_source *source, const struct config_node *root,
			 bool is_json, const struct config_outlook *outlook,
			 struct config_fields *fields)
{
	const struct config_node *lists[SETTING_COUNT] = { NULL };
	struct collecting collecting = { .source = source };
	int result, failed;

	if (config_is_map(root)) {
		config_warn(source, root->offset,
			    "a whole ConfigMap object has no effect; use the text of its key \"config\"");
		collecting.unknown = UNKNOWN_MAX;
	}
	result = config_visit_mapping(root, collect, &collecting);
	if (result)
		goto free;
	if (!is_json)
		settle_yaml(&collecting);
	result = apply_all(source, &collecting, fields, lists);
	if (result != -ENOMEM) {
		failed = read_lists(source, outlook, fields, lists);
		if (failed)
			result = failed;
	}
free:
	free(collecting.entries);
	return result;
}

/**
 * config_read_fields() - read the values of one file
 * @source: the file, as config_source_read() left it
 * @outlook: what holds for keys that the file does not have
 * @fields: is overwritten; config_fields_clear() frees it, after errors too
 *
 * Return: 0, -EINVAL after it reported all that is wrong, or -ENOMEM.
 */
int config_read_fields(struct config_source *source, const struct config_outlook *outlook,
		       struct config_fields *fields)
{
	struct config_tree tree = { 0 };
	const struct config_node *root;
	bool is_json = config_looks_like_json(source->data, source->length);
	char *found;
	int result;

	memset(fields, 0, sizeof(*fields));
	result = config_parse(source, &tree);
	if (result)
		goto clear;

	root = tree.root ? config_follow(tree.root) : NULL;
	if (root && root->kind == CONFIG_MAPPING) {
		result = read_document(source, root, is_json, outlook, fields);
	} else if (!root || root->kind == CONFIG_NULL) {
		result = check_limit(source, outlook, fields, NULL);
	} else {
		found = config_describe(root);
		config_complain(source, root->offset,
				"expected lines of the form KEY: VALUE, not %s",
				found ? found : "something else");
		free(found);
		result = -EINVAL;
	}
clear:
	config_tree_clear(&tree);
	return result;
}

/**
 * config_fields_clear() - free what config_read_fields() made
 * @fields: is empty afterwards
 */
void config_fields_clear(struct config_fields *fields)
{
	config_values_clear(fields->value);
	memset(fields, 0, sizeof(*fields));
}
