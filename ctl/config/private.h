/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONFIG_PRIVATE_H
#define IPMASQ_CONFIG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "config.h"

/* A ConfigMap holds 1 MiB at most. Larger files are refused unread, and so is
 * one whose tree would take more than CONFIG_TREE_MAX.
 */
#define CONFIG_FILE_MAX ((size_t)4 << 20)
#define CONFIG_TREE_MAX ((size_t)24 << 20)

/* U+FEFF in UTF-8. */
#define CONFIG_BYTE_ORDER_MARK "\xef\xbb\xbf"

static inline bool config_begins_with_mark(const char *text, size_t length)
{
	return length >= strlen(CONFIG_BYTE_ORDER_MARK) &&
	       !memcmp(text, CONFIG_BYTE_ORDER_MARK, strlen(CONFIG_BYTE_ORDER_MARK));
}

/* Collections in each other; the deepest key needs four. libyaml looks through all open
 * brackets at each token, and JSON is read recursively: both stay cheap. Go's encoding/json
 * takes 10,000.
 */
#define CONFIG_DEPTH_MAX 128

/* How many files of a directory there may be. */
#define CONFIG_FILES_MAX 256

/* Problems that are reported in full; a last one has the number of the others. */
#define CONFIG_PROBLEMS_MAX 1000

/* Most characters of a value that a message shows. */
#define CONFIG_SHOWN_MAX 60

enum config_kind {
	CONFIG_NULL,
	CONFIG_BOOL,
	CONFIG_NUMBER,
	CONFIG_TEXT,
	CONFIG_SEQUENCE,
	CONFIG_MAPPING,		/* children: key, value, key, value... */
	CONFIG_ALIAS,
};

enum config_number {
	CONFIG_SIGNED,
	CONFIG_UNSIGNED,	/* above INT64_MAX */
	CONFIG_FLOAT,
	CONFIG_LITERAL,		/* of a JSON file; the text is the number */
};

/**
 * struct config_node - a value of the file
 * @kind: enum config_kind
 * @number: enum config_number, for CONFIG_NUMBER
 * @truth: for CONFIG_BOOL
 * @is_merge: the key "<<" that merges a mapping into its own
 * @expanding: an alias that is being followed
 * @offset: byte of the file where it starts
 * @length: bytes of @text, or how many children
 * @text: what was written, without quotes and escapes; not ended by a NUL
 * @next: the next child of the same parent
 *
 * All of it lives in a struct config_tree.
 */
struct config_node {
	uint8_t kind;
	uint8_t number;
	bool truth : 1;
	bool is_merge : 1;
	bool expanding : 1;
	uint32_t offset;
	uint32_t length;
	const char *text;
	union {
		struct config_node *first;	/* collections */
		struct config_node *target;	/* CONFIG_ALIAS */
		int64_t signed_value;
		uint64_t unsigned_value;
		double float_value;
	};
	struct config_node *next;
};

/**
 * struct config_tree - the memory of one file's nodes
 * @blocks: chain of blocks
 * @used: bytes taken from the newest block
 * @total: bytes of all blocks
 * @starved: the machine had no memory for another block
 * @root: the document; NULL for none
 */
struct config_tree {
	struct config_block *blocks;
	size_t used;
	size_t total;
	bool starved;
	struct config_node *root;
};

/**
 * struct config_place - a place in a text
 * @offset: the byte
 * @line_start: byte at which its line begins
 * @column: in characters, from 1
 * @line: from 1; 0 for no place
 */
struct config_place {
	size_t offset;
	size_t line_start;
	size_t column;
	int line;
};

/**
 * struct config_source - one file while it is being read
 * @path: as it was given
 * @index: of the file in config.files
 * @data: the file's bytes
 * @length: how many
 * @text: the same as UTF-8, without a byte order mark; within @data or @converted
 * @text_length: how many bytes
 * @converted: what UTF-16 became, NULL for UTF-8
 * @flags: the command line's part
 * @problems: where they go
 * @unsaid: problems beyond CONFIG_PROBLEMS_MAX
 * @fixed: the place that stands for all of a text within another file; its line is 0
 *	for none
 * @indent: columns by which this text is indented within another file
 * @mark: the place looked up last
 * @places: of bytes at a fixed distance, as far as the text was looked through; owned
 * @place_count: how many are known
 */
struct config_source {
	const char *path;
	int index;
	char *data;
	size_t length;
	char *text;
	size_t text_length;
	char *converted;
	const struct config_flags *flags;
	struct config_problems *problems;
	size_t unsaid;
	struct config_place fixed;
	size_t indent;
	struct config_place mark;
	struct config_place *places;
	size_t place_count;
};

/**
 * struct config_object - the files that a ConfigMap object holds
 * @files: owned
 * @count: how many; 0 where the file is no such object
 * @is_directory: they are to be merged
 */
struct config_object {
	struct config_source *files;
	size_t count;
	bool is_directory;
};

/**
 * struct config_fields - the values of one file
 * @given: a bit for each enum setting that has a value
 * @cidrs_null: nonMasqueradeCIDRs is null, which is given and empty
 * @offset: byte of the file's text at which the value of a key is
 * @value: of each setting
 */
struct config_fields {
	unsigned int given;
	bool cidrs_null;
	size_t offset[SETTING_COUNT];
	union config_value value[SETTING_COUNT];
};

/**
 * struct config_outlook - what holds for keys that the file does not have
 * @enable_ipv6: IPv6 is on
 * @cidr_limit: the most entries of nonMasqueradeCIDRs
 * @default_cidrs: entries of nonMasqueradeCIDRs where no file gives it
 */
struct config_outlook {
	bool enable_ipv6;
	int64_t cidr_limit;
	size_t default_cidrs;
};

static inline bool config_has(const struct config_fields *fields, enum setting key)
{
	return fields->given & 1U << key;
}

/*
 * In the order in which the files depend on each other, the lowest first.
 */

/* source.c */
int config_source_index(struct config_source *source);
void config_source_clear(struct config_source *source);
int config_source_line(struct config_source *source, size_t offset);

/* problem.c */
/* Marks for the offset of config_report(). */
#define CONFIG_NOWHERE SIZE_MAX

void config_report(struct config_source *source, enum config_severity severity, size_t offset,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));
void config_complain(struct config_source *source, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void config_warn(struct config_source *source, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void config_report_unsaid(struct config_source *source);

/* file.c */
int config_source_read(struct config_source *source);

/* tree.c */
void *config_tree_allocate(struct config_tree *tree, size_t size);
char *config_tree_text(struct config_tree *tree, const char *text, size_t length);
struct config_node *config_tree_node(struct config_tree *tree, enum config_kind kind,
				     size_t offset);
void config_tree_clear(struct config_tree *tree);
char *config_describe(const struct config_node *node);

/* Called for each entry of a mapping in the order in which Go sets them, so that
 * of two equal keys the later one overrides the other. Returns 0 to go on.
 */
typedef int (*config_visit)(const struct config_node *key, const struct config_node *value,
			    bool merged, void *data);
int config_visit_mapping(const struct config_node *mapping, config_visit visit, void *data);
const struct config_node *config_follow(const struct config_node *node);

/* go/ */
int config_scalar(struct config_source *source, struct config_tree *tree,
		  struct config_node *node, const char *tag, bool plain);
int config_decode(struct config_source *source, struct config_node *root);

/* json.c, yaml/ */
/* Each returns 0 with tree->root set (NULL for an empty file), -EINVAL after it
 * reported why, or -ENOMEM.
 */
int config_parse_yaml(struct config_source *source, struct config_tree *tree);
int config_parse_json(struct config_source *source, struct config_tree *tree);
bool config_looks_like_json(const char *text, size_t length);

/* keys.c */
bool config_is_name(const struct config_node *key, const char *name);
bool config_find_key(const struct config_node *key, enum setting *found);

/* object.c */
int config_parse(struct config_source *source, struct config_tree *tree);
bool config_is_map(const struct config_node *root);
int config_object_read(struct config_source *source, struct config_object *object);
void config_object_clear(struct config_object *object);

/* value.c */
int config_refuse_value(struct config_source *source, enum setting key,
			const struct config_node *value, const char *expected);
int config_read_scalar(struct config_source *source, enum setting key,
		       const struct config_node *value, union config_value *to);

/* list.c */
int config_check_items(struct config_source *source, enum setting key,
		       const struct config_node *value);
int config_parse_prefix(struct config_source *source, const struct config_node *node,
			const struct config_node *text, struct cidr *cidr);
bool config_allow_family(struct config_source *source, enum setting key, size_t offset,
			 const struct cidr *cidr, const struct config_node *text,
			 bool enable_ipv6);
int config_read_list(struct config_source *source, enum setting key,
		     const struct config_node *value, bool enable_ipv6,
		     struct config_list *list);
void config_list_clear(struct config_list *list);

/* pool.c */
int config_read_pools(struct config_source *source, const struct config_node *value,
		      bool enable_ipv6, struct config_pools *pools);
int config_pools_append(struct config_pools *pools, struct config_pools *more);
int config_pools_settle(struct config_pools *pools);
void config_pools_clear(struct config_pools *pools);

/* conflict.c */
int config_check_conflicts(struct config_source *const *sources,
			   const struct config_fields *fields);

/* defaults.c */
size_t config_default_count(bool all_reserved_ranges);
struct config_outlook config_outlook_of(const struct config_flags *flags);
int config_resolve_fields(const struct config_flags *flags, struct config_fields *fields,
			  struct config *config);
int config_ports_copy(struct config_ports *to, const struct config_ports *from);
void config_values_clear(union config_value value[SETTING_COUNT]);
int config_add_file(struct config *config, const char *path);

/* fields.c */
int config_read_fields(struct config_source *source, const struct config_outlook *outlook,
		       struct config_fields *fields);
void config_fields_clear(struct config_fields *fields);

/* merge.c */
int config_merge(const char *path, const struct config_flags *flags,
		 struct config_object *object, struct config *config);

#endif
