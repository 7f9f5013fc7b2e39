// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings in messages of the client: what is named is sent and read back, what does not
 * fit or is none is refused.
 */
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

static void test_settings(void **state)
{
	struct port_range ranges[] = { { 1024, 2000 }, { 65535, 65535 } };
	struct policy_settings settings = {
		.flags = IPMASQ_FLAGS_ALL,
		.flags_named = IPMASQ_FLAG_IPV6,
		.list[SETTING_TO_PORTS] = { ranges, 2, true },
	};
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
	struct nlattr *nested[IPMASQ_A_PORT_RANGE_MAX + 1];
	struct nl_msg *made;

	(void)state;
	made = message(IPMASQ_CMD_POLICY_SET, CLIENT_HEAD_SIZE);
	assert_int_equal(client_put_settings(made, &settings), 0);
	assert_int_equal(client_put_generation(made, 1ULL << 40), 0);
	parse_message(made, attributes);
	/* The kernel refuses a value outside the mask. */
	assert_int_equal(nla_get_u32(attributes[IPMASQ_A_FLAGS_MASK]), IPMASQ_FLAG_IPV6);
	assert_int_equal(nla_get_u32(attributes[IPMASQ_A_FLAGS]), IPMASQ_FLAG_IPV6);
	assert_int_equal(nla_get_u64(attributes[IPMASQ_A_GENERATION]), 1ULL << 40);
	assert_null(attributes[IPMASQ_A_NO_PORT_RANGES]);
	assert_int_equal(nla_parse_nested(nested, IPMASQ_A_PORT_RANGE_MAX,
					  attributes[IPMASQ_A_PORT_RANGE], NULL), 0);
	assert_int_equal(nla_get_u16(nested[IPMASQ_A_PORT_RANGE_FIRST]), 65535);
	assert_int_equal(nla_get_u16(nested[IPMASQ_A_PORT_RANGE_LAST]), 65535);
	nlmsg_free(made);

	settings.list[SETTING_TO_PORTS].count = 0;
	settings.flags_named = 0;
	made = message(IPMASQ_CMD_POLICY_SET, CLIENT_HEAD_SIZE);
	assert_int_equal(client_put_settings(made, &settings), 0);
	assert_int_equal(client_put_generation(made, 0), 0);
	parse_message(made, attributes);
	assert_non_null(attributes[IPMASQ_A_NO_PORT_RANGES]);
	assert_null(attributes[IPMASQ_A_PORT_RANGE]);
	assert_null(attributes[IPMASQ_A_FLAGS]);
	assert_null(attributes[IPMASQ_A_GENERATION]);
	nlmsg_free(made);
}

/* The most settings that a policy may have fit into one message, and are read
 * back as they were.
 */
static void test_most_settings(void **state)
{
	struct port_range ranges[IPMASQ_PORT_RANGES_MAX + 1];
	struct cidr sources[IPMASQ_SOURCE_CIDRS_MAX];
	struct policy_interface interfaces[IPMASQ_INTERFACES_MAX];
	struct cidr addresses[IPMASQ_SNAT_ADDRESSES_MAX];
	struct policy_settings settings = {
		.flags = IPMASQ_FLAG_IPV6, .flags_named = IPMASQ_FLAGS_ALL,
		.list[SETTING_TO_PORTS] = { ranges, IPMASQ_PORT_RANGES_MAX, true },
		.list[SETTING_SOURCE_CIDRS] = { sources, IPMASQ_SOURCE_CIDRS_MAX, true },
		.list[SETTING_OUTPUT_INTERFACES] = { interfaces, IPMASQ_INTERFACES_MAX, true },
		.list[SETTING_SNAT_ADDRESSES] = { addresses, IPMASQ_SNAT_ADDRESSES_MAX, true },
	};
	struct client changing = client;
	struct policy_interface *read_interfaces;
	struct cidr *read_sources, *read_addresses;
	struct client_status status;
	struct nl_msg *made;
	size_t i;

	(void)state;
	for (i = 0; i < IPMASQ_PORT_RANGES_MAX + 1; i++)
		ranges[i] = (struct port_range){ 2 * i, 2 * i + 1 };
	for (i = 0; i < IPMASQ_SOURCE_CIDRS_MAX; i++) {
		sources[i] = cidr("2001:db8::/48");
		sources[i].address[5] = i;
	}
	memset(interfaces, 0, sizeof(interfaces));
	for (i = 0; i < IPMASQ_INTERFACES_MAX; i++)
		snprintf(interfaces[i].pattern, sizeof(interfaces[i].pattern), "enp123456789s%02zu", i);
	for (i = 0; i < IPMASQ_SNAT_ADDRESSES_MAX; i++) {
		addresses[i] = i % 2 ? cidr("192.0.2.0/32") : cidr("2001:db8::/128");
		addresses[i].address[3] = i;
	}
	assert_int_equal(client_settings_message(&changing, IPMASQ_CMD_TRANSACTION_BEGIN, "no",
						 &settings, &made), 0);
	assert_int_equal(client_put_origin(made, IPMASQ_ORIGIN_CONFIG), 0);
	assert_int_equal(client_put_generation(made, 1), 0);

	assert_int_equal(client_parse_status(nlmsg_hdr(made), &status), 0);
	assert_true(policy_settings_named(&status.settings));
	assert_true(policy_settings_equal(&settings, &status.settings));
	assert_true(policy_settings_equal(&status.settings, &settings));
	for (i = 0; i < SETTING_COUNT; i++)
		assert_int_equal(status.settings.list[i].count, setting_table[i].most);

	read_sources = status.settings.list[SETTING_SOURCE_CIDRS].items;
	read_interfaces = status.settings.list[SETTING_OUTPUT_INTERFACES].items;
	read_addresses = status.settings.list[SETTING_SNAT_ADDRESSES].items;
	read_sources[200].prefix_len++;
	assert_false(policy_settings_equal(&settings, &status.settings));
	read_sources[200].prefix_len--;
	read_interfaces[63].pattern[0] = 'E';
	assert_false(policy_settings_equal(&settings, &status.settings));
	read_interfaces[63].pattern[0] = 'e';
	read_addresses[0].address[3]++;
	assert_false(policy_settings_equal(&settings, &status.settings));
	settings.list[SETTING_SNAT_ADDRESSES].named = false;
	assert_true(policy_settings_equal(&settings, &status.settings));
	client_status_clear(&status);
	client_status_clear(&status);
	nlmsg_free(made);

	settings.list[SETTING_TO_PORTS].count++;
	assert_int_equal(client_settings_message(&changing, IPMASQ_CMD_POLICY_SET, "cannot do it",
						 &settings, &made), -E2BIG);
	assert_string_equal(client_error(&changing),
			    "cannot do it: too many port ranges (257), at most 256");
}

/* No source CIDR, interface or address is something else than none named. */
static void test_empty_settings(void **state)
{
	struct policy_settings settings = {
		.list[SETTING_SOURCE_CIDRS].named = true,
		.list[SETTING_OUTPUT_INTERFACES].named = true,
		.list[SETTING_SNAT_ADDRESSES].named = true,
	};
	struct nlattr *attributes[IPMASQ_A_MAX + 1];
	struct nl_msg *made = message(IPMASQ_CMD_POLICY_SET, CLIENT_HEAD_SIZE);

	(void)state;
	assert_true(policy_settings_named(&settings));
	assert_int_equal(client_put_settings(made, &settings), 0);
	parse_message(made, attributes);
	assert_non_null(attributes[IPMASQ_A_NO_SOURCE_CIDRS]);
	assert_non_null(attributes[IPMASQ_A_NO_INTERFACES]);
	assert_non_null(attributes[IPMASQ_A_NO_SNAT_ADDRESSES]);
	assert_null(attributes[IPMASQ_A_SOURCE_CIDR]);
	assert_null(attributes[IPMASQ_A_INTERFACE]);
	assert_null(attributes[IPMASQ_A_SNAT_ADDRESS]);
	nlmsg_free(made);

	memset(&settings, 0, sizeof(settings));
	assert_false(policy_settings_named(&settings));
	made = message(IPMASQ_CMD_POLICY_SET, CLIENT_HEAD_SIZE);
	assert_int_equal(client_put_settings(made, &settings), 0);
	assert_int_equal(nlmsg_datalen(nlmsg_hdr(made)), GENL_HDRLEN);
	nlmsg_free(made);
}

/* An interface's name as the kernel cannot have written it. */
static void test_wrong_interface(void **state)
{
	static const char *const names[] = { "", "a-name-that-is-too-long" };
	struct client_status status;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct nl_msg *made = message(IPMASQ_CMD_POLICY_GET, 4096);

		nla_put_u64(made, IPMASQ_A_GENERATION, 1);
		nla_put_string(made, IPMASQ_A_INTERFACE, "eth0");
		nla_put_string(made, IPMASQ_A_INTERFACE, names[i]);
		assert_int_equal(client_parse_status(nlmsg_hdr(made), &status), -EBADMSG);
		client_status_clear(&status);
		nlmsg_free(made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_most_settings),
		cmocka_unit_test(test_empty_settings),
		cmocka_unit_test(test_wrong_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
