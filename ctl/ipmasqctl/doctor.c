// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl doctor: runs the checks of doctor_checks.c and prints what they found. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "doctor.h"

static const char *const verdict_names[FINDING_VERDICTS] = {
	[FINDING_OK] = "ok",
	[FINDING_WARNING] = "warning",
	[FINDING_FAULT] = "fault",
	[FINDING_UNKNOWN] = "unknown",
};

static const char *const verdict_colours[FINDING_VERDICTS] = {
	[FINDING_OK] = "\033[32m",
	[FINDING_WARNING] = "\033[33m",
	[FINDING_FAULT] = "\033[31m",
	[FINDING_UNKNOWN] = "\033[36m",
};

static void print_finding(const struct invocation *invocation, const struct finding *finding)
{
	printf("%s%-7s%s  %-11s  ", invocation->colour ? verdict_colours[finding->verdict] : "",
	       verdict_names[finding->verdict], invocation->colour ? "\033[0m" : "",
	       finding->check);
	puts(finding->reason);
	if (finding->mend)
		printf("%22s%s\n", "", finding->mend);
}

static void print_findings(const struct invocation *invocation,
			   const struct examination *examination)
{
	size_t i;

	print_header(invocation, "VERDICT  CHECK        FINDING\n");
	for (i = 0; i < examination->count; i++)
		print_finding(invocation, &examination->findings[i]);
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:s, s:s?}", "check", finding->check,
			 "verdict", verdict_names[finding->verdict],
			 "reason", finding->reason, "mend", finding->mend);
}

/* Returns the exit code: whether anything is wrong. */
static int report(const struct invocation *invocation, const struct examination *examination)
{
	size_t counts[FINDING_VERDICTS] = { 0 };
	json_t *list = json_array();
	size_t i;
	int result;

	for (i = 0; i < examination->count; i++) {
		counts[examination->findings[i].verdict]++;
		json_array_append_new(list, finding_json(&examination->findings[i]));
	}
	result = counts[FINDING_FAULT] || counts[FINDING_WARNING] ? EXIT_REFUSED : EXIT_DONE;
	if (!invocation->json) {
		json_decref(list);
		print_findings(invocation, examination);
		printf("%zu fault%s, %zu warning%s\n", counts[FINDING_FAULT],
		       counts[FINDING_FAULT] == 1 ? "" : "s", counts[FINDING_WARNING],
		       counts[FINDING_WARNING] == 1 ? "" : "s");
	} else if (print_json(json_pack("{s:o, s:I, s:I}", "findings", list,
					"faults", (json_int_t)counts[FINDING_FAULT],
					"warnings", (json_int_t)counts[FINDING_WARNING]))) {
		return EXIT_REFUSED;
	}
	return result;
}

/* Where there is no module the checks say so. Other errors are the command's. */
static int open_module(const struct invocation *invocation, struct examination *examination,
		       struct client **client)
{
	uint64_t generation;
	int error = client_open(client);

	if (!error)
		error = client_policy_get(*client, &examination->status);
	if (!error && examination->status.generation)
		error = client_policy_read(*client, &examination->policy, &generation);
	if (error == -ENOTSUP)
		examination->module_error = client_error(*client);
	else if (error)
		return refuse_client(invocation, *client, error);
	else
		examination->client = *client;
	return 0;
}

static int examine(const struct invocation *invocation, struct examination *examination)
{
	const struct check *check;
	int error = node_addresses_read(&examination->addresses);

	if (error)
		return refuse_errno(invocation, error, "cannot read the node's addresses: %s",
				    strerror(-error));
	for (check = checks; check->name; check++) {
		examination->check = check->name;
		if (!check->needs_policy || examination->status.generation)
			check->look(examination);
	}
	return examination->failed ? refuse(invocation, "out of memory") :
				     report(invocation, examination);
}

static int doctor(const struct invocation *invocation, struct examination *examination)
{
	struct client *client = NULL;
	int result = open_module(invocation, examination, &client);

	if (!result)
		result = examine(invocation, examination);
	while (examination->count) {
		free(examination->findings[--examination->count].reason);
		free(examination->findings[examination->count].mend);
	}
	free(examination->findings);
	node_addresses_clear(&examination->addresses);
	policy_clear(&examination->policy);
	client_status_clear(&examination->status);
	client_close(client);
	return result;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct examination examination = { .path = CONFIG_PATH_DEFAULT };
	struct config_command_line line;
	char *error = NULL;
	int taken;
	int result;

	if (argc > 1 && argv[1][0] != '-') {
		examination.path = argv[1];
		examination.named = true;
		argc--;
		argv++;
	}
	config_flags_init(&line);
	examination.flags = &line.flags;
	taken = config_flags_parse(&line, argc - 1, argv + 1, NULL, 0, &error);
	if (taken >= 0 && taken < argc - 1)
		result = misuse(invocation, "\"%s\" is no flag of ipmasqd", argv[1 + taken]);
	else if (taken < 0 || config_flags_finish(&line, &error))
		result = misuse(invocation, "%s", error ? error : "expected flags of ipmasqd");
	else if (line.config_directory)
		result = misuse(invocation, "a file is expected, not --config-dir");
	else
		result = doctor(invocation, &examination);
	free(error);
	config_flags_clear(&line);
	return result;
}

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "[FILE [FLAG]...]",
	.summary = "say what is wrong with this node, and what mends it",
	.description =
		"Looks at the node and changes nothing. Each line has a verdict, what was looked\n"
		"at and what was seen; the line below it says what to do:\n"
		"\n"
		"  module      it is loaded, of the tool's version, and the one that is installed\n"
		"  policy      there is one, and it is switched on\n"
		"  daemon      an ipmasqd keeps it\n"
		"  file        the policy is that of FILE, read with ipmasqd's flags\n"
		"              (" CONFIG_PATH_DEFAULT " where none is named)\n"
		"  networks    nothing that has a route of its own is masqueraded: other nodes'\n"
		"              pods, tunnels, bridges\n"
		"  addresses   the node has the addresses of snat-addresses and snat entries\n"
		"  interfaces  each pattern of output-interfaces names one\n"
		"  ports       no destination has used up its source ports\n"
		"  conntrack   its table is not full\n"
		"  ipv6        the node has IPv6 where the policy wants it\n"
		"  forwarding  the node forwards packets\n"
		"  others      nobody else's rules of iptables masquerade\n"
		"\n"
		"The exit status is 1 where there is a fault or a warning.\n"
		"\n"
		"  ipmasqctl doctor\n"
		"  ipmasqctl doctor -c | jq -r '.findings[] | select(.verdict == \"fault\").reason'\n",
	.run = run,
};
