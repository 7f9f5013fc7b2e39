// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memory of a file's values. Nothing of it is freed before the whole, so it
 * is taken from a few large blocks, and what a file may make of it is bounded.
 */
#include "private.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

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

	/* What is larger than a block gets one of its own, below the newest. */
	if (rounded > BLOCK_SIZE || !tree->blocks || tree->used + rounded > BLOCK_SIZE) {
		if (tree->total + room > CONFIG_TREE_MAX)
			return NULL;
		block = malloc(sizeof(*block) + room);
		if (!block)
			return NULL;
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
 * Return: the copy, with a NUL behind it, or NULL as config_tree_allocate().
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
