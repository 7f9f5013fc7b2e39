// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl save */
#include <stdio.h>

#include "arguments.h"
#include "client.h"
#include "policy_json.h"
#include "saved_policy.h"

static int save(const struct invocation *invocation, struct client *client, void *data)
{
	struct policy policy = { 0 };
	uint64_t generation;
	int result = client_policy_read(client, &policy, &generation);

	(void)data;
	if (!result && invocation->json)
		print_policy_json(&policy, generation, true);
	else if (!result && saved_policy_write(stdout, &policy, generation))
		result = refuse(invocation, "out of memory");
	policy_clear(&policy);
	return result;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	int result = no_arguments(invocation, argc, argv);

	return result ? result : with_client(invocation, save, NULL);
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
