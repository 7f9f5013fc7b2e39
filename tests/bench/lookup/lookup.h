/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Longest-prefix match in user space: several ways, the same questions. */
#ifndef IPMASQ_BENCH_LOOKUP_H
#define IPMASQ_BENCH_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct prefix - one line of the table's file
 * @address: network order; IPv4 fills the first four bytes
 * @length: in bits
 */
struct prefix {
	uint8_t address[16];
	uint8_t length;
};

/**
 * struct questions - addresses to look up
 * @family: 4 or 6
 * @count: how many
 * @ipv4: host order
 * @ipv6: network order
 */
struct questions {
	int family;
	uint32_t count;
	uint32_t *ipv4;
	uint8_t (*ipv6)[16];
};

/**
 * struct contender - one way to look up
 * @name: for the result
 * @families: bit 0 IPv4, bit 1 IPv6
 * @build: takes the table; false with a word in *reason where it cannot
 * @answer: for each question the index + 1 of the longest prefix, 0 for none. One
 *	question at a time, as packets come; chained makes each wait for the answer
 *	before.
 * @memory: bytes of the table; what its answers stand for lies beside it
 * @beside: bytes of that, NULL where the benchmark has nothing there
 * @release: ends what build began
 */
struct contender {
	const char *name;
	unsigned int families;
	bool (*build)(int family, const struct prefix *prefixes, uint32_t count,
		      const char **reason);
	void (*answer)(const struct questions *questions, uint32_t *answers, bool chained);
	size_t (*memory)(void);
	size_t (*beside)(void);
	void (*release)(void);
};

extern const struct contender ipmasq_table;
extern const struct contender binary_trie;
extern const struct contender binary_search;
extern const struct contender eytzinger;
extern const struct contender dpdk_fib;
extern const struct contender dpdk_fib_byte;
extern const struct contender dpdk_lpm;

/* Building that takes longer is given up. */
#define BUILD_SECONDS 20

double seconds_now(void);

/* Always 0, which no compiler and no processor knows beforehand. */
extern volatile uint32_t always_zero;

#endif
