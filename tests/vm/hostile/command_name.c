// SPDX-License-Identifier: GPL-2.0-or-later
/* The family's commands, for tests that print what they do. */
#include <linux/ipmasq.h>

#include "command_name.h"

/**
 * command_name() - a command as the uapi header calls it
 * @command: enum ipmasq_cmd
 */
const char *command_name(uint8_t command)
{
	static const char *const names[IPMASQ_CMD_MAX + 1] = {
		[IPMASQ_CMD_POLICY_GET] = "POLICY_GET",
		[IPMASQ_CMD_POLICY_SET] = "POLICY_SET",
		[IPMASQ_CMD_POLICY_DEL] = "POLICY_DEL",
		[IPMASQ_CMD_CIDR_GET] = "CIDR_GET",
		[IPMASQ_CMD_CIDR_ADD] = "CIDR_ADD",
		[IPMASQ_CMD_CIDR_DEL] = "CIDR_DEL",
		[IPMASQ_CMD_TRANSACTION_BEGIN] = "TRANSACTION_BEGIN",
		[IPMASQ_CMD_TRANSACTION_ADD] = "TRANSACTION_ADD",
		[IPMASQ_CMD_TRANSACTION_COMMIT] = "TRANSACTION_COMMIT",
		[IPMASQ_CMD_TRANSACTION_ABORT] = "TRANSACTION_ABORT",
		[IPMASQ_CMD_EXPLAIN] = "EXPLAIN",
		[IPMASQ_CMD_STATS_GET] = "STATS_GET",
		[IPMASQ_CMD_CARRY_OVER] = "CARRY_OVER",
		[IPMASQ_CMD_POLICY_CHANGED] = "POLICY_CHANGED",
		[IPMASQ_CMD_PORTS_EXHAUSTED] = "PORTS_EXHAUSTED",
	};

	return command <= IPMASQ_CMD_MAX && names[command] ? names[command] : "no command";
}
