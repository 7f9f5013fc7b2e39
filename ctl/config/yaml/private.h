/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CONFIG_YAML_PRIVATE_H
#define IPMASQ_CONFIG_YAML_PRIVATE_H

#include <yaml.h>

#include "../private.h"

void config_explain_yaml(struct config_source *source, const yaml_parser_t *parser,
			 size_t problem, size_t context);
int config_refuse_depth(struct config_source *source, size_t offset);

#endif
