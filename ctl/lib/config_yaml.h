/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONFIG_YAML_H
#define IPMASQ_CONFIG_YAML_H

#include <yaml.h>

#include "config_private.h"

/* Kinds of stand-ins, and a place for none. */
#define CONFIG_STAND_INS 5

/**
 * struct config_mending - the input of libyaml, and what was replaced in it
 * @source: the file
 * @input: what to read; borrowed
 * @input_length: bytes of it
 * @rebuilt: the input after something was replaced; owned
 * @places: for each byte of the file's text what was done to it; owned
 * @stand_ins: characters that stand for others, 0 before one was needed
 * @effort: bytes that were given up to be read again
 */
struct config_mending {
	struct config_source *source;
	const char *input;
	size_t input_length;
	char *rebuilt;
	uint8_t *places;
	uint32_t stand_ins[CONFIG_STAND_INS];
	size_t effort;
};

/* libyaml looks through all open brackets at each token: the most that it is asked
 * to look through is what the deepest file takes that the reference agent reads.
 */
#define CONFIG_EFFORT_MAX (UINT64_C(60) << 20)

/**
 * struct config_nesting - where brackets begin
 * @offset: byte of the outermost one, or of its anchor
 * @depth: collections that are open around it
 * @effort: brackets that libyaml has looked through so far
 */
struct config_nesting {
	size_t offset;
	size_t depth;
	uint64_t effort;
};

int config_check_nesting(struct config_source *source, const struct config_nesting *nesting);
size_t config_quoted_end(const struct config_source *source, size_t offset);
size_t config_comment_end(const struct config_source *source, size_t offset, size_t end);

/* What may stand between tokens. */
static inline bool config_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whether a character may be in an anchor's name. */
static inline bool config_is_name_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '-';
}

int config_mend_start(struct config_mending *mending, struct config_source *source);
int config_mend(struct config_mending *mending, const yaml_parser_t *parser, size_t problem);
size_t config_mend_restore(const struct config_mending *mending, char *text, size_t length);
void config_mend_clear(struct config_mending *mending);

void config_explain_yaml(struct config_source *source, const yaml_parser_t *parser,
			 size_t problem, size_t context);
void config_explain_problem(struct config_source *source, const char *words, size_t problem,
			    size_t context);
int config_refuse_depth(struct config_source *source, size_t offset);
int config_refuse_effort(struct config_source *source, size_t offset, size_t brackets);

#endif
