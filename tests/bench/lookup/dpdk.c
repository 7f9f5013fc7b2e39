// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DPDK's tables: rte_fib (dir24_8 for IPv4, with next hops of four bytes, which
 * can name a million prefixes, and of one byte, which can only say yes or no),
 * rte_fib6 (its trie) and rte_lpm.
 *
 * They ask for as many groups of 256 as the table needs and no more.
 */
#include <rte_config.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>
#include <rte_memory.h>
#include <rte_mempool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lookup.h"

/* Of a next hop with one byte one bit says whether it is a group's number. */
#define GROUPS_OF_BYTE 127

/* Memory that DPDK may take. */
#define MEGABYTES "4096"
#define GROUPS6_MAX (1 << 21)

static struct rte_fib *fib[2];
static struct rte_fib6 *fib6;
static struct rte_lpm *lpm;
static size_t lpm_rules;
static uint32_t groups[2];

/* DPDK is made for huge pages; the kernel gives some where it may. */
static int want_huge_pages(const struct rte_memseg_list *list, void *unused)
{
	(void)unused;
	madvise(list->base_va, list->len, MADV_HUGEPAGE);
	return 0;
}

static bool begin(const char **reason)
{
	static int began;
	char *arguments[] = {
		"lookup", "--no-huge", "-m", MEGABYTES, "--no-pci", "--no-shconf",
		"--no-telemetry", "--log-level=critical", "--lcores", "0@(0-1)", NULL
	};

	if (!began)
		began = rte_eal_init(sizeof(arguments) / sizeof(*arguments) - 1, arguments) < 0 ?
			-1 : 1;
	if (began < 0) {
		*reason = "DPDK does not start here";
		return false;
	}
	rte_memseg_list_walk(want_huge_pages, NULL);
	return true;
}

static uint32_t address4(const struct prefix *prefix)
{
	uint32_t address;

	memcpy(&address, prefix->address, sizeof(address));
	return rte_be_to_cpu_32(address);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

/* The /24 that have something longer in them. */
static uint32_t groups_needed(const struct prefix *prefixes, uint32_t count)
{
	uint32_t *long_ones = malloc((count + 1) * sizeof(*long_ones));
	uint32_t found = 0, different = 0, i;

	if (!long_ones)
		abort();
	for (i = 0; i < count; i++)
		if (prefixes[i].length > 24)
			long_ones[found++] = address4(&prefixes[i]) >> 8;
	qsort(long_ones, found, sizeof(*long_ones), compare_numbers);
	for (i = 0; i < found; i++)
		if (!i || long_ones[i] != long_ones[i - 1])
			different++;
	free(long_ones);
	return different + 1;
}

static bool too_long(double began, uint32_t i, const char **reason)
{
	if (i % 1024 || seconds_now() - began < BUILD_SECONDS)
		return false;
	*reason = "takes more than 20 s to fill";
	return true;
}

static bool build_dir24(const struct prefix *prefixes, uint32_t count, bool byte,
			const char **reason)
{
	struct rte_fib_conf configuration = {
		.type = RTE_FIB_DIR24_8,
		.max_routes = count * 2 + 1024,
		.dir24_8 = { .nh_sz = byte ? RTE_FIB_DIR24_8_1B : RTE_FIB_DIR24_8_4B },
	};
	double began = seconds_now();
	uint32_t i;

	groups[byte] = groups_needed(prefixes, count);
	if (byte && groups[byte] > GROUPS_OF_BYTE) {
		*reason = "has no numbers for that many groups of 256";
		return false;
	}
	configuration.dir24_8.num_tbl8 = groups[byte];
	fib[byte] = rte_fib_create(byte ? "byte" : "word", SOCKET_ID_ANY, &configuration);
	if (!fib[byte]) {
		*reason = "cannot be created";
		return false;
	}
	for (i = 0; i < count; i++) {
		if (rte_fib_add(fib[byte], address4(&prefixes[i]), prefixes[i].length,
				byte ? 1 : i + 1)) {
			*reason = "cannot hold the table";
			goto free_fib;
		}
		if (too_long(began, i, reason))
			goto free_fib;
	}
	return true;

free_fib:
	rte_fib_free(fib[byte]);
	return false;
}

static bool build_trie6(const struct prefix *prefixes, uint32_t count, const char **reason)
{
	struct rte_fib6_conf configuration = {
		.type = RTE_FIB6_TRIE,
		.max_routes = count * 2 + 1024,
		.trie = { .nh_sz = RTE_FIB6_TRIE_4B },
	};
	double began = seconds_now();
	uint32_t i;

	/* Every prefix may open a group for each byte beyond the third. */
	groups[0] = 1024;
	for (i = 0; i < count && groups[0] < GROUPS6_MAX; i++)
		groups[0] += prefixes[i].length > 24 ? (prefixes[i].length - 17) / 8 : 0;
	if (groups[0] > GROUPS6_MAX)
		groups[0] = GROUPS6_MAX;
	configuration.trie.num_tbl8 = groups[0];
	fib6 = rte_fib6_create("six", SOCKET_ID_ANY, &configuration);
	if (!fib6) {
		*reason = "needs more than " MEGABYTES " MiB";
		return false;
	}
	for (i = 0; i < count; i++) {
		if (rte_fib6_add(fib6, prefixes[i].address, prefixes[i].length, i + 1)) {
			*reason = "cannot hold the table";
			goto free_fib;
		}
		if (too_long(began, i, reason))
			goto free_fib;
	}
	return true;

free_fib:
	rte_fib6_free(fib6);
	return false;
}

static bool build_fib(int family, const struct prefix *prefixes, uint32_t count,
		      const char **reason)
{
	if (!begin(reason))
		return false;
	return family == 4 ? build_dir24(prefixes, count, false, reason) :
			     build_trie6(prefixes, count, reason);
}

static bool build_byte(int family, const struct prefix *prefixes, uint32_t count,
		       const char **reason)
{
	(void)family;
	return begin(reason) && build_dir24(prefixes, count, true, reason);
}

static bool build_lpm(int family, const struct prefix *prefixes, uint32_t count,
		      const char **reason)
{
	struct rte_lpm_config configuration = {
		.max_rules = count + 1,
		.number_tbl8s = groups_needed(prefixes, count),
	};
	double began = seconds_now();
	uint32_t i;

	(void)family;
	if (!begin(reason))
		return false;
	lpm_rules = configuration.max_rules;
	lpm = rte_lpm_create("lpm", SOCKET_ID_ANY, &configuration);
	if (!lpm) {
		*reason = "cannot be created";
		return false;
	}
	for (i = 0; i < count; i++) {
		if (rte_lpm_add(lpm, address4(&prefixes[i]), prefixes[i].length, i + 1)) {
			*reason = "cannot hold the table";
			goto free_lpm;
		}
		if (too_long(began, i, reason))
			goto free_lpm;
	}
	return true;

free_lpm:
	rte_lpm_free(lpm);
	return false;
}

static void answer_dir24(const struct questions *questions, uint32_t *answers, bool chained,
			 struct rte_fib *table)
{
	uint32_t mask = always_zero, i;
	uint64_t found = 0;

	if (chained) {
		for (i = 0; i < questions->count; i++) {
			rte_fib_lookup_bulk(table, &questions->ipv4[i + ((uint32_t)found & mask)],
					    &found, 1);
			answers[i] = found;
		}
	} else {
		for (i = 0; i < questions->count; i++) {
			rte_fib_lookup_bulk(table, &questions->ipv4[i], &found, 1);
			answers[i] = found;
		}
	}
}

static void answer_trie6(const struct questions *questions, uint32_t *answers, bool chained)
{
	uint32_t mask = always_zero, i;
	uint64_t found = 0;

	if (chained) {
		for (i = 0; i < questions->count; i++) {
			rte_fib6_lookup_bulk(fib6, questions->ipv6 + i + ((uint32_t)found & mask),
					     &found, 1);
			answers[i] = found;
		}
	} else {
		for (i = 0; i < questions->count; i++) {
			rte_fib6_lookup_bulk(fib6, questions->ipv6 + i, &found, 1);
			answers[i] = found;
		}
	}
}

static void answer_fib(const struct questions *questions, uint32_t *answers, bool chained)
{
	if (questions->family == 4)
		answer_dir24(questions, answers, chained, fib[0]);
	else
		answer_trie6(questions, answers, chained);
}

static void answer_byte(const struct questions *questions, uint32_t *answers, bool chained)
{
	answer_dir24(questions, answers, chained, fib[1]);
}

static void answer_lpm(const struct questions *questions, uint32_t *answers, bool chained)
{
	uint32_t mask = always_zero, found = 0, i;

	if (chained) {
		for (i = 0; i < questions->count; i++) {
			if (rte_lpm_lookup(lpm, questions->ipv4[i + (found & mask)], &found))
				found = 0;
			answers[i] = found;
		}
	} else {
		for (i = 0; i < questions->count; i++) {
			if (rte_lpm_lookup(lpm, questions->ipv4[i], &found))
				found = 0;
			answers[i] = found;
		}
	}
}

static size_t dir24_memory(uint32_t group_count, size_t each)
{
	return ((size_t)1 << 24) * each + (size_t)group_count * 256 * each;
}

/* What a lookup may touch. */
static size_t memory_fib(void)
{
	return dir24_memory(groups[0], 4);
}

static size_t memory_byte(void)
{
	return dir24_memory(groups[1], 1);
}

static size_t memory_lpm(void)
{
	return dir24_memory(groups[0], 4);
}

/* The routes that rte_fib keeps aside, for whoever changes them (its rte_rib): the nodes
 * in use of the pool that it gave a name.
 */
static size_t pool_use(const char *name)
{
	const struct rte_mempool *pool = rte_mempool_lookup(name);

	return !pool ? 0 : (size_t)rte_mempool_in_use_count(pool) *
			   (pool->header_size + pool->elt_size + pool->trailer_size);
}

static size_t beside_fib(void)
{
	return pool_use("MP_word") + pool_use("MP_six");
}

static size_t beside_byte(void)
{
	return pool_use("MP_byte");
}

/* Its rules, an address and a next hop each (struct rte_lpm_rule). */
static size_t beside_lpm(void)
{
	return lpm_rules * 2 * sizeof(uint32_t);
}

static void release_fib(void)
{
	rte_fib_free(fib[0]);
	rte_fib6_free(fib6);
}

static void release_byte(void)
{
	rte_fib_free(fib[1]);
}

static void release_lpm(void)
{
	rte_lpm_free(lpm);
}

const struct contender dpdk_fib = {
	.name = "rte_fib",
	.families = 3,
	.build = build_fib,
	.answer = answer_fib,
	.memory = memory_fib,
	.beside = beside_fib,
	.release = release_fib,
};

const struct contender dpdk_fib_byte = {
	.name = "rte_fib, one byte",
	.families = 1,
	.build = build_byte,
	.answer = answer_byte,
	.memory = memory_byte,
	.beside = beside_byte,
	.release = release_byte,
};

const struct contender dpdk_lpm = {
	.name = "rte_lpm",
	.families = 1,
	.build = build_lpm,
	.answer = answer_lpm,
	.memory = memory_lpm,
	.beside = beside_lpm,
	.release = release_lpm,
};
