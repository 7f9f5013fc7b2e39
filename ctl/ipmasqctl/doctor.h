/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_DOCTOR_H
#define IPMASQCTL_DOCTOR_H

#include "client.h"
#include "config/flags.h"
#include "node_addresses.h"

enum finding_verdict {
	FINDING_OK,
	FINDING_WARNING,	/* some connections may not be as somebody wants them */
	FINDING_FAULT,		/* the policy cannot do its work */
	FINDING_UNKNOWN,	/* it could not be found out */
	FINDING_VERDICTS
};

/**
 * struct finding - what a check found
 * @check: its name
 * @verdict: how bad it is
 * @reason: what was seen; owned
 * @mend: the command or the change that mends it, NULL for none; owned
 */
struct finding {
	const char *check;
	enum finding_verdict verdict;
	char *reason;
	char *mend;
};

/**
 * struct examination - a node that is looked at
 * @client: NULL where the module is not there
 * @module_error: why; owned by the client, which stays open for it
 * @path: of the configuration file
 * @named: it was named on the command line
 * @flags: what the daemon would be given on its command line
 * @status: of the policy in force; zeroed without a module
 * @policy: in force, with both origins' entries
 * @addresses: of the node
 * @check: the one that looks
 * @findings: of all checks; owned
 * @count: of @findings
 * @failed: there was no memory for one
 */
struct examination {
	struct client *client;
	const char *module_error;
	const char *path;
	bool named;
	const struct config_flags *flags;
	struct client_status status;
	struct policy policy;
	struct node_addresses addresses;
	const char *check;
	struct finding *findings;
	size_t count;
	bool failed;
};

/**
 * struct check - one thing that the doctor looks at
 * @name: for people and JSON
 * @needs_policy: there is nothing to look at without a policy in force
 * @look: has at least one finding
 */
struct check {
	const char *name;
	bool needs_policy;
	void (*look)(struct examination *examination);
};

/* Ended by one without a name. */
extern const struct check checks[];

#endif
