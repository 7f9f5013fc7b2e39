// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl version */
#include <stdio.h>

#include "arguments.h"
#include "client.h"

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct client_status status = { 0 };
	struct client *client;
	int result;
	int error;

	result = no_arguments(invocation, argc, argv);
	if (result)
		return result;
	/* -V and --version ask for no more than every program answers. */
	if (argv[0][0] == '-' && !invocation->json) {
		printf("ipmasqctl %s\n", IPMASQ_VERSION);
		return EXIT_DONE;
	}

	error = client_open(&client);
	if (!error)
		error = client_policy_get(client, &status);
	if (invocation->json) {
		result = print_json(json_pack("{s:s, s:i, s:s?, s:s?}",
					      "tool_version", IPMASQ_VERSION,
					      "protocol_version", IPMASQ_FAMILY_VERSION,
					      "module_version",
					      error ? NULL : status.module_version,
					      "module_error", error ? client_error(client) : NULL));
	} else {
		printf("ipmasqctl %s\n", IPMASQ_VERSION);
		if (error)
			printf("module    unknown: %s\n", client_error(client));
		else
			printf("module    %s\n", status.module_version);
		result = EXIT_DONE;
	}
	client_status_clear(&status);
	client_close(client);
	return result;
}

const struct command command_version = {
	.name = "version",
	.arguments = "",
	.summary = "print the versions of this tool and of the kernel module",
	.description =
		"The exit status is 0 also where the module's version cannot be found out.\n",
	.run = run,
};
