/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQCTL_ARGUMENTS_H
#define IPMASQCTL_ARGUMENTS_H

#include "ipmasqctl.h"
#include "policy.h"

/**
 * struct arguments - the words after a subcommand, read from left to right
 * @invocation: how the program was called
 * @next: the word to read next; ends with NULL
 */
struct arguments {
	const struct invocation *invocation;
	char **next;
};

/* These return 0, or the exit code after they have printed what is wrong. */
int argument_value(struct arguments *arguments, const char *what, const char **value);
int argument_cidr(const struct invocation *invocation, const char *word, struct cidr *cidr);
int argument_prefix(struct arguments *arguments, struct cidr *cidr, bool *has);
int argument_address(const struct invocation *invocation, const char *word, struct cidr *host);
int argument_number(const struct invocation *invocation, const char *word, const char *what,
		    uint64_t least, uint64_t most, uint64_t *number);
int argument_origin(struct arguments *arguments, uint8_t *origin);
int argument_generation(struct arguments *arguments, uint64_t *generation);
int argument_action(struct arguments *arguments, const char *word, uint8_t *action);
bool argument_family(const char *word, uint8_t *family);
int argument_file(const struct invocation *invocation, const char **name, int *descriptor);
int argument_unknown(const struct invocation *invocation, const char *word,
		     const char *const *known, size_t count);
int no_arguments(const struct invocation *invocation, int argc, char **argv);

bool word_is(const char *word, const char *known);
bool looks_like_address(const char *word);

typedef int (*client_act)(const struct invocation *invocation, struct client *client,
			  void *data);
int with_client(const struct invocation *invocation, client_act act, void *data);
int connect_module(const struct invocation *invocation, struct client **client);

#endif
