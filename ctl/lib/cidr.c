// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and prefixes as Go's net.ParseCIDR() and net.ParseIP() read them:
 * four decimal parts without leading zeros, or IPv6 text of RFC 4291 without a
 * zone. What they take is what the reference agent takes.
 */
#include "cidr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int refuse(const char **reason, const char *why)
{
	if (reason)
		*reason = why;
	return -EINVAL;
}

static int parse_ipv4(const char *text, size_t length, uint8_t *address, const char **reason)
{
	size_t i = 0;
	int part;

	for (part = 0; part < 4; part++) {
		size_t start;
		int value = 0;

		if (part && (i == length || text[i++] != '.'))
			return refuse(reason, "an IPv4 address has four parts, as in 10.0.0.0");
		start = i;
		while (i < length && is_digit(text[i])) {
			value = value * 10 + (text[i++] - '0');
			if (value > 255)
				return refuse(reason, "a part of an IPv4 address is above 255");
		}
		if (i == start)
			return refuse(reason,
				      "a part of an IPv4 address is not a decimal number");
		if (i - start > 1 && text[start] == '0')
			return refuse(reason,
				      "a part of an IPv4 address has a leading zero");
		address[part] = (uint8_t)value;
	}
	if (i != length)
		return refuse(reason, "something follows the IPv4 address");
	return 0;
}

/* Opens up the run of zeros that "::" stands for, at byte gap. */
static void expand_gap(uint8_t *address, size_t gap, size_t used)
{
	size_t tail = used - gap;

	memmove(address + 16 - tail, address + gap, tail);
	memset(address + gap, 0, 16 - used);
}

static int parse_ipv6(const char *text, size_t length, uint8_t *address, const char **reason)
{
	bool has_gap = false;
	size_t gap = 0;
	size_t used = 0;
	size_t i = 0;

	memset(address, 0, 16);
	if (memchr(text, '%', length))
		return refuse(reason, "an address with a zone (%) is no prefix");
	if (length >= 2 && text[0] == ':' && text[1] == ':') {
		has_gap = true;
		i = 2;
	}
	while (i < length && used < 16) {
		size_t start = i;
		unsigned int value = 0;

		while (i < length && hex_value(text[i]) >= 0) {
			if (i - start == 4)
				return refuse(reason,
					      "a group of an IPv6 address has more than four digits");
			value = value << 4 | (unsigned int)hex_value(text[i++]);
		}
		if (i == start)
			return refuse(reason, "a group of an IPv6 address is not hexadecimal");
		if (i < length && text[i] == '.') {
			/* The last 32 bits may be written as an IPv4 address. */
			if (used > 12 || (!has_gap && used != 12))
				return refuse(reason,
					      "the dotted part is not at the end of the IPv6 address");
			if (parse_ipv4(text + start, length - start, address + used, reason))
				return -EINVAL;
			used += 4;
			i = length;
			break;
		}
		address[used++] = (uint8_t)(value >> 8);
		address[used++] = (uint8_t)value;
		if (i == length)
			break;
		if (text[i] != ':' || i + 1 == length)
			return refuse(reason, "something follows the IPv6 address");
		i++;
		if (text[i] == ':') {
			if (has_gap)
				return refuse(reason, "an IPv6 address has more than one ::");
			has_gap = true;
			gap = used;
			i++;
		}
	}
	if (i != length)
		return refuse(reason, "an IPv6 address has more than eight groups");
	if (has_gap) {
		if (used == 16)
			return refuse(reason, "the :: of an IPv6 address stands for nothing");
		expand_gap(address, gap, used);
	} else if (used < 16) {
		return refuse(reason, "an IPv6 address has fewer than eight groups and no ::");
	}
	return 0;
}

static int parse_address(const char *text, size_t length, struct cidr *host, const char **reason)
{
	size_t i;

	memset(host, 0, sizeof(*host));
	if (!length)
		return refuse(reason, "there is no address");
	/* Which of the two comes first decides, as in Go's netip. */
	for (i = 0; i < length; i++) {
		if (text[i] == '.') {
			host->family = AF_INET;
			host->prefix_len = 32;
			return parse_ipv4(text, length, host->address, reason);
		}
		if (text[i] == ':') {
			host->family = AF_INET6;
			host->prefix_len = 128;
			return parse_ipv6(text, length, host->address, reason);
		}
	}
	return refuse(reason, "that is no IP address");
}

static bool is_mapped(const struct cidr *cidr)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return cidr->family == AF_INET6 && !memcmp(cidr->address, prefix, sizeof(prefix));
}

static bool has_host_bits(const struct cidr *cidr)
{
	unsigned int bytes = cidr->family == AF_INET ? 4 : 16;
	unsigned int i;

	for (i = cidr->prefix_len / 8; i < bytes; i++) {
		uint8_t host = 0xff;

		if (i == cidr->prefix_len / 8)
			host = (uint8_t)(0xff >> cidr->prefix_len % 8);
		if (cidr->address[i] & host)
			return true;
	}
	return false;
}

static int parse_prefix_len(const char *text, size_t length, struct cidr *cidr,
			    const char **reason)
{
	int most = cidr->family == AF_INET ? 32 : 128;
	int value = 0;
	size_t i;

	if (!length)
		return refuse(reason, "the prefix length after the / is missing");
	for (i = 0; i < length; i++) {
		if (!is_digit(text[i]))
			return refuse(reason, "the prefix length is not a decimal number");
		value = value * 10 + (text[i] - '0');
		if (value > most)
			return refuse(reason, most == 32 ? "the prefix length is above 32" :
							   "the prefix length is above 128");
	}
	/* Go takes 10.0.0.0/010 for /10 and iptables takes it for /8. */
	if (length > 1 && text[0] == '0')
		return refuse(reason,
			      "the prefix length has a leading zero, which some programs read as octal");
	cidr->prefix_len = (uint8_t)value;
	return 0;
}

/**
 * cidr_parse() - read a prefix, as in 10.0.0.0/8 or 2001:db8::/32
 * @text: the text, need not end with a NUL
 * @length: bytes of it
 * @cidr: what it means
 * @reason: a constant phrase that says what is wrong; may be NULL
 *
 * The rules are those of net.ParseCIDR() and of the reference agent's check for
 * host bits, without three things that it takes and its rules then do not mean:
 * prefix lengths with a leading zero and IPv4-mapped IPv6 prefixes.
 *
 * Return: 0 or -EINVAL.
 */
int cidr_parse(const char *text, size_t length, struct cidr *cidr, const char **reason)
{
	const char *slash = length ? memchr(text, '/', length) : NULL;
	size_t address_length = slash ? (size_t)(slash - text) : length;

	if (!length)
		return refuse(reason, "it is empty");
	if (!slash) {
		if (!parse_address(text, length, cidr, reason))
			refuse(reason, cidr->family == AF_INET ?
				       "the prefix length is missing, /32 is a single address" :
				       "the prefix length is missing, /128 is a single address");
		return -EINVAL;
	}
	if (parse_address(text, address_length, cidr, reason))
		return -EINVAL;
	if (parse_prefix_len(slash + 1, length - address_length - 1, cidr, reason))
		return -EINVAL;
	if (is_mapped(cidr))
		return refuse(reason,
			      "an IPv4-mapped IPv6 prefix matches no packet, write it as IPv4");
	if (has_host_bits(cidr))
		return refuse(reason, "bits are set after the prefix length");
	return 0;
}

/**
 * cidr_parse_address() - read an address, as in 10.0.0.1 or 2001:db8::1
 * @text: the text, need not end with a NUL
 * @length: bytes of it
 * @host: the address, as a prefix of full length
 * @reason: a constant phrase that says what is wrong; may be NULL
 *
 * Return: 0 or -EINVAL.
 */
int cidr_parse_address(const char *text, size_t length, struct cidr *host, const char **reason)
{
	return parse_address(text, length, host, reason);
}

/**
 * cidr_mask() - clear the bits after the prefix length
 * @cidr: a prefix with bits of a host
 */
void cidr_mask(struct cidr *cidr)
{
	unsigned int bytes = cidr->family == AF_INET ? 4 : 16;
	unsigned int i = cidr->prefix_len / 8;

	if (i >= bytes)
		return;
	cidr->address[i] &= (uint8_t)~(0xff >> cidr->prefix_len % 8);
	memset(cidr->address + i + 1, 0, sizeof(cidr->address) - i - 1);
}

/**
 * cidr_format_address() - the address alone, as text
 * @cidr: a prefix
 * @text: room for the text
 *
 * Return: @text.
 */
const char *cidr_format_address(const struct cidr *cidr, char text[CIDR_TEXT_MAX])
{
	if (!inet_ntop(cidr->family, cidr->address, text, CIDR_TEXT_MAX))
		strcpy(text, "?");
	return text;
}

/**
 * cidr_format() - a prefix as text that cidr_parse() reads
 * @cidr: a prefix
 * @text: room for the text
 *
 * Return: @text.
 */
const char *cidr_format(const struct cidr *cidr, char text[CIDR_TEXT_MAX])
{
	size_t length;

	cidr_format_address(cidr, text);
	length = strlen(text);
	snprintf(text + length, CIDR_TEXT_MAX - length, "/%u", cidr->prefix_len);
	return text;
}

/**
 * cidr_holds() - whether a prefix holds an address, or a longer prefix
 * @prefix: the prefix
 * @address: a host prefix, or any other
 */
bool cidr_holds(const struct cidr *prefix, const struct cidr *address)
{
	struct cidr masked = *address;

	if (prefix->family != address->family || prefix->prefix_len > address->prefix_len)
		return false;
	masked.prefix_len = prefix->prefix_len;
	cidr_mask(&masked);
	return cidr_compare(prefix, &masked) == 0;
}

/**
 * cidr_next() - go on to the next address
 * @address: a host prefix
 *
 * Return: false after the last address, with @address as it was.
 */
bool cidr_next(struct cidr *address)
{
	unsigned int bytes = address->family == AF_INET ? 4 : 16;
	unsigned int i = bytes;

	while (i && address->address[i - 1] == 0xff)
		i--;
	if (!i)
		return false;
	address->address[i - 1]++;
	memset(address->address + i, 0, bytes - i);
	return true;
}

/**
 * cidr_compare() - the order of the kernel's dumps
 * @a: a prefix
 * @b: another
 *
 * By family (IPv4 first), address and prefix length.
 *
 * Return: below, equal to or above 0, as memcmp() does.
 */
int cidr_compare(const struct cidr *a, const struct cidr *b)
{
	int order;

	if (a->family != b->family)
		return a->family == AF_INET ? -1 : 1;
	order = memcmp(a->address, b->address, sizeof(a->address));
	return order ? order : (int)a->prefix_len - (int)b->prefix_len;
}

/**
 * cidr_read() - read a prefix, or an address, which stands for itself
 * @text: as a person wrote it, need not end with NUL
 * @length: its bytes
 * @cidr: set on success
 * @why: filled with what is wrong, as in "no CIDR: there is no address"
 *
 * Return: 0 or -EINVAL.
 */
int cidr_read(const char *text, size_t length, struct cidr *cidr, char why[CIDR_WHY_MAX])
{
	const char *reason = "that is none";
	char right[CIDR_TEXT_MAX];
	int failed;

	failed = memchr(text, '/', length) ? cidr_parse(text, length, cidr, &reason) :
					     cidr_parse_address(text, length, cidr, &reason);
	if (!failed)
		return 0;
	snprintf(why, CIDR_WHY_MAX, "no CIDR: %s", reason);
	/* Everything else about it is right, so the prefix can be named. */
	if (strstr(reason, "bits are set")) {
		cidr_mask(cidr);
		snprintf(why, CIDR_WHY_MAX, "no CIDR: %s, the prefix is %s", reason,
			 cidr_format(cidr, right));
	}
	return -EINVAL;
}
