// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memory of a file's values. Nothing of it is freed before the whole, so it
 * is taken from a few large blocks, and what a file may make of it is bounded.
 */
#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "text.h"

#define BLOCK_SIZE ((size_t)64 << 10)

struct config_block {
	struct config_block *next;
	alignas(max_align_t) char data[];
};

/**
 * config_tree_allocate() - memory that lives as long as the tree
 * @tree: the tree
 * @size: bytes
 *
 * Return: zeroed memory, NULL where there is none or the tree has taken
 * CONFIG_TREE_MAX.
 */
void *config_tree_allocate(struct config_tree *tree, size_t size)
{
	size_t rounded = (size + 7) & ~(size_t)7;
	size_t room = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;
	struct config_block *block;
	void *memory;

	/* A larger request gets a dedicated block, below the newest one. */
	if (rounded > BLOCK_SIZE || !tree->blocks || tree->used + rounded > BLOCK_SIZE) {
		if (tree->total + room > CONFIG_TREE_MAX)
			return NULL;
		block = malloc(sizeof(*block) + room);
		if (!block) {
			tree->starved = true;
			return NULL;
		}
		tree->total += room;
		if (rounded > BLOCK_SIZE && tree->blocks) {
			block->next = tree->blocks->next;
			tree->blocks->next = block;
			memset(block->data, 0, size);
			return block->data;
		}
		block->next = tree->blocks;
		tree->blocks = block;
		tree->used = 0;
	}
	memory = tree->blocks->data + tree->used;
	tree->used += rounded;
	memset(memory, 0, size);
	return memory;
}

/**
 * config_tree_text() - a copy of a text that lives as long as the tree
 * @tree: the tree
 * @text: any bytes
 * @length: how many
 *
 * Return: the copy with a terminating NUL, or NULL as config_tree_allocate().
 */
char *config_tree_text(struct config_tree *tree, const char *text, size_t length)
{
	char *copy = config_tree_allocate(tree, length + 1);

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

/**
 * config_tree_node() - a new value
 * @tree: the tree
 * @kind: what it is
 * @offset: byte of the file where it starts
 *
 * Return: the node, or NULL as config_tree_allocate().
 */
struct config_node *config_tree_node(struct config_tree *tree, enum config_kind kind,
				     size_t offset)
{
	struct config_node *node = config_tree_allocate(tree, sizeof(*node));

	if (node) {
		node->kind = (uint8_t)kind;
		node->offset = (uint32_t)offset;
	}
	return node;
}

/**
 * config_describe() - what a value is, for "found ..."
 * @node: the value
 *
 * Return: the text, which the caller frees, or NULL without memory.
 */
char *config_describe(const struct config_node *node)
{
	int shown = node->length > CONFIG_SHOWN_MAX ? CONFIG_SHOWN_MAX : (int)node->length;
	char *quoted;
	char *text = NULL;
	int length = -1;

	switch (node->kind) {
	case CONFIG_NULL:
		return strdup(node->length ? "null" : "no value");
	case CONFIG_SEQUENCE:
		return strdup("a list");
	case CONFIG_MAPPING:
		return strdup("a mapping");
	case CONFIG_BOOL:
		return strdup(node->truth ? "the boolean true" : "the boolean false");
	case CONFIG_NUMBER:
		length = asprintf(&text, "the number %.*s%s", shown, node->text,
				  node->length > CONFIG_SHOWN_MAX ? "..." : "");
		return length < 0 ? NULL : text;
	default:
		quoted = text_quote(node->text, node->length, CONFIG_SHOWN_MAX);
		if (quoted)
			length = asprintf(&text, "the text %s", quoted);
		free(quoted);
		return length < 0 ? NULL : text;
	}
}

/**
 * config_follow() - the value that a node stands for
 * @node: any node
 *
 * Return: the end of a chain of aliases, or @node.
 */
const struct config_node *config_follow(const struct config_node *node)
{
	while (node->kind == CONFIG_ALIAS)
		node = node->target;
	return node;
}

static int visit_all(const struct config_node *mapping, bool merged, config_visit visit,
		     void *data);

static int visit_merge(const struct config_node *value, config_visit visit, void *data)
{
	const struct config_node **items;
	const struct config_node *item;
	size_t count = 0;
	int result = 0;

	if (value->kind == CONFIG_MAPPING)
		return visit_all(value, true, visit, data);
	items = calloc(value->length + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (item = value->first; item; item = item->next)
		items[count++] = config_follow(item);
	while (count && !result)
		result = visit_all(items[--count], true, visit, data);
	free(items);
	return result;
}

static int visit_all(const struct config_node *mapping, bool merged, config_visit visit,
		     void *data)
{
	const struct config_node *key;
	int result = 0;

	for (key = mapping->first; key && !result; key = key->next->next) {
		const struct config_node *value = config_follow(key->next);

		if (key->is_merge)
			result = visit_merge(value, visit, data);
		else
			result = visit(config_follow(key), value, merged, data);
	}
	return result;
}

/**
 * config_visit_mapping() - go through a mapping with what it merges
 * @mapping: a node of that kind that config_decode() has found good
 * @visit: called for each key and value, aliases followed
 * @data: handed to @visit
 *
 * A merged mapping takes its place among the keys, so that it replaces what
 * stands above it, as go-yaml has it; of a list of them the first is merged last.
 *
 * Return: 0, what @visit returned to end it, or -ENOMEM.
 */
int config_visit_mapping(const struct config_node *mapping, config_visit visit, void *data)
{
	return visit_all(mapping, false, visit, data);
}

/**
 * config_tree_clear() - free all of it
 * @tree: is empty afterwards
 */
void config_tree_clear(struct config_tree *tree)
{
	struct config_block *block = tree->blocks;

	while (block) {
		struct config_block *next = block->next;

		free(block);
		block = next;
	}
	memset(tree, 0, sizeof(*tree));
}
