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

int config_mend_start(struct config_mending *mending, struct config_source *source);
int config_mend(struct config_mending *mending, const yaml_parser_t *parser, size_t problem);
size_t config_mend_restore(const struct config_mending *mending, char *text, size_t length);
void config_mend_clear(struct config_mending *mending);

void config_explain_yaml(struct config_source *source, const yaml_parser_t *parser,
			 size_t problem, size_t context);

#endif
