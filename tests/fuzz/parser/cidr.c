// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefixes and addresses against inet_pton(): the same texts are addresses, and
 * mean the same bytes. Then as text and read again.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "cidr.h"
#include "fuzz.h"

/* Longer than any address. */
#define TEXT_MAX 64

static bool oracle_address(const char *text, size_t length, struct cidr *host)
{
	char room[TEXT_MAX];

	memset(host, 0, sizeof(*host));
	if (length >= sizeof(room) || memchr(text, '\0', length))
		return false;
	memcpy(room, text, length);
	room[length] = '\0';
	host->family = strchr(room, ':') ? AF_INET6 : AF_INET;
	host->prefix_len = host->family == AF_INET ? 32 : 128;
	return inet_pton(host->family, room, host->address) == 1;
}

static bool bit(const struct cidr *cidr, unsigned int number)
{
	return cidr->address[number / 8] & 0x80 >> number % 8;
}

/* What cidr_parse() says of itself: no leading zeros, no IPv4-mapped prefix, no
 * bits of a host.
 */
static bool oracle_prefix(const char *text, size_t length, struct cidr *cidr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *slash = memchr(text, '/', length);
	unsigned int most, value = 0;
	const char *digit;

	if (!slash || !oracle_address(text, (size_t)(slash - text), cidr))
		return false;
	most = cidr->prefix_len;
	digit = slash + 1;
	if (digit == text + length || text + length - digit > 3)
		return false;
	if (*digit == '0' && digit + 1 != text + length)
		return false;
	for (; digit < text + length; digit++) {
		if (*digit < '0' || *digit > '9')
			return false;
		value = value * 10 + (unsigned int)(*digit - '0');
	}
	if (value > most || (most == 128 && !memcmp(cidr->address, mapped, sizeof(mapped))))
		return false;
	cidr->prefix_len = (uint8_t)value;
	for (; value < most; value++) {
		if (bit(cidr, value))
			return false;
	}
	return true;
}

static bool same(const struct cidr *a, const struct cidr *b)
{
	return a->family == b->family && a->prefix_len == b->prefix_len &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

static void check_address(const char *text, size_t length)
{
	struct cidr host, wanted, again;
	const char *reason = NULL;
	char room[CIDR_TEXT_MAX];
	int result = cidr_parse_address(text, length, &host, &reason);

	ALWAYS(!result == oracle_address(text, length, &wanted));
	if (result) {
		ALWAYS(reason && *reason);
		return;
	}
	ALWAYS(same(&host, &wanted));
	cidr_format_address(&host, room);
	ALWAYS(!cidr_parse_address(room, strlen(room), &again, NULL));
	ALWAYS(same(&host, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct cidr cidr, wanted, again;
	const char *reason = NULL;
	char room[CIDR_TEXT_MAX];
	int result;

	check_address(text, size);
	result = cidr_parse(text, size, &cidr, &reason);
	ALWAYS(!result == (size && oracle_prefix(text, size, &wanted)));
	if (result) {
		ALWAYS(reason && *reason);
		return 0;
	}
	ALWAYS(same(&cidr, &wanted));
	cidr_format(&cidr, room);
	ALWAYS(!cidr_parse(room, strlen(room), &again, NULL));
	ALWAYS(same(&cidr, &again));
	ALWAYS(!cidr_compare(&cidr, &again));
	cidr_mask(&again);
	ALWAYS(same(&cidr, &again));
	return 0;
}
