/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_CIDR_H
#define IPMASQ_CIDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any CIDR as text, with its terminating NUL. */
#define CIDR_TEXT_MAX 50

/* Room for what is wrong with one. */
#define CIDR_WHY_MAX 160

/**
 * struct cidr - an IPv4 or IPv6 prefix
 * @family: AF_INET or AF_INET6
 * @prefix_len: 0 to 32 or 0 to 128
 * @address: network order; IPv4 uses the first 4 bytes, the rest is zero
 */
struct cidr {
	uint8_t family;
	uint8_t prefix_len;
	uint8_t address[16];
};

int cidr_parse(const char *text, size_t length, struct cidr *cidr, const char **reason);
int cidr_parse_address(const char *text, size_t length, struct cidr *host, const char **reason);
int cidr_read(const char *text, size_t length, struct cidr *cidr, char why[CIDR_WHY_MAX]);
const char *cidr_format(const struct cidr *cidr, char text[CIDR_TEXT_MAX]);
const char *cidr_format_address(const struct cidr *cidr, char text[CIDR_TEXT_MAX]);
void cidr_mask(struct cidr *cidr);
bool cidr_holds(const struct cidr *prefix, const struct cidr *address);
bool cidr_next(struct cidr *address);
int cidr_compare(const struct cidr *a, const struct cidr *b);

#endif
