// SPDX-License-Identifier: GPL-2.0-or-later
#include "dry_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "log.h"

static void print_entry(char sign, const struct policy_entry *entry)
{
	char cidr[CIDR_TEXT_MAX];

	printf("%c %s %s\n", sign, policy_action_name(entry->action),
	       cidr_format(&entry->cidr, cidr));
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

static const char *flag_word(uint32_t flags, uint32_t flag)
{
	return flags & flag ? "on" : "off";
}

static void print_flag(const char *name, uint32_t flag, const struct policy_settings *wanted,
		       const struct policy_settings *present, bool exists)
{
	if (exists && !((wanted->flags ^ present->flags) & flag))
		return;
	if (exists)
		printf("- %s %s\n", name, flag_word(present->flags, flag));
	printf("+ %s %s\n", name, flag_word(wanted->flags, flag));
}

static void print_ports(char sign, const struct policy_settings *settings)
{
	char *text = settings->port_range_count ?
		port_ranges_format(settings->port_ranges, settings->port_range_count) : NULL;

	printf("%c ports %s\n", sign, text ? text : "any");
	free(text);
}

static size_t print_settings(const struct policy_settings *wanted,
			     const struct policy_settings *present, bool exists)
{
	struct policy_settings ports = *wanted;

	if (exists && policy_settings_equal(wanted, present))
		return 0;
	print_flag("ipv6", IPMASQ_FLAG_IPV6, wanted, present, exists);
	print_flag("random-fully", IPMASQ_FLAG_RANDOM_FULLY, wanted, present, exists);
	ports.flags_named = 0;
	if (exists && !policy_settings_equal(&ports, present))
		print_ports('-', present);
	if (!exists || !policy_settings_equal(&ports, present))
		print_ports('+', wanted);
	return 1;
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
print:
	changes = print_settings(&wanted->settings, &status.settings, status.generation);
	changes += policy_compare(wanted, &present, print_difference, NULL);
	if (!changes)
		puts("nothing would change");
out:
	policy_clear(&present);
	client_status_clear(&status);
	client_close(client);
	return result;
}
