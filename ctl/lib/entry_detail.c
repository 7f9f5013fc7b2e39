// SPDX-License-Identifier: GPL-2.0-or-later
/* What few entries have, timeouts and pools, in words. */
#include "entry_detail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "policy_text.h"
#include "text.h"

#define NANOSECONDS 1000000	/* of a millisecond */

/* Of a word that is wrong, as much as fits on the line of an error. */
#define SHOWN 40

/**
 * entry_timeout_read() - read how long an entry is to stay
 * @text: a duration as in 10m or 1h30m
 * @timeout: set to milliseconds, above 0
 * @reason: set to what is wrong, which the caller frees; NULL without memory
 *
 * What is finer than a millisecond is rounded up.
 *
 * Return: 0 or -EINVAL.
 */
int entry_timeout_read(const char *text, uint64_t *timeout, char **reason)
{
	const char *why = "";
	int64_t nanoseconds;
	char *quoted;
	int length;

	*reason = NULL;
	if (!duration_parse(text, strlen(text), &nanoseconds, &why)) {
		*timeout = nanoseconds < 0 ? 0 : ((uint64_t)nanoseconds + NANOSECONDS - 1) /
						 NANOSECONDS;
		if (*timeout && *timeout <= IPMASQ_TIMEOUT_MAX)
			return 0;
		why = NULL;
	}
	quoted = text_quote(text, strlen(text), SHOWN);
	if (!quoted)
		return -EINVAL;
	if (why)
		length = asprintf(reason, "%s is no duration as in 10m or 1h30m: %s", quoted, why);
	else
		length = asprintf(reason, "%s is no time for an entry, from 1ms to a year (8760h) is possible",
				  quoted);
	if (length < 0)
		*reason = NULL;
	free(quoted);
	return -EINVAL;
}

/**
 * entry_pool_check() - whether an entry can have these source addresses
 * @cidr: the entry's prefix
 * @addresses: host prefixes
 * @count: how many
 * @reason: as for entry_timeout_read()
 *
 * Return: 0 or -EINVAL.
 */
int entry_pool_check(const struct cidr *cidr, const struct cidr *addresses, size_t count,
		     char **reason)
{
	char address[CIDR_TEXT_MAX], prefix[CIDR_TEXT_MAX];
	size_t i;

	*reason = NULL;
	for (i = 0; i < count; i++) {
		if (addresses[i].family == cidr->family)
			continue;
		if (asprintf(reason, "an IPv%c connection to %s cannot get the IPv%c address %s",
			     cidr->family == AF_INET6 ? '6' : '4', cidr_format(cidr, prefix),
			     addresses[i].family == AF_INET6 ? '6' : '4',
			     cidr_format_address(&addresses[i], address)) < 0)
			*reason = NULL;
		return -EINVAL;
	}
	return 0;
}

/**
 * entry_time_left() - a timeout for people, as in "9m58s"
 * @timeout: milliseconds
 * @text: filled
 *
 * In whole seconds, so that it does not say that nothing is left.
 *
 * Return: @text.
 */
const char *entry_time_left(uint64_t timeout, char text[DURATION_TEXT_MAX])
{
	uint64_t seconds = (timeout + 999) / 1000;

	return duration_format((int64_t)(seconds * 1000 * NANOSECONDS), text);
}

/**
 * entry_print() - write an entry as files of entries have it
 * @file: to write to
 * @entry: the entry; its origin is left out
 *
 * Return: 0 or -ENOMEM.
 */
int entry_print(FILE *file, const struct policy_entry *entry)
{
	const struct policy_detail *detail = entry->detail;
	char left[DURATION_TEXT_MAX];
	char text[CIDR_TEXT_MAX];
	char *addresses;

	fprintf(file, "%s %s", cidr_format(&entry->cidr, text), policy_action_name(entry->action));
	if (!detail)
		return 0;
	if (detail->address_count) {
		addresses = addresses_text(detail->addresses, detail->address_count);
		if (!addresses)
			return -ENOMEM;
		fprintf(file, " %s", addresses);
		free(addresses);
	}
	if (detail->timeout)
		fprintf(file, " for %s",
			duration_format((int64_t)(detail->timeout * NANOSECONDS), left));
	return 0;
}
