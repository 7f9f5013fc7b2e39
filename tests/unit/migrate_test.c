// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipmasqctl migrate without a kernel: what it reads out of iptables-save, and the
 * comparison of the reference agent's recorded rules with the policy that the
 * same file and flags make.
 *
 * usage: migrate_test CASES
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "config/config.h"
#include "config/flags.h"
#include "migrate_compare.h"
#include "migrate_rules.h"

#define CHAIN "IP-MASQ-AGENT"
#define FLAGS_MAX 16

static json_t *cases;

/* What iptables-save would print for recorded rules. */
static char *save_text(json_t *rules, const char *chain)
{
	char *text;
	size_t length, i;
	FILE *stream = open_memstream(&text, &length);
	json_t *rule;

	assert_non_null(stream);
	fprintf(stream, "# a remark\n*filter\n-A POSTROUTING -j %s\nCOMMIT\n*nat\n", chain);
	fprintf(stream, ":POSTROUTING ACCEPT [0:0]\n:%s - [0:0]\n", chain);
	json_array_foreach(rules, i, rule)
		fprintf(stream, "%s\n", json_string_value(rule));
	fputs("COMMIT\n", stream);
	fclose(stream);
	return text;
}

/* The policy of a case; false for a case that needs more than a file. */
static bool read_policy(json_t *one, struct policy *policy)
{
	const char *kind = json_string_value(json_object_get(one, "kind"));
	const char *content = json_string_value(json_object_get(one, "config"));
	char *flags[FLAGS_MAX], path[] = "/tmp/migrate_test.XXXXXX";
	struct config_problems problems = { 0 };
	struct config_command_line line;
	struct config config = { 0 };
	char *error = NULL;
	size_t count, i;
	json_t *flag;
	int file;

	if (strcmp(kind, "none") && (strcmp(kind, "file") || !content))
		return false;
	if (content && strlen(content) != json_string_length(json_object_get(one, "config")))
		return false;
	count = json_array_size(json_object_get(one, "flags"));
	assert_true(count < FLAGS_MAX);
	json_array_foreach(json_object_get(one, "flags"), i, flag)
		flags[i] = (char *)json_string_value(flag);
	config_flags_init(&line);
	assert_true(config_flags_parse(&line, (int)count, flags, NULL, 0, &error) >= 0);
	assert_int_equal(config_flags_finish(&line, &error), 0);

	file = mkstemp(path);
	assert_true(file >= 0);
	if (content)
		assert_int_equal(write(file, content, strlen(content)), strlen(content));
	close(file);
	if (!strcmp(kind, "none"))
		unlink(path);
	assert_int_equal(config_read(path, &line.flags, &config, &problems), 0);
	assert_int_equal(policy_from_config(&config, policy), 0);
	unlink(path);
	config_clear(&config);
	config_problems_clear(&problems);
	config_flags_clear(&line);
	return true;
}

static size_t differences(const struct nat_table *table, const struct policy *policy)
{
	const struct client_status status = { .generation = 1, .settings = policy->settings };
	size_t length, found = 0;
	char *text;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	assert_int_equal(compare_table(table, &status, policy, 10, stream, &found), 0);
	fclose(stream);
	/* A count without a reason would help nobody. */
	assert_int_equal(found != 0, length != 0);
	if (found > 10 || getenv("VERBOSE"))
		fputs(text, stderr);
	free(text);
	return found;
}

/* One family of one case: equal as recorded, different after any change. */
static void compare_case(json_t *one, const char *key, const struct backend *backend,
			 struct policy *policy)
{
	json_t *rules = json_object_get(one, key);
	/* The jump comes first; --masq-chain names others. */
	const char *jump = json_string_value(json_array_get(rules, 0));
	const char *chain = strstr(jump, " -j ") + strlen(" -j ");
	char *text = save_text(rules, chain), *written, *wanted;
	struct policy_entry entry = {
		.cidr = { .family = backend->family, .prefix_len = 32,
			  .address = { 198, 51, 100, 77 } },
		.origin = IPMASQ_ORIGIN_STATIC,
	};
	struct nat_table table;
	size_t length, i;
	FILE *stream;

	assert_int_equal(nat_table_parse(backend, chain, text, &table), 0);
	assert_true(table.has_chain);
	assert_int_equal(table.count, json_array_size(rules));
	assert_non_null(nat_table_jump(&table));
	assert_int_equal(nat_table_jump(&table)->position, 1);
	assert_int_equal(differences(&table, policy), 0);

	policy->settings.flags ^= IPMASQ_FLAG_RANDOM_FULLY;
	assert_int_not_equal(differences(&table, policy), 0);
	policy->settings.flags ^= IPMASQ_FLAG_RANDOM_FULLY;

	/* One of the two actions is what was said of that address anyway. */
	if (backend->family == AF_INET6)
		entry.cidr.prefix_len = 128;
	length = 0;
	for (i = 0; i < 2; i++) {
		entry.action = i ? IPMASQ_ACTION_SKIP : IPMASQ_ACTION_MASQUERADE;
		assert_int_equal(policy_append(policy, &entry), 0);
		length += differences(&table, policy) != 0;
		policy->count--;
	}
	/* Both are the same as before where that prefix is an entry by itself. */
	assert_int_equal(length, 1);

	/* What is put back is what was there. */
	stream = open_memstream(&written, &length);
	assert_non_null(stream);
	nat_table_write(&table, stream);
	fclose(stream);
	wanted = strstr(strchr(text, ':') + 1, ":");
	wanted = strstr(wanted, "\n:");
	assert_non_null(wanted);
	wanted++;
	assert_memory_equal(written, "*nat\n:", strlen("*nat\n:"));
	for (i = 0; i < table.count; i++)
		assert_non_null(strstr(written, table.rules[i].line));
	assert_int_equal(strlen(written), strlen("*nat\n") + strlen(wanted));
	free(written);
	nat_table_clear(&table);
	free(text);
}

static void recorded_rules_are_the_policy(void **state)
{
	size_t compared = 0, i;
	json_t *one;

	(void)state;
	json_array_foreach(cases, i, one) {
		struct policy policy = { 0 };

		if (strcmp(json_string_value(json_object_get(one, "expect")), "accept") ||
		    !json_array_size(json_object_get(one, "rules4")) ||
		    !read_policy(one, &policy))
			continue;
		if (getenv("VERBOSE"))
			fprintf(stderr, "%s\n", json_string_value(json_object_get(one, "id")));
		compare_case(one, "rules4", &backends[0], &policy);
		if (json_array_size(json_object_get(one, "rules6")))
			compare_case(one, "rules6", &backends[2], &policy);
		policy_clear(&policy);
		compared++;
	}
	assert_true(compared >= 200);
}

static const char node[] =
	"*nat\n"
	":POSTROUTING ACCEPT [0:0]\n"
	":IP-MASQ-AGENT - [0:0]\n"
	"-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING\n"
	"-A POSTROUTING -s 10.88.0.2/32 -m comment --comment \"name: \\\"net\\\" id: \\\"a\\\"\" -j CNI-0123\n"
	"-A POSTROUTING -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment \"flanneld masq\" -j MASQUERADE\n"
	"-A POSTROUTING -m comment --comment \"ip-masq-agent: -j MASQUERADE\" -m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT\n"
	"-A POSTROUTING -j LOOP-A\n"
	"-A POSTROUTING -s 192.0.2.0/24 -j SNAT --to-source 192.0.2.1\n"
	"-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n"
	"-A KUBE-POSTROUTING -j MASQUERADE --random-fully\n"
	"-A CNI-0123 -d 10.88.0.0/16 -j ACCEPT\n"
	"-A CNI-0123 ! -d 224.0.0.0/4 -j MASQUERADE\n"
	"-A LOOP-A -j LOOP-B\n"
	"-A LOOP-B -j LOOP-A\n"
	"-A IP-MASQ-AGENT -d 10.0.0.0/8 -m comment --comment \"ip-masq-agent: local traffic\" -j RETURN\n"
	"-A IP-MASQ-AGENT -s 10.0.0.0/8 -j RETURN\n"
	"-A IP-MASQ-AGENT -j MASQUERADE\n"
	"COMMIT\n";

static void a_node_is_read(void **state)
{
	static const struct {
		bool translates, stays;
		const char *owner;
	} wanted[] = {
		{ true, true, "kube-proxy or the kubelet" },
		{ true, false, "a CNI plugin with ipMasq" },
		{ true, false, "flannel" },
		{ true, false, "unknown" },
		{ false, false, "unknown" },
		{ true, false, "unknown" },
	};
	struct nat_table table;
	size_t i;

	(void)state;
	assert_int_equal(nat_table_parse(&backends[1], CHAIN, node, &table), 0);
	assert_int_equal(nat_table_jump(&table)->position, 4);
	assert_string_equal(table.rules[1].words[7], "name: \"net\" id: \"a\"");
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct rule *rule = &table.rules[i];

		assert_int_equal(nat_table_translates(&table, rule), wanted[i].translates);
		assert_string_equal(rule_owner(rule)->name, wanted[i].owner);
		assert_int_equal(rule_owner(rule)->stays, wanted[i].stays);
	}
	nat_table_clear(&table);
}

static void a_rule_of_others_is_a_difference(void **state)
{
	struct policy policy = { .settings.flags = IPMASQ_FLAG_ENABLED };
	struct policy_entry entry = {
		.cidr = { .family = AF_INET, .prefix_len = 8, .address = { 10 } },
		.action = IPMASQ_ACTION_SKIP, .origin = IPMASQ_ORIGIN_CONFIG,
	};
	struct nat_table table;

	(void)state;
	assert_int_equal(policy_append(&policy, &entry), 0);
	assert_int_equal(nat_table_parse(&backends[1], CHAIN, node, &table), 0);
	assert_int_equal(differences(&table, &policy), 1);
	policy_clear(&policy);
	nat_table_clear(&table);
}

static void removal_is_one_step(void **state)
{
	struct nat_table table;
	size_t length;
	char *text;
	FILE *stream = open_memstream(&text, &length);

	(void)state;
	assert_non_null(stream);
	assert_int_equal(nat_table_parse(&backends[1], CHAIN, node, &table), 0);
	nat_table_write_removal(&table, stream);
	fclose(stream);
	assert_string_equal(text,
			    "*nat\n"
			    "-D POSTROUTING -m comment --comment \"ip-masq-agent: -j MASQUERADE\" -m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT\n"
			    "-F IP-MASQ-AGENT\n-X IP-MASQ-AGENT\nCOMMIT\n");
	free(text);
	nat_table_clear(&table);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_rules_are_the_policy),
		cmocka_unit_test(a_node_is_read),
		cmocka_unit_test(a_rule_of_others_is_a_difference),
		cmocka_unit_test(removal_is_one_step),
	};
	const char *path = argc > 1 ? argv[1] : getenv("CASES");
	json_error_t error = { .text = "no file is named" };
	int failed;

	cases = path ? json_load_file(path, JSON_ALLOW_NUL, &error) : NULL;
	if (!cases) {
		fprintf(stderr, "migrate_test CASES: %s\n", error.text);
		return 2;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	json_decref(cases);
	return failed;
}
