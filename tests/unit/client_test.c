// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the client: what it builds is what libnl reads back, and what it
 * reads is what was written, or refused. No kernel takes part. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/genl/genl.h>

#include <cmocka.h>

#include "client_fixture.h"

static void test_header(void **state)
{
	struct nl_msg *made = client_message(&client, IPMASQ_CMD_CIDR_GET, NLM_F_DUMP, 256);
	const struct nlmsghdr *header = nlmsg_hdr(made);
	const struct genlmsghdr *generic = nlmsg_data(header);

	(void)state;
	assert_int_equal(header->nlmsg_type, FAMILY);
	assert_int_equal(header->nlmsg_flags & NLM_F_DUMP, NLM_F_DUMP);
	assert_int_equal(generic->cmd, IPMASQ_CMD_CIDR_GET);
	assert_int_equal(generic->version, IPMASQ_FAMILY_VERSION);
	nlmsg_free(made);
}

/* Reads the entries of a request, and checks their form on the way. */
static size_t read_entries(struct nl_msg *request, struct policy_entry *entries)
{
	const struct genlmsghdr *generic = genlmsg_hdr(nlmsg_hdr(request));
	struct nlattr *nested[IPMASQ_A_CIDR_MAX + 1];
	struct nlattr *attribute;
	size_t count = 0;
	int left;

	nla_for_each_attr(attribute, genlmsg_attrdata(generic, 0),
			  genlmsg_attrlen(generic, 0), left) {
		struct policy_entry *entry = &entries[count];
		int length;

		if (nla_type(attribute) != IPMASQ_A_CIDR)
			continue;
		/* Strict validation in the kernel asks for the flag. */
		assert_true(attribute->nla_type & NLA_F_NESTED);
		assert_int_equal(nla_parse_nested(nested, IPMASQ_A_CIDR_MAX, attribute, NULL), 0);
		memset(entry, 0, sizeof(*entry));
		length = nla_len(nested[IPMASQ_A_CIDR_ADDRESS]);
		entry->cidr.family = length == 4 ? AF_INET : AF_INET6;
		assert_true(length == 4 || length == 16);
		memcpy(entry->cidr.address, nla_data(nested[IPMASQ_A_CIDR_ADDRESS]), length);
		assert_int_equal(nla_len(nested[IPMASQ_A_CIDR_PREFIX_LEN]), 1);
		entry->cidr.prefix_len = nla_get_u8(nested[IPMASQ_A_CIDR_PREFIX_LEN]);
		if (nested[IPMASQ_A_CIDR_ACTION])
			entry->action = nla_get_u32(nested[IPMASQ_A_CIDR_ACTION]);
		/* They are read back by client_parse_entry(), see test_detail(). */
		assert_null(nested[IPMASQ_A_CIDR_TIMEOUT]);
		assert_null(nested[IPMASQ_A_CIDR_SNAT_ADDRESS]);
		count++;
	}
	return count;
}

static void test_entries(void **state)
{
	const struct policy_entry entries[] = {
		{ .cidr = cidr("10.0.0.0/8"), .action = IPMASQ_ACTION_SKIP },
		{ .cidr = cidr("10.9.0.0/16"), .action = IPMASQ_ACTION_MASQUERADE },
		{ .cidr = cidr("2001:db8::/32"), .action = IPMASQ_ACTION_MASQUERADE },
		{ .cidr = cidr("0.0.0.0/0"), .action = IPMASQ_ACTION_SKIP },
		{ .cidr = cidr("::1/128"), .action = IPMASQ_ACTION_SKIP },
	};
	struct policy_entry seen[8];
	struct nl_msg *made;
	size_t i;

	(void)state;
	made = message(IPMASQ_CMD_CIDR_ADD, 4096);
	assert_int_equal(client_put_entries(made, entries, 5, true), 5);
	assert_int_equal(read_entries(made, seen), 5);
	for (i = 0; i < 5; i++) {
		assert_int_equal(cidr_compare(&seen[i].cidr, &entries[i].cidr), 0);
		/* skip is what the module assumes. */
		assert_int_equal(seen[i].action, entries[i].action == IPMASQ_ACTION_SKIP ?
				 0 : entries[i].action);
	}
	nlmsg_free(made);

	/* A deletion has no actions: the module refuses them there. */
	made = message(IPMASQ_CMD_CIDR_DEL, 4096);
	assert_int_equal(client_put_entries(made, entries, 5, false), 5);
	assert_int_equal(read_entries(made, seen), 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(seen[i].action, 0);
	nlmsg_free(made);
}

/* However many there are: every message is full but no longer than it may be,
 * and together they hold each entry once, in order. */
static void test_batches(void **state)
{
	enum { COUNT = 10000 };
	struct policy_entry *entries = calloc(COUNT, sizeof(*entries));
	struct policy_entry *seen = calloc(COUNT, sizeof(*seen));
	struct nl_msg *made;
	size_t messages = 0;
	size_t done = 0;
	size_t i;

	(void)state;
	assert_non_null(entries);
	assert_non_null(seen);
	for (i = 0; i < COUNT; i++) {
		entries[i].cidr.family = i % 3 ? AF_INET : AF_INET6;
		entries[i].cidr.prefix_len = 24;
		entries[i].cidr.address[0] = i >> 8;
		entries[i].cidr.address[1] = i;
		entries[i].action = i % 2 ? IPMASQ_ACTION_SKIP : IPMASQ_ACTION_MASQUERADE;
	}
	while (done < COUNT) {
		size_t put;

		made = message(IPMASQ_CMD_TRANSACTION_ADD, CLIENT_BATCH_SIZE);
		put = client_put_entries(made, entries + done, COUNT - done, true);
		assert_true(put > 0);
		assert_true(nlmsg_hdr(made)->nlmsg_len <= CLIENT_BATCH_SIZE);
		if (done + put < COUNT)
			assert_true(nlmsg_hdr(made)->nlmsg_len + CLIENT_ENTRY_SIZE >
				    CLIENT_BATCH_SIZE);
		assert_int_equal(read_entries(made, seen + done), put);
		nlmsg_free(made);
		done += put;
		messages++;
	}
	assert_in_range(messages, 2, COUNT / 500);
	for (i = 0; i < COUNT; i++)
		assert_int_equal(cidr_compare(&seen[i].cidr, &entries[i].cidr), 0);
	free(entries);
	free(seen);
}

static void test_no_room(void **state)
{
	const struct policy_entry entry = { .cidr = cidr("10.0.0.0/8") };
	const struct policy_settings settings = { .flags_named = IPMASQ_FLAGS_ALL };
	struct nl_msg *made = message(IPMASQ_CMD_CIDR_ADD, NLMSG_HDRLEN + GENL_HDRLEN + 4);

	(void)state;
	assert_int_equal(client_put_entries(made, &entry, 1, true), 0);
	assert_int_equal(client_put_settings(made, &settings), -EMSGSIZE);
	assert_int_equal(client_put_generation(made, 7), -EMSGSIZE);
	nlmsg_free(made);
}

/* A timeout and a pool come back as they were sent, among entries without. */
static void test_detail(void **state)
{
	enum { COUNT = 3 };
	struct cidr pool[IPMASQ_SNAT_ADDRESSES_MAX + 1];
	struct policy_entry entries[COUNT] = {
		{ .cidr = cidr("198.51.100.0/24"), .action = IPMASQ_ACTION_SKIP },
		{ .cidr = cidr("203.0.113.0/24"), .action = IPMASQ_ACTION_SNAT },
		{ .cidr = cidr("2001:db8::/32"), .action = IPMASQ_ACTION_SNAT },
	};
	struct client changing = client;
	size_t i;

	(void)state;
	for (i = 0; i < IPMASQ_SNAT_ADDRESSES_MAX + 1; i++) {
		pool[i] = cidr("2001:db8:1::/128");
		pool[i].address[15] = i;
	}
	entries[0].detail = policy_detail_new(600000, NULL, 0);
	entries[1].detail = policy_detail_new(0, (struct cidr[]){ cidr("192.0.2.7/32") }, 1);
	entries[2].detail = policy_detail_new(UINT64_MAX, pool, IPMASQ_SNAT_ADDRESSES_MAX);
	assert_int_equal(client_check_entries(&changing, "no", entries, COUNT), 0);
	for (i = 0; i < COUNT; i++) {
		struct nl_msg *made = message(IPMASQ_CMD_CIDR_GET,
					      CLIENT_HEAD_SIZE + client_entry_size(&entries[i]));
		struct policy_entry seen;
		uint64_t generation;

		nla_put_u64(made, IPMASQ_A_GENERATION, 2);
		assert_int_equal(client_put_entries(made, &entries[i], 1, true), 1);
		assert_int_equal(client_parse_entry(nlmsg_hdr(made), &generation, &seen), 0);
		nlmsg_free(made);
		assert_non_null(seen.detail);
		assert_int_equal(seen.detail->timeout, entries[i].detail->timeout);
		assert_int_equal(seen.detail->address_count, entries[i].detail->address_count);
		/* An action of skip is not sent. */
		seen.action = entries[i].action;
		assert_true(policy_entry_equal(&seen, &entries[i]));
		free(seen.detail);

		/* Without room for the pool nothing is put, not a part of it. */
		made = message(IPMASQ_CMD_CIDR_ADD, NLMSG_HDRLEN + GENL_HDRLEN +
			       client_entry_size(&entries[i]) - 1);
		assert_int_equal(client_put_entries(made, &entries[i], 1, true), 0);
		assert_int_equal(nlmsg_datalen(nlmsg_hdr(made)), GENL_HDRLEN);
		/* A deletion is of the prefix alone. */
		nlmsg_free(made);
		made = message(IPMASQ_CMD_CIDR_DEL, CLIENT_HEAD_SIZE);
		assert_int_equal(client_put_entries(made, &entries[i], 1, false), 1);
		assert_int_equal(read_entries(made, &seen), 1);
		nlmsg_free(made);
	}
	free(entries[2].detail);
	entries[2].detail = policy_detail_new(0, pool, IPMASQ_SNAT_ADDRESSES_MAX + 1);
	assert_int_equal(client_check_entries(&changing, "cannot add", entries, COUNT), -E2BIG);
	assert_string_equal(client_error(&changing),
			    "cannot add: 2001:db8::/32 has too many source addresses (65), at most 64");
	for (i = 0; i < COUNT; i++)
		free(entries[i].detail);
}

static void test_flow(void **state)
{
	struct client_flow flow = {
		.source = cidr("10.1.0.5/32"), .destination = cidr("8.8.8.8/32"),
	};
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
	struct nl_msg *made;

	(void)state;
	made = message(IPMASQ_CMD_EXPLAIN, CLIENT_HEAD_SIZE);
	assert_int_equal(client_put_flow(made, &flow), 0);
	parse_message(made, attributes);
	assert_int_equal(nla_len(attributes[IPMASQ_A_SOURCE]), 4);
	assert_memory_equal(nla_data(attributes[IPMASQ_A_DESTINATION]), "\x08\x08\x08\x08", 4);
	assert_null(attributes[IPMASQ_A_OUTPUT_INTERFACE]);
	assert_null(attributes[IPMASQ_A_PROTOCOL]);
	assert_null(attributes[IPMASQ_A_SOURCE_PORT]);
	nlmsg_free(made);

	flow = (struct client_flow){
		.source = cidr("2001:db8::1/128"), .destination = cidr("2001:db8::2/128"),
		.output_interface = 300, .protocol = 17, .source_port = 40000,
	};
	made = message(IPMASQ_CMD_EXPLAIN, CLIENT_HEAD_SIZE);
	assert_int_equal(client_put_flow(made, &flow), 0);
	parse_message(made, attributes);
	assert_int_equal(nla_len(attributes[IPMASQ_A_SOURCE]), 16);
	assert_int_equal(nla_get_u32(attributes[IPMASQ_A_OUTPUT_INTERFACE]), 300);
	assert_int_equal(nla_get_u8(attributes[IPMASQ_A_PROTOCOL]), 17);
	assert_int_equal(nla_get_u16(attributes[IPMASQ_A_SOURCE_PORT]), 40000);
	nlmsg_free(made);
}

static void test_status(void **state)
{
	struct client_status status;
	int32_t priority = -5;
	struct nl_msg *made;

	(void)state;
	made = message(IPMASQ_CMD_POLICY_GET, 4096);
	nla_put_u32(made, IPMASQ_A_FLAGS, IPMASQ_FLAG_ENABLED);
	nla_put(made, IPMASQ_A_PRIORITY, sizeof(priority), &priority);
	nla_put_u32(made, IPMASQ_A_ENTRIES_CONFIG, 3);
	nla_put_u32(made, IPMASQ_A_ENTRIES_STATIC, 4);
	nla_put_u32(made, IPMASQ_A_MAX_ENTRIES, 5);
	nla_put_u64(made, IPMASQ_A_MEMORY, 1ULL << 33);
	/* Longer than there is room for: cut, not overrun. */
	nla_put_string(made, IPMASQ_A_MODULE_VERSION,
		       "a-version-that-is-longer-than-anybody-would-think-of");
	/* Of a newer module. */
	nla_put_u32(made, IPMASQ_A_MAX + 5, 1);
	assert_int_equal(client_parse_status(nlmsg_hdr(made), &status), -EBADMSG);

	nla_put_u64(made, IPMASQ_A_GENERATION, 9);
	assert_int_equal(client_parse_status(nlmsg_hdr(made), &status), 0);
	assert_int_equal(status.generation, 9);
	assert_int_equal(status.settings.flags, IPMASQ_FLAG_ENABLED);
	assert_int_equal(status.settings.flags_named, IPMASQ_FLAGS_ALL);
	assert_true(status.settings.list[SETTING_TO_PORTS].named);
	assert_int_equal(status.settings.list[SETTING_TO_PORTS].count, 0);
	assert_int_equal(status.priority, -5);
	assert_int_equal(status.entries_config, 3);
	assert_int_equal(status.entries_static, 4);
	assert_int_equal(status.max_entries, 5);
	assert_int_equal(status.memory, 1ULL << 33);
	assert_int_equal(strlen(status.module_version), sizeof(status.module_version) - 1);
	client_status_clear(&status);
	nlmsg_free(made);
}

/* One message of a dump, with an address and a prefix length as given. */
static int parse_entry(const void *address, int address_length, uint8_t prefix_len,
		       struct policy_entry *entry)
{
	struct nl_msg *made = message(IPMASQ_CMD_CIDR_GET, 4096);
	struct nlattr *nest;
	uint64_t generation;
	int result;

	nla_put_u64(made, IPMASQ_A_GENERATION, 2);
	nest = nla_nest_start(made, IPMASQ_A_CIDR);
	nla_put(made, IPMASQ_A_CIDR_ADDRESS, address_length, address);
	nla_put_u8(made, IPMASQ_A_CIDR_PREFIX_LEN, prefix_len);
	nla_put_u32(made, IPMASQ_A_CIDR_ACTION, IPMASQ_ACTION_MASQUERADE);
	nla_put_u32(made, IPMASQ_A_CIDR_ORIGIN, IPMASQ_ORIGIN_CONFIG);
	nla_put_u64(made, IPMASQ_A_CIDR_CONNECTIONS, 12345678901234ULL);
	nla_put_flag(made, IPMASQ_A_CIDR_SHADOWED);
	nla_nest_end(made, nest);
	result = client_parse_entry(nlmsg_hdr(made), &generation, entry);
	if (!result)
		assert_int_equal(generation, 2);
	nlmsg_free(made);
	return result;
}

static void test_entry(void **state)
{
	const uint8_t address[17] = { 10, 9 };
	const struct cidr wanted = cidr("10.9.0.0/16");
	struct policy_entry entry;

	(void)state;
	assert_int_equal(parse_entry(address, 4, 16, &entry), 0);
	assert_int_equal(cidr_compare(&entry.cidr, &wanted), 0);
	assert_int_equal(entry.action, IPMASQ_ACTION_MASQUERADE);
	assert_int_equal(entry.origin, IPMASQ_ORIGIN_CONFIG);
	assert_int_equal(entry.connections, 12345678901234ULL);
	assert_true(entry.shadowed);
	assert_int_equal(parse_entry(address, 4, 32, &entry), 0);
	assert_int_equal(parse_entry(address, 16, 128, &entry), 0);
	assert_int_equal(entry.cidr.family, AF_INET6);

	assert_int_equal(parse_entry(address, 4, 33, &entry), -EBADMSG);
	assert_int_equal(parse_entry(address, 16, 129, &entry), -EBADMSG);
	assert_int_equal(parse_entry(address, 0, 0, &entry), -EBADMSG);
	assert_int_equal(parse_entry(address, 5, 8, &entry), -EBADMSG);
	assert_int_equal(parse_entry(address, 17, 8, &entry), -EBADMSG);
}

static void test_explanation(void **state)
{
	struct client_explanation explanation;
	const struct policy_entry decided = {
		.cidr = cidr("10.9.0.0/16"), .action = IPMASQ_ACTION_MASQUERADE,
	};
	const struct policy_settings settings = {
		.list[SETTING_TO_PORTS] = { &(struct port_range){ 1024, 2000 }, 1, true },
	};
	struct nl_msg *made;

	(void)state;
	made = message(IPMASQ_CMD_EXPLAIN, 4096);
	nla_put_u64(made, IPMASQ_A_GENERATION, 3);
	assert_int_equal(client_parse_explanation(nlmsg_hdr(made), &explanation), -EBADMSG);
	nla_put_u32(made, IPMASQ_A_VERDICT, IPMASQ_VERDICT_LOCAL);
	assert_int_equal(client_parse_explanation(nlmsg_hdr(made), &explanation), 0);
	assert_false(explanation.has_entry);
	assert_false(explanation.has_address);
	client_explanation_clear(&explanation);

	client_put_entries(made, &decided, 1, true);
	client_put_settings(made, &settings);
	nla_put_u32(made, IPMASQ_A_OUTPUT_INTERFACE, 4);
	nla_put(made, IPMASQ_A_MASQUERADE_ADDRESS, 4, "\xc0\x00\x02\x01");
	assert_int_equal(client_parse_explanation(nlmsg_hdr(made), &explanation), 0);
	assert_int_equal(explanation.verdict, IPMASQ_VERDICT_LOCAL);
	assert_true(explanation.has_entry);
	assert_int_equal(explanation.entry.action, IPMASQ_ACTION_MASQUERADE);
	assert_true(explanation.has_address);
	assert_int_equal(explanation.address.prefix_len, 32);
	assert_int_equal(explanation.output_interface, 4);
	assert_int_equal(explanation.port_range_count, 1);
	assert_int_equal(explanation.port_ranges[0].last, 2000);
	client_explanation_clear(&explanation);
	client_explanation_clear(&explanation);
	nlmsg_free(made);
}

static void put_stats(struct nl_msg *made, uint8_t family, uint8_t verdict, uint64_t count)
{
	struct nlattr *nest = nla_nest_start(made, IPMASQ_A_STATS);

	nla_put_u32(made, IPMASQ_A_STATS_FAMILY, family);
	nla_put_u32(made, IPMASQ_A_STATS_VERDICT, verdict);
	nla_put_u64(made, IPMASQ_A_STATS_CONNECTIONS, count);
	nla_nest_end(made, nest);
}

static void test_statistics(void **state)
{
	struct client_statistics statistics;
	struct nl_msg *made;

	(void)state;
	made = message(IPMASQ_CMD_STATS_GET, 4096);
	nla_put_u64(made, IPMASQ_A_GENERATION, 3);
	put_stats(made, AF_INET, IPMASQ_VERDICT_CIDR, 11);
	put_stats(made, AF_INET6, IPMASQ_VERDICT_FAILED, 22);
	/* Of a newer module. */
	put_stats(made, AF_INET, IPMASQ_VERDICT_MAX + 1, 33);
	put_stats(made, AF_INET6, 255, 44);
	assert_int_equal(client_parse_statistics(nlmsg_hdr(made), &statistics), 0);
	assert_int_equal(statistics.generation, 3);
	assert_int_equal(statistics.connections[0][IPMASQ_VERDICT_CIDR], 11);
	assert_int_equal(statistics.connections[1][IPMASQ_VERDICT_CIDR], 0);
	assert_int_equal(statistics.connections[1][IPMASQ_VERDICT_FAILED], 22);

	nla_nest_end(made, nla_nest_start(made, IPMASQ_A_STATS));
	nla_put(made, IPMASQ_A_STATS, 0, NULL);
	assert_int_equal(client_parse_statistics(nlmsg_hdr(made), &statistics), -EBADMSG);
	nlmsg_free(made);
}

static void test_event(void **state)
{
	struct client_event event;
	struct nl_msg *made;

	(void)state;
	made = message(IPMASQ_CMD_POLICY_CHANGED, 4096);
	nla_put_u64(made, IPMASQ_A_GENERATION, 8);
	assert_int_equal(client_parse_event(nlmsg_hdr(made), &event), -EBADMSG);
	nla_put_u32(made, IPMASQ_A_CAUSE, IPMASQ_CMD_CIDR_ADD);
	nla_put_u32(made, IPMASQ_A_PORT_ID, 4000000000u);
	assert_int_equal(client_parse_event(nlmsg_hdr(made), &event), 0);
	assert_int_equal(event.generation, 8);
	assert_int_equal(event.cause, IPMASQ_CMD_CIDR_ADD);
	assert_int_equal(event.origin, 0);
	assert_int_equal(event.port_id, 4000000000u);
	assert_int_equal(event.command, IPMASQ_CMD_POLICY_CHANGED);
	nlmsg_free(made);

	made = message(IPMASQ_CMD_PORTS_EXHAUSTED, 4096);
	nla_put_u8(made, IPMASQ_A_PROTOCOL, 17);
	nla_put(made, IPMASQ_A_SOURCE, 4, "\x0a\x01\x00\x05");
	nla_put(made, IPMASQ_A_DESTINATION, 4, "\x08\x08\x08\x08");
	nla_put(made, IPMASQ_A_MASQUERADE_ADDRESS, 4, "\xc0\x00\x02\x01");
	assert_int_equal(client_parse_event(nlmsg_hdr(made), &event), -EBADMSG);
	nla_put_u64(made, IPMASQ_A_CONNECTIONS, 1ULL << 40);
	assert_int_equal(client_parse_event(nlmsg_hdr(made), &event), 0);
	assert_int_equal(event.command, IPMASQ_CMD_PORTS_EXHAUSTED);
	assert_int_equal(event.generation, 0);
	assert_int_equal(event.exhaustion.protocol, 17);
	assert_int_equal(event.exhaustion.source_port, 0);
	assert_int_equal(event.exhaustion.connections, 1ULL << 40);
	assert_int_equal(event.exhaustion.address.prefix_len, 32);
	assert_memory_equal(event.exhaustion.destination.address, "\x08\x08\x08\x08", 4);
	nla_put_u16(made, IPMASQ_A_SOURCE_PORT, 40000);
	nla_put_u16(made, IPMASQ_A_DESTINATION_PORT, 53);
	assert_int_equal(client_parse_event(nlmsg_hdr(made), &event), 0);
	assert_int_equal(event.exhaustion.source_port, 40000);
	assert_int_equal(event.exhaustion.destination_port, 53);
	nlmsg_free(made);

	/* A notification that only a newer module sends. */
	made = message(IPMASQ_CMD_MAX + 1, 4096);
	nla_put_u64(made, IPMASQ_A_GENERATION, 8);
	nla_put_u32(made, IPMASQ_A_CAUSE, IPMASQ_CMD_CIDR_ADD);
	assert_int_equal(client_parse_event(nlmsg_hdr(made), &event), -EBADMSG);
	nlmsg_free(made);
}

/* An attribute that is too short for its type must not be read. */
static void test_short_attributes(void **state)
{
	static const struct {
		int type;
		int length;
	} cases[] = {
		{ IPMASQ_A_GENERATION, 4 }, { IPMASQ_A_FLAGS, 3 }, { IPMASQ_A_MEMORY, 7 },
		{ IPMASQ_A_ENTRIES_CONFIG, 2 }, { IPMASQ_A_PRIORITY, 3 },
		{ IPMASQ_A_PORT_ID, 0 }, { IPMASQ_A_CAUSE, 0 }, { IPMASQ_A_PORT_RANGE, 0 },
	};
	struct client_status status;
	struct nl_msg *made;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		made = message(IPMASQ_CMD_POLICY_GET, 4096);
		if (cases[i].type != IPMASQ_A_GENERATION)
			nla_put_u64(made, IPMASQ_A_GENERATION, 1);
		nla_put(made, cases[i].type, cases[i].length, "\0\0\0\0\0\0\0");
		assert_int_equal(client_parse_status(nlmsg_hdr(made), &status), -EBADMSG);
		client_status_clear(&status);
		nlmsg_free(made);
	}
}

static void test_errno(void **state)
{
	int error;

	(void)state;
	assert_int_equal(client_errno(-NLE_NOMEM), -ENOMEM);
	assert_int_equal(client_errno(-NLE_PERM), -EPERM);
	for (error = 1; error <= NLE_MAX; error++)
		assert_true(client_errno(-error) < 0);
	assert_string_equal(client_error(NULL), "out of memory");
	client_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_explanation),
		cmocka_unit_test(test_statistics),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_short_attributes),
		cmocka_unit_test(test_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
