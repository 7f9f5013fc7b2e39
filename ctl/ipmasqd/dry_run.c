// SPDX-License-Identifier: GPL-2.0-or-later
#include "dry_run.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "entry_detail.h"
#include "log.h"
#include "policy_text.h"

static void print_entry(char sign, const struct policy_entry *entry)
{
	printf("%c ", sign);
	entry_print(stdout, entry);
	putchar('\n');
}

static void print_difference(const struct policy_entry *wanted,
			     const struct policy_entry *present, void *data)
{
	(void)data;
	if (present)
		print_entry('-', present);
	if (wanted)
		print_entry('+', wanted);
}

static void print_setting(char sign, const struct policy_settings *settings, enum setting setting)
{
	char *text = policy_setting_text(settings, setting);
	char word[SETTING_WORD_MAX];

	printf("%c set %s %s\n", sign, setting_word(setting, word), text ? text : "");
	free(text);
}

/* Where there is no policy all that it will be is new. */
static size_t print_settings(const struct policy_settings *wanted,
			     const struct policy_settings *present, bool exists)
{
	size_t changes = 0;
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		const enum setting setting = (enum setting)i;

		if (!policy_setting_named(wanted, setting) ||
		    (exists && policy_setting_equal(wanted, present, setting)))
			continue;
		if (exists)
			print_setting('-', present, setting);
		print_setting('+', wanted, setting);
		changes++;
	}
	return changes;
}

/* The module refuses IPv6, even where it has no policy yet, if the kernel has none. */
static bool kernel_has_ipv6(struct client *client)
{
	const struct cidr loopback = {
		.family = AF_INET6, .prefix_len = 128, .address[15] = 1,
	};
	const struct client_flow flow = { .source = loopback, .destination = loopback };
	struct client_explanation explanation;
	int result = client_explain(client, &flow, &explanation);

	client_explanation_clear(&explanation);
	return result != -EAFNOSUPPORT;
}

/* As reconcile() would do it. */
static void take_out_ipv6(struct policy *possible, struct client *client)
{
	if (!(possible->settings.flags & IPMASQ_FLAG_IPV6) || kernel_has_ipv6(client))
		return;
	log_line(LOG_WARNING, "enableIPv6 would have no effect, this kernel has no IPv6");
	possible->settings.flags &= ~IPMASQ_FLAG_IPV6;
}

/**
 * dry_run() - print what would change in the kernel, and change nothing
 * @wanted: what the configuration wants
 *
 * Where the module is not loaded everything is new.
 *
 * Return: 0 or a negative errno, after a line in the log.
 */
int dry_run(const struct policy *wanted)
{
	struct client_status status = { 0 };
	/* A shallow copy: its lists and entries are still those of @wanted. */
	struct policy possible = *wanted;
	struct policy present = { 0 };
	struct client *client;
	size_t changes;
	int result;

	result = client_open(&client);
	if (result == -ENOTSUP) {
		log_line(LOG_WARNING, "%s", client_error(client));
		result = 0;
		goto print;
	}
	if (!result)
		result = client_policy_get(client, &status);
	if (!result && status.generation)
		result = client_list(client, IPMASQ_ORIGIN_CONFIG, NULL, &present, NULL);
	if (result) {
		log_line(LOG_ERR, "%s", client_error(client));
		goto out;
	}
	take_out_ipv6(&possible, client);
print:
	changes = print_settings(&possible.settings, &status.settings, status.generation);
	changes += policy_compare(wanted, &present, print_difference, NULL);
	if (!changes)
		puts("nothing would change");
out:
	policy_clear(&present);
	client_status_clear(&status);
	client_close(client);
	return result;
}
