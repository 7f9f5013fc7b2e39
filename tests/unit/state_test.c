// SPDX-License-Identifier: GPL-2.0-or-later
/* The saved policy: what is written comes back, and damage is never taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../ctl/ipmasqd/fingerprint.h"
#include "../../ctl/ipmasqd/state.h"

struct place {
	char parent[64];
	char directory[80];
	char file[96];
	char reason[STATE_REASON_MAX];
};

static int make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->parent, "/tmp/ipmasq-state-XXXXXX");
	assert_non_null(mkdtemp(place->parent));
	snprintf(place->directory, sizeof(place->directory), "%s/made", place->parent);
	snprintf(place->file, sizeof(place->file), "%s/" STATE_FILE, place->directory);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", place->parent);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

static void append(struct policy *policy, const char *text, uint8_t action)
{
	struct policy_entry entry = { .action = action, .origin = IPMASQ_ORIGIN_CONFIG };
	const char *reason;

	assert_int_equal(cidr_parse(text, strlen(text), &entry.cidr, &reason), 0);
	assert_int_equal(policy_append(policy, &entry), 0);
}

static struct cidr cidr(const char *text)
{
	struct cidr parsed;

	assert_int_equal(cidr_parse(text, strlen(text), &parsed, NULL), 0);
	return parsed;
}

static void append_pool(struct policy *policy, const char *text, const struct cidr *addresses,
			size_t count)
{
	struct policy_entry entry = {
		.cidr = cidr(text), .action = IPMASQ_ACTION_SNAT, .origin = IPMASQ_ORIGIN_CONFIG,
		.detail = policy_detail_new(0, addresses, count),
	};

	assert_non_null(entry.detail);
	assert_int_equal(policy_append(policy, &entry), 0);
	free(entry.detail);
}

static void make_policy(struct policy *policy)
{
	const struct cidr pool[] = { cidr("192.0.2.7/32"), cidr("192.0.2.8/32") };
	struct policy_list *ports = &policy->settings.list[SETTING_TO_PORTS];
	struct port_range *ranges = NULL;
	char *error = NULL;

	*policy = (struct policy) {
		.settings.flags = IPMASQ_FLAG_IPV6,
		.settings.flags_named = IPMASQ_FLAG_IPV6 | IPMASQ_FLAG_RANDOM_FULLY,
	};
	policy_settings_name_lists(&policy->settings);
	assert_int_equal(port_ranges_parse("1024-29999,32768-65535", &ranges, &ports->count,
					   &error), 0);
	ports->items = ranges;
	append(policy, "10.0.0.0/8", IPMASQ_ACTION_SKIP);
	append(policy, "10.20.0.0/16", IPMASQ_ACTION_MASQUERADE);
	append(policy, "0.0.0.0/0", IPMASQ_ACTION_MASQUERADE);
	append(policy, "fd00:10::/32", IPMASQ_ACTION_SKIP);
	append_pool(policy, "203.0.113.0/24", pool, 2);
	policy_sort(policy);
}

/* As many of each as a policy may have, and as long as they may be. */
static void make_full_policy(struct policy *policy)
{
	struct policy_interface *interfaces = calloc(IPMASQ_INTERFACES_MAX, sizeof(*interfaces));
	struct cidr *addresses = calloc(IPMASQ_SNAT_ADDRESSES_MAX, sizeof(*addresses));
	struct cidr *sources = calloc(IPMASQ_SOURCE_CIDRS_MAX, sizeof(*sources));
	struct policy_list *list = policy->settings.list;
	size_t i;

	make_policy(policy);
	assert_true(sources && interfaces && addresses);
	for (i = 0; i < IPMASQ_SOURCE_CIDRS_MAX; i++) {
		sources[i] = cidr("2001:db8:1111:1111:1111:1111:1111:1100/128");
		sources[i].address[15] = (uint8_t)i;
	}
	for (i = 0; i < IPMASQ_INTERFACES_MAX; i++)
		snprintf(interfaces[i].pattern, POLICY_INTERFACE_SIZE, "\"a,=*%010zu", i);
	for (i = 0; i < IPMASQ_SNAT_ADDRESSES_MAX; i++) {
		addresses[i] = sources[i];
		addresses[i].address[0]++;
	}
	list[SETTING_SOURCE_CIDRS] =
		(struct policy_list){ sources, IPMASQ_SOURCE_CIDRS_MAX, true };
	list[SETTING_OUTPUT_INTERFACES] =
		(struct policy_list){ interfaces, IPMASQ_INTERFACES_MAX, true };
	list[SETTING_SNAT_ADDRESSES] =
		(struct policy_list){ addresses, IPMASQ_SNAT_ADDRESSES_MAX, true };
	append_pool(policy, "2001:db8::/32", addresses, IPMASQ_SNAT_ADDRESSES_MAX);
	policy_sort(policy);
}

static void save(struct place *place)
{
	struct policy policy;

	make_policy(&policy);
	assert_int_equal(state_save(place->directory, &policy, place->reason), 0);
	policy_clear(&policy);
}

static size_t read_file(const char *path, char *text, size_t room)
{
	FILE *file = fopen(path, "r");
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, room, file);
	fclose(file);
	return length;
}

static void write_file(const char *path, const char *text, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void comes_back(void **state)
{
	struct place *place = *state;
	struct policy wanted, loaded;

	make_policy(&wanted);
	save(place);
	assert_int_equal(state_load(place->directory, &loaded, place->reason), 0);
	assert_int_equal(loaded.settings.flags, wanted.settings.flags);
	assert_int_equal(loaded.settings.flags_named, wanted.settings.flags_named);
	assert_true(policy_settings_equal(&wanted.settings, &loaded.settings));
	assert_int_equal(policy_compare(&wanted, &loaded, NULL, NULL), 0);
	assert_int_equal(loaded.count, 5);
	policy_clear(&wanted);
	policy_clear(&loaded);
}

static void all_of_it_comes_back(void **state)
{
	struct place *place = *state;
	struct policy wanted, loaded;

	make_full_policy(&wanted);
	assert_int_equal(state_save(place->directory, &wanted, place->reason), 0);
	assert_int_equal(state_load(place->directory, &loaded, place->reason), 0);
	assert_true(policy_settings_equal(&wanted.settings, &loaded.settings));
	assert_true(policy_settings_equal(&loaded.settings, &wanted.settings));
	assert_int_equal(policy_compare(&wanted, &loaded, NULL, NULL), 0);
	assert_int_equal(loaded.count, 6);
	policy_clear(&wanted);
	policy_clear(&loaded);
}

/* A file with the header, the settings and some lines, and the right checksum. */
static void write_lines(struct place *place, const char *lines)
{
	char text[1024];
	int length = snprintf(text, sizeof(text), "# ipmasq-policy 2\nset enable-ipv6 off\n"
			      "set random-fully on\nset to-ports any\n%s", lines);

	length += sprintf(text + length, "# checksum %016" PRIx64 "\n",
			  fingerprint_bytes(FINGERPRINT_EMPTY, text, (size_t)length));
	write_file(place->file, text, (size_t)length);
}

/* The same as version 0.1.0 has written it. */
static void write_old_lines(struct place *place, const char *lines)
{
	char text[1024];
	int length = snprintf(text, sizeof(text),
			      "ipmasq-policy 1\nsettings ipv6=off random-fully=on\n%s", lines);

	length += sprintf(text + length, "checksum %016" PRIx64 "\n",
			  fingerprint_bytes(FINGERPRINT_EMPTY, text, (size_t)length));
	write_file(place->file, text, (size_t)length);
}

/* As a version without lists has written it: they are wanted empty. */
static void old_one_is_taken(void **state)
{
	const struct policy_interface *interfaces;
	struct place *place = *state;
	struct policy policy;

	save(place);
	write_old_lines(place, "ports 1024-29999,32768-65535\n"
		    "skip 10.0.0.0/8\n"
		    "masquerade 10.20.0.0/16\n");
	if (state_load(place->directory, &policy, place->reason))
		fail_msg("%s", place->reason);
	assert_int_equal(policy.count, 2);
	assert_true(policy.settings.list[SETTING_SOURCE_CIDRS].named);
	assert_true(policy.settings.list[SETTING_OUTPUT_INTERFACES].named);
	assert_true(policy.settings.list[SETTING_SNAT_ADDRESSES].named);
	assert_int_equal(policy.settings.list[SETTING_SOURCE_CIDRS].count, 0);
	assert_int_equal(policy.settings.list[SETTING_OUTPUT_INTERFACES].count, 0);
	assert_int_equal(policy.settings.list[SETTING_SNAT_ADDRESSES].count, 0);
	policy_clear(&policy);

	write_old_lines(place, "sources 10.244.0.0/16 fd00::/8\ninterfaces eth* a,b any\n"
			"addresses 192.0.2.1 192.0.2.2\nsnat 203.0.113.0/24 192.0.2.7 192.0.2.8\n");
	if (state_load(place->directory, &policy, place->reason))
		fail_msg("%s", place->reason);
	assert_int_equal(policy.settings.flags, IPMASQ_FLAG_RANDOM_FULLY);
	assert_int_equal(policy.settings.list[SETTING_TO_PORTS].count, 0);
	assert_int_equal(policy.settings.list[SETTING_SOURCE_CIDRS].count, 2);
	assert_int_equal(policy.settings.list[SETTING_SNAT_ADDRESSES].count, 2);
	interfaces = policy.settings.list[SETTING_OUTPUT_INTERFACES].items;
	assert_int_equal(policy.settings.list[SETTING_OUTPUT_INTERFACES].count, 3);
	assert_string_equal(interfaces[1].pattern, "a,b");
	assert_string_equal(interfaces[2].pattern, "any");
	assert_int_equal(policy.entries[0].detail->address_count, 2);
	policy_clear(&policy);
}

static void empty_comes_back(void **state)
{
	struct place *place = *state;
	struct policy policy = {
		.settings.flags = IPMASQ_FLAG_RANDOM_FULLY,
		.settings.flags_named = IPMASQ_FLAG_RANDOM_FULLY,
	};

	policy_settings_name_lists(&policy.settings);
	assert_int_equal(state_save(place->directory, &policy, place->reason), 0);
	assert_int_equal(state_load(place->directory, &policy, place->reason), 0);
	assert_int_equal(policy.count, 0);
	assert_int_equal(policy.settings.flags, IPMASQ_FLAG_RANDOM_FULLY);
	assert_int_equal(policy.settings.list[SETTING_TO_PORTS].count, 0);
	policy_clear(&policy);
}

static void none_is_no_error(void **state)
{
	struct place *place = *state;
	struct policy policy;

	assert_int_equal(state_load(place->directory, &policy, place->reason), -ENOENT);
	assert_int_equal(state_remove(place->directory), -ENOENT);
	save(place);
	assert_int_equal(state_remove(place->directory), 0);
	assert_int_equal(state_load(place->directory, &policy, place->reason), -ENOENT);
}

static void expect_damaged(struct place *place, const char *what)
{
	struct policy policy;
	int result;

	place->reason[0] = '\0';
	result = state_load(place->directory, &policy, place->reason);
	if (result != -EBADMSG)
		fail_msg("%s: result %d, reason \"%s\"", what, result, place->reason);
	assert_true(place->reason[0]);
	assert_null(policy.entries);
	assert_null(policy.settings.list[SETTING_TO_PORTS].items);
}

/* Every byte of the file, changed in every bit, and the file cut off at every
 * length: none is taken for a policy.
 */
static void damage_is_found(void **state)
{
	struct place *place = *state;
	char text[1024], damaged[1024], what[64];
	size_t length, i;
	unsigned int bit;

	save(place);
	length = read_file(place->file, text, sizeof(text));
	assert_in_range(length, 50, sizeof(text) - 1);
	for (i = 0; i < length; i++) {
		for (bit = 0; bit < 8; bit++) {
			memcpy(damaged, text, length);
			damaged[i] = (char)(damaged[i] ^ 1 << bit);
			write_file(place->file, damaged, length);
			snprintf(what, sizeof(what), "byte %zu, bit %u", i, bit);
			expect_damaged(place, what);
		}
		write_file(place->file, text, i);
		snprintf(what, sizeof(what), "cut off after %zu bytes", i);
		expect_damaged(place, what);
	}
	memcpy(damaged, text, length);
	damaged[length] = 'x';
	write_file(place->file, damaged, length + 1);
	expect_damaged(place, "a byte more");
}

static void nonsense_is_refused(void **state)
{
	static const char *const lines[] = {
		"sources\n", "sources \n", "sources 10.0.0.0/8 \n", "sources 10.0.0.1/8\n",
		"sources 10.0.0.0/8  11.0.0.0/8\n", "sources 10.0.0.0/8\nsources 11.0.0.0/8\n",
		"interfaces \n", "interfaces a  b\n", "interfaces a\ninterfaces b\n",
		"interfaces a234567890123456\n",
		"addresses 192.0.2.0/24\n", "addresses 192.0.2.1\naddresses 192.0.2.2\n",
		"snat 10.0.0.0/8\n", "snat 10.0.0.0/8 \n", "snat 10.0.0.0/8 192.0.2.1 \n",
		"snat 10.0.0.0/8 2001:db8::1\n", "snat 10.0.0.0/8 192.0.2.1/32\n",
		"skip 10.0.0.0/8 192.0.2.1\n", "skip 10.0.0.0/8 \n", "unknown 10.0.0.0/8\n",
	};
	struct place *place = *state;
	size_t i;

	save(place);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		write_old_lines(place, lines[i]);
		expect_damaged(place, lines[i]);
		assert_non_null(strstr(place->reason, "makes no sense"));
	}
}

/* Others are refused by the reader, see saved_policy_test. */
static void other_policies_are_refused(void **state)
{
	static const char *const lines[] = {
		"no policy\n", "10.0.0.0/8 skip static\n", "10.0.0.0/8 skip\n",
		"10.0.0.0/8 snat 2001:db8::1 config\n", "skip 10.0.0.0/8\n",
		"set source-cidrs\n", "set to-ports any\n", "set speed 9\n",
	};
	struct place *place = *state;
	struct policy policy;
	size_t i;

	save(place);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		write_lines(place, lines[i]);
		expect_damaged(place, lines[i]);
		assert_non_null(strstr(place->reason, "makes no sense"));
	}
	write_lines(place, "10.0.0.0/8 skip config\n");
	assert_int_equal(state_load(place->directory, &policy, place->reason), 0);
	assert_int_equal(policy.count, 1);
	policy_clear(&policy);
}

static void other_version_is_told(void **state)
{
	struct place *place = *state;

	save(place);
	write_file(place->file, "# ipmasq-policy 3\n", 18);
	expect_damaged(place, "version 3");
	assert_non_null(strstr(place->reason, "another version"));
	write_file(place->file, "ipmasq-policy 2\n", 16);
	expect_damaged(place, "no version 2");
	assert_non_null(strstr(place->reason, "another version"));
}

static void other_things_are_refused(void **state)
{
	struct place *place = *state;
	char zeros[20000] = { 0 };

	assert_int_equal(mkdir(place->directory, 0755), 0);
	assert_int_equal(mkfifo(place->file, 0644), 0);
	expect_damaged(place, "a FIFO");
	assert_int_equal(unlink(place->file), 0);
	assert_int_equal(mkdir(place->file, 0755), 0);
	expect_damaged(place, "a directory");
	assert_int_equal(rmdir(place->file), 0);
	write_file(place->file, zeros, sizeof(zeros));
	expect_damaged(place, "NUL bytes");
	memset(zeros, 'x', sizeof(zeros));
	write_file(place->file, zeros, sizeof(zeros));
	expect_damaged(place, "an endless line");
}

static void same_is_not_written_again(void **state)
{
	struct place *place = *state;
	struct stat before, after;
	struct policy policy;

	save(place);
	assert_int_equal(stat(place->file, &before), 0);
	save(place);
	assert_int_equal(stat(place->file, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);

	make_policy(&policy);
	policy.count--;
	assert_int_equal(state_save(place->directory, &policy, place->reason), 0);
	policy_clear(&policy);
	assert_int_equal(stat(place->file, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
}

static void failure_leaves_the_old(void **state)
{
	struct place *place = *state;
	char in_the_way[128];
	struct policy policy;

	save(place);
	/* Even root cannot write to a directory. */
	snprintf(in_the_way, sizeof(in_the_way), "%s/.policy.new", place->directory);
	assert_int_equal(mkdir(in_the_way, 0755), 0);
	make_policy(&policy);
	policy.count--;
	assert_int_equal(state_save(place->directory, &policy, place->reason), -EISDIR);
	assert_true(place->reason[0]);
	policy_clear(&policy);
	assert_int_equal(state_load(place->directory, &policy, place->reason), 0);
	assert_int_equal(policy.count, 5);
	policy_clear(&policy);
}

static void no_parent_is_told(void **state)
{
	struct place *place = *state;
	struct policy policy;

	make_policy(&policy);
	assert_int_equal(state_save("/tmp/ipmasq-there-is-no/such/place", &policy, place->reason),
			 -ENOENT);
	assert_true(place->reason[0]);
	policy_clear(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, make_place, remove_place),
		cmocka_unit_test_setup_teardown(all_of_it_comes_back, make_place, remove_place),
		cmocka_unit_test_setup_teardown(old_one_is_taken, make_place, remove_place),
		cmocka_unit_test_setup_teardown(nonsense_is_refused, make_place, remove_place),
		cmocka_unit_test_setup_teardown(other_policies_are_refused, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(empty_comes_back, make_place, remove_place),
		cmocka_unit_test_setup_teardown(none_is_no_error, make_place, remove_place),
		cmocka_unit_test_setup_teardown(damage_is_found, make_place, remove_place),
		cmocka_unit_test_setup_teardown(other_version_is_told, make_place, remove_place),
		cmocka_unit_test_setup_teardown(other_things_are_refused, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(same_is_not_written_again, make_place,
						remove_place),
		cmocka_unit_test_setup_teardown(failure_leaves_the_old, make_place, remove_place),
		cmocka_unit_test_setup_teardown(no_parent_is_told, make_place, remove_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
