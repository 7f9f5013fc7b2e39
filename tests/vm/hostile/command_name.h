/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMAND_NAME_H
#define COMMAND_NAME_H

#include <stdint.h>

const char *command_name(uint8_t command);

#endif
