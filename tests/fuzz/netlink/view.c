// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a namespace says of its policy, and whether that can be: against what the
 * requests have changed, and the verdicts against the entries one by one.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fuzz.h"

/* Attributes of a message of the family. */
static const struct nlattr *find(const struct nlmsghdr *header, uint16_t type)
{
	return reply_find((const uint8_t *)header + NLMSG_HDRLEN + GENL_HDRLEN,
			  header->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, type);
}

static uint64_t number(const struct nlmsghdr *header, uint16_t type)
{
	const struct nlattr *attribute = find(header, type);

	ALWAYS(attribute);
	return reply_number(attribute);
}

/* Attributes of a message of the family, one after the other. */
static void each(const struct nlmsghdr *header, uint16_t type, attribute_visit visit,
		 void *data)
{
	reply_each((const uint8_t *)header + NLMSG_HDRLEN + GENL_HDRLEN,
		   header->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, type, visit, data);
}

static void read_prefix(const struct nlattr *nest, struct prefix *prefix)
{
	const void *start = reply_value(nest);
	size_t length = reply_length(nest);
	const struct nlattr *address = reply_find(start, length, IPMASQ_A_CIDR_ADDRESS);
	const struct nlattr *bits = reply_find(start, length, IPMASQ_A_CIDR_PREFIX_LEN);

	ALWAYS(address && bits);
	memset(prefix, 0, sizeof(*prefix));
	prefix->ipv6 = reply_length(address) == 16;
	memcpy(prefix->address, reply_value(address), reply_length(address));
	prefix->length = (uint8_t)reply_number(bits);
}

static void take_source(const struct nlattr *attribute, void *data)
{
	struct view *view = data;

	ALWAYS(view->source_count < IPMASQ_SOURCE_CIDRS_MAX);
	read_prefix(attribute, &view->sources[view->source_count++]);
}

static void take_interface(const struct nlattr *attribute, void *data)
{
	struct view *view = data;

	ALWAYS(view->interface_count < IPMASQ_INTERFACES_MAX);
	ALWAYS(reply_length(attribute) <= sizeof(view->interfaces[0]));
	memcpy(view->interfaces[view->interface_count++], reply_value(attribute),
	       reply_length(attribute));
}

static bool pool_address_is_ipv6(const struct nlattr *nest)
{
	const struct nlattr *ip = reply_find(reply_value(nest), reply_length(nest),
					     IPMASQ_A_ADDRESS_IP);

	ALWAYS(ip);
	return reply_length(ip) == 16;
}

static void take_address(const struct nlattr *attribute, void *data)
{
	struct view *view = data;

	view->addresses[pool_address_is_ipv6(attribute)]++;
}

static void count_address(const struct nlattr *attribute, void *data)
{
	struct entry *entry = data;

	ALWAYS(entry->prefix.ipv6 == pool_address_is_ipv6(attribute));
	entry->addresses++;
}

static void take_policy(const struct nlmsghdr *header, void *data)
{
	struct view *view = data;
	const struct nlattr *flags;

	reply_check(header);
	memset(view->counts, 0, sizeof(view->counts));
	memset(view->addresses, 0, sizeof(view->addresses));
	view->source_count = 0;
	view->interface_count = 0;
	view->flags = 0;
	view->generation = number(header, IPMASQ_A_GENERATION);
	/* No policy has no settings. */
	if (!view->generation)
		return;
	view->counts[IPMASQ_ORIGIN_CONFIG] = number(header, IPMASQ_A_ENTRIES_CONFIG);
	view->counts[IPMASQ_ORIGIN_STATIC] = number(header, IPMASQ_A_ENTRIES_STATIC);
	ALWAYS(view->counts[IPMASQ_ORIGIN_CONFIG] + view->counts[IPMASQ_ORIGIN_STATIC] <=
	       number(header, IPMASQ_A_MAX_ENTRIES));
	flags = find(header, IPMASQ_A_FLAGS);
	ALWAYS(flags);
	memcpy(&view->flags, reply_value(flags), sizeof(view->flags));
	ALWAYS(!(view->flags & ~IPMASQ_FLAGS_ALL));
	each(header, IPMASQ_A_SOURCE_CIDR, take_source, view);
	each(header, IPMASQ_A_INTERFACE, take_interface, view);
	each(header, IPMASQ_A_SNAT_ADDRESS, take_address, view);
	ALWAYS(view->addresses[0] + view->addresses[1] <= IPMASQ_SNAT_ADDRESSES_MAX);
}

static void read_entry(const struct nlattr *nest, struct entry *entry)
{
	const void *start = reply_value(nest);
	size_t length = reply_length(nest);
	const struct nlattr *action = reply_find(start, length, IPMASQ_A_CIDR_ACTION);
	const struct nlattr *origin = reply_find(start, length, IPMASQ_A_CIDR_ORIGIN);

	ALWAYS(action && origin);
	ALWAYS(reply_find(start, length, IPMASQ_A_CIDR_CONNECTIONS));
	memset(entry, 0, sizeof(*entry));
	read_prefix(nest, &entry->prefix);
	entry->action = (uint8_t)reply_number(action);
	entry->origin = (uint8_t)reply_number(origin);
	entry->shadowed = reply_find(start, length, IPMASQ_A_CIDR_SHADOWED);
	reply_each(start, length, IPMASQ_A_CIDR_SNAT_ADDRESS, count_address, entry);
	ALWAYS((entry->action == IPMASQ_ACTION_SNAT) == !!entry->addresses);
	ALWAYS(entry->addresses <= IPMASQ_SNAT_ADDRESSES_MAX);
}

static void take_entry(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *nest = find(header, IPMASQ_A_CIDR);
	struct view *view = data;

	reply_check(header);
	ALWAYS(!(header->nlmsg_flags & NLM_F_DUMP_INTR));
	ALWAYS(nest);
	ALWAYS(number(header, IPMASQ_A_GENERATION) == view->generation);
	if (view->entry_count == view->entry_room) {
		view->entry_room = view->entry_room ? view->entry_room * 2 : 64;
		view->entries = realloc(view->entries, view->entry_room * sizeof(*view->entries));
		ALWAYS(view->entries);
	}
	read_entry(nest, &view->entries[view->entry_count++]);
}

static void take_count(const struct nlattr *attribute, void *data)
{
	const void *inside = reply_value(attribute);
	size_t size = reply_length(attribute);
	const struct nlattr *family = reply_find(inside, size, IPMASQ_A_STATS_FAMILY);
	const struct nlattr *count = reply_find(inside, size, IPMASQ_A_STATS_CONNECTIONS);
	struct view *view = data;

	ALWAYS(family && count);
	view->connections[reply_number(family) == AF_INET6] += reply_number(count);
}

static void take_statistics(const struct nlmsghdr *header, void *data)
{
	struct view *view = data;

	reply_check(header);
	ALWAYS(number(header, IPMASQ_A_GENERATION) == view->generation);
	memset(view->connections, 0, sizeof(view->connections));
	each(header, IPMASQ_A_STATS, take_count, view);
}

/**
 * view_take() - ask for everything
 * @view: is overwritten; its entries' memory is used again
 * @socket: that nobody else uses
 */
void view_take(struct view *view, int socket)
{
	static struct message message;

	view->entry_count = 0;
	message_begin(&message, family_number, IPMASQ_CMD_POLICY_GET, NLM_F_REQUEST | NLM_F_ACK);
	socket_ask(socket, &message, take_policy, view);
	message_begin(&message, family_number, IPMASQ_CMD_CIDR_GET, NLM_F_REQUEST | NLM_F_DUMP);
	socket_ask(socket, &message, take_entry, view);
	message_begin(&message, family_number, IPMASQ_CMD_STATS_GET, NLM_F_REQUEST | NLM_F_ACK);
	socket_ask(socket, &message, take_statistics, view);
}

static unsigned int bits_of(const struct prefix *prefix)
{
	return prefix->ipv6 ? 128 : 32;
}

static bool bit(const uint8_t *address, unsigned int number)
{
	return address[number / 8] & 0x80 >> number % 8;
}

static int compare_prefixes(const struct prefix *a, const struct prefix *b)
{
	int order;

	if (a->ipv6 != b->ipv6)
		return a->ipv6 ? 1 : -1;
	order = memcmp(a->address, b->address, sizeof(a->address));
	return order ? order : (int)a->length - (int)b->length;
}

static void check_entry(const struct view *view, size_t i)
{
	const struct entry *entry = &view->entries[i];
	const struct entry *next = i + 1 < view->entry_count ? entry + 1 : NULL;
	unsigned int number;
	int order;

	ALWAYS(entry->prefix.length <= bits_of(&entry->prefix));
	for (number = entry->prefix.length; number < bits_of(&entry->prefix); number++)
		ALWAYS(!bit(entry->prefix.address, number));
	order = next ? compare_prefixes(&entry->prefix, &next->prefix) : -1;
	ALWAYS(order < 0 || (order == 0 && entry->origin < next->origin));
	/* The static one is the second of two. */
	ALWAYS(entry->shadowed == (order == 0));
}

/**
 * view_check() - whether a namespace can be what it says
 * @view: what it says
 * @tally: what requests have done to it; takes over a generation that was carried over
 */
void view_check(const struct view *view, struct tally *tally)
{
	uint64_t counts[IPMASQ_ORIGIN_STATIC + 1] = { 0 };
	size_t i;

	/* The generation that was carried over is one that the generator made up. */
	if (tally->carried && view->generation > tally->generation) {
		tally->generation = view->generation;
		tally->carried = false;
	}
	ALWAYS(view->generation == (tally->exists ? tally->generation : 0));
	for (i = 0; i < view->entry_count; i++) {
		check_entry(view, i);
		counts[view->entries[i].origin]++;
	}
	ALWAYS(counts[IPMASQ_ORIGIN_CONFIG] == view->counts[IPMASQ_ORIGIN_CONFIG]);
	ALWAYS(counts[IPMASQ_ORIGIN_STATIC] == view->counts[IPMASQ_ORIGIN_STATIC]);
}

static bool holds(const struct prefix *prefix, bool ipv6, const uint8_t *address)
{
	unsigned int i;

	if (prefix->ipv6 != ipv6)
		return false;
	for (i = 0; i < prefix->length; i++) {
		if (bit(prefix->address, i) != bit(address, i))
			return false;
	}
	return true;
}

/* Every entry in turn, the longest that holds the address decides. */
static const struct entry *decide(const struct view *view, bool ipv6, const uint8_t *address)
{
	const struct entry *found = NULL;
	size_t i;

	for (i = 0; i < view->entry_count; i++) {
		const struct entry *entry = &view->entries[i];

		if (!entry->shadowed && holds(&entry->prefix, ipv6, address) &&
		    (!found || entry->prefix.length >= found->prefix.length))
			found = entry;
	}
	return found;
}

/* The lists, in their order: 0 where none of them decides. */
static uint8_t decide_lists(const struct view *view, bool ipv6, const uint8_t *source,
			    const char *interface)
{
	unsigned int i;

	for (i = 0; i < view->source_count; i++) {
		if (holds(&view->sources[i], ipv6, source))
			break;
	}
	if (view->source_count && i == view->source_count)
		return IPMASQ_VERDICT_SOURCE;
	for (i = 0; i < view->interface_count; i++) {
		if (!fnmatch(view->interfaces[i], interface, 0))
			break;
	}
	if (view->interface_count && i == view->interface_count)
		return IPMASQ_VERDICT_INTERFACE;
	return 0;
}

/* What scenarios/fuzz-netlink.sh gives the namespace. */
static const uint8_t own4[16] = { 10, 99, 0, 1 };
static const uint8_t own6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0x99, [15] = 1 };

static bool is_own(bool ipv6, const uint8_t *source)
{
	return !memcmp(source, ipv6 ? own6 : own4, ipv6 ? 16 : 4);
}

struct answer {
	uint8_t verdict;
	uint32_t interface;
	bool has_entry;
	struct entry entry;
};

static void take_answer(const struct nlmsghdr *header, void *data)
{
	const struct nlattr *nest = find(header, IPMASQ_A_CIDR);
	struct answer *answer = data;

	reply_check(header);
	answer->verdict = (uint8_t)number(header, IPMASQ_A_VERDICT);
	answer->interface = (uint32_t)number(header, IPMASQ_A_OUTPUT_INTERFACE);
	answer->has_entry = nest;
	if (nest)
		read_entry(nest, &answer->entry);
}

/**
 * view_ask() - ask for a verdict and compare it with the entries
 * @view: just taken, of a policy
 * @socket: that nobody else uses
 * @chance: chooses the destination
 * @ipv6: or IPv4
 */
void view_ask(const struct view *view, int socket, struct chance *chance, bool ipv6)
{
	static struct message message;
	const struct entry *wanted;
	struct answer answer = { 0 };
	uint8_t source[16], destination[16], verdict;
	size_t length = ipv6 ? 16 : 4;
	unsigned int addresses;

	address_choose(chance, ipv6, source);
	address_choose(chance, ipv6, destination);
	/* Which the routing table has: in networks that are not special. */
	destination[0] = ipv6 ? 0x20 : (uint8_t)(11 + chance_below(chance, 100));
	source[0] = destination[0];
	if (chance_percent(chance, 10))
		memcpy(source, ipv6 ? own6 : own4, sizeof(source));
	message_begin(&message, family_number, IPMASQ_CMD_EXPLAIN, NLM_F_REQUEST | NLM_F_ACK);
	message_put(&message, IPMASQ_A_SOURCE, source, length);
	message_put(&message, IPMASQ_A_DESTINATION, destination, length);
	socket_ask(socket, &message, take_answer, &answer);
	if (!(view->flags & IPMASQ_FLAG_ENABLED) || (ipv6 && !(view->flags & IPMASQ_FLAG_IPV6))) {
		ALWAYS(answer.verdict == IPMASQ_VERDICT_DISABLED);
		return;
	}
	verdict = decide_lists(view, ipv6, source, answer.interface == 1 ? "lo" : "out");
	if (verdict) {
		ALWAYS(answer.verdict == verdict && !answer.has_entry);
		return;
	}
	wanted = decide(view, ipv6, destination);
	addresses = wanted && wanted->action == IPMASQ_ACTION_SNAT ? wanted->addresses :
								    view->addresses[ipv6];
	if (wanted && wanted->action == IPMASQ_ACTION_SKIP) {
		ALWAYS(answer.verdict == IPMASQ_VERDICT_CIDR);
	} else if (addresses) {
		/* A source of the node's own keeps its address. */
		ALWAYS(answer.verdict == IPMASQ_VERDICT_LOCAL ||
		       answer.verdict == (is_own(ipv6, source) ? IPMASQ_VERDICT_SOURCE :
								 IPMASQ_VERDICT_SNAT));
	} else {
		ALWAYS(answer.verdict == IPMASQ_VERDICT_MASQUERADE ||
		       answer.verdict == IPMASQ_VERDICT_FAILED ||
		       answer.verdict == IPMASQ_VERDICT_LOCAL);
	}
	ALWAYS(!wanted || answer.has_entry || answer.verdict == IPMASQ_VERDICT_LOCAL);
	ALWAYS(!answer.has_entry ||
	       (wanted && !compare_prefixes(&wanted->prefix, &answer.entry.prefix)));
}
