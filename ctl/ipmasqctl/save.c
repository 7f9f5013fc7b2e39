// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl save */
#include <stdio.h>

#include "arguments.h"
#include "client.h"
#include "policy_json.h"
#include "saved_policy.h"

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct policy policy = { 0 };
	struct client *client;
	uint64_t generation;
	int result;
	int error;

	result = no_arguments(invocation, argc, argv);
	if (!result)
		result = connect_module(invocation, &client);
	if (result)
		return result;

	error = client_policy_read(client, &policy, &generation);
	if (error)
		result = refuse_client(invocation, client, error);
	else if (invocation->json)
		print_policy_json(&policy, generation, true);
	else if (saved_policy_write(stdout, &policy, generation))
		result = refuse(invocation, "out of memory");
	policy_clear(&policy);
	client_close(client);
	return result;
}

const struct command command_save = {
	.name = "save",
	.arguments = "",
	.summary = "write the policy, for restore to read",
	.description =
		"Writes settings and entries of both origins, all of one generation, to standard\n"
		"output: the settings as lines in the words of \"set\", each entry as \"CIDR ACTION\n"
		"[for DURATION] ORIGIN\" in those of \"add\". Of temporary entries it has the time\n"
		"that is left. Counters are not saved. Where there is no policy it writes \"no\n"
		"policy\". With -j it prints the same for other programs; restore reads the text.\n"
		"\n"
		"  ipmasqctl save > saved\n"
		"  ipmasqctl restore -f saved\n",
	.run = run,
};
