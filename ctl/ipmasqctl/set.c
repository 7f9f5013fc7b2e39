// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl set */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "config/flags.h"
#include "policy_text.h"
#include "strangers.h"

/* Behind which a line of the synopsis ends. */
#define ARGUMENT_COLUMNS 40

/* Addresses cannot be the name of a setting, so they go on with the list; names of
 * interfaces could be one that was mistyped.
 */
static bool goes_on(enum setting setting, const char *word)
{
	switch (setting_table[setting].type) {
	case SETTING_TYPE_CIDRS:
	case SETTING_TYPE_POOLS:
		return looks_like_address(word);
	case SETTING_TYPE_BOOL:
	case SETTING_TYPE_INTEGER:
	case SETTING_TYPE_DURATION:
	case SETTING_TYPE_PORTS:
	case SETTING_TYPE_INTERFACES:
		break;
	}
	return false;
}

/* The words of a value as one, with commas between them. NULL without memory. */
static char *take_words(struct arguments *arguments, enum setting setting, const char *word)
{
	char *text = strdup(word);
	char *longer;

	while (text && *arguments->next && goes_on(setting, *arguments->next)) {
		if (asprintf(&longer, "%s,%s", text, *arguments->next++) < 0)
			longer = NULL;
		free(text);
		text = longer;
	}
	return text;
}

static int read_value(struct arguments *arguments, enum setting setting,
		      struct policy_settings *settings)
{
	char expected[POLICY_EXPECTED_MAX];
	char name[SETTING_WORD_MAX];
	const char *word = NULL;
	char *reason = NULL;
	char *text;
	int wrong;

	setting_word(setting, name);
	wrong = argument_value(arguments, policy_setting_expected(setting, expected), &word);
	if (wrong)
		return wrong;
	if (policy_setting_named(settings, setting))
		return misuse(arguments->invocation, "\"%s\" is there twice", name);
	text = take_words(arguments, setting, word);
	if (!text || policy_setting_read(settings, setting, text, &reason))
		wrong = misuse(arguments->invocation, "%s: %s", name,
			       reason ? reason : "out of memory");
	free(reason);
	free(text);
	return wrong;
}

static int refuse_word(const struct invocation *invocation, const char *word)
{
	const char *keywords[SETTING_COUNT + 1] = { "generation" };
	char words[SETTING_COUNT][SETTING_WORD_MAX];
	size_t count = 1;
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		if (setting_is_policy((enum setting)i))
			keywords[count++] = setting_word((enum setting)i, words[i]);
	}
	return argument_unknown(invocation, word, keywords, count);
}

static int read_setting(struct arguments *arguments, struct policy_settings *settings,
			uint64_t *generation)
{
	const char *word = *arguments->next++;
	int setting = policy_setting_find(word, strlen(word));

	if (setting >= 0)
		return read_value(arguments, (enum setting)setting, settings);
	if (word_is(word, "generation"))
		return argument_generation(arguments, generation);
	return refuse_word(arguments->invocation, word);
}

/**
 * struct change - what to set
 * @settings: settings
 * @generation: of the policy that they are based on, 0 for any
 */
struct change {
	struct policy_settings settings;
	uint64_t generation;
};

/* The switch is in no file: the daemon leaves it as it is. */
static bool daemon_puts_back(const struct policy_settings *settings)
{
	struct policy_settings others = *settings;

	others.flags_named &= ~IPMASQ_FLAG_ENABLED;
	return policy_settings_named(&others);
}

static int set(const struct invocation *invocation, struct client *client, void *data)
{
	const struct change *change = data;
	const struct policy_list *pool = &change->settings.list[SETTING_SNAT_ADDRESSES];
	int error;

	if (daemon_puts_back(&change->settings))
		warn_of_daemon(invocation);
	warn_of_strangers(invocation, pool->items, pool->count);
	error = client_policy_set(client, &change->settings, change->generation);
	if (!error && invocation->json)
		return print_json(json_pack("{s:b}", "changed", 1));
	return error;
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct change change = { 0 };
	int result = 0;

	(void)argc;
	while (*arguments.next && !result)
		result = read_setting(&arguments, &change.settings, &change.generation);
	if (!result && !policy_settings_named(&change.settings))
		result = misuse(invocation, "a setting is missing");
	if (!result)
		result = with_client(invocation, set, &change);
	policy_settings_clear(&change.settings);
	return result;
}

static void print_arguments(FILE *stream)
{
	char word[SETTING_WORD_MAX];
	int column = 0;
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];

		if (!setting_is_policy((enum setting)i))
			continue;
		if (column > ARGUMENT_COLUMNS)
			column = fprintf(stream, "\n%21s", "") - 22;
		column += fprintf(stream, "%s[%s %s|%s]", column ? " " : "",
				  setting_word((enum setting)i, word),
				  row->value ? row->value : "on", row->none ? row->none : "off");
	}
	fputs(" [generation N]", stream);
}

static void print_settings(FILE *stream)
{
	char help[512];
	char word[SETTING_WORD_MAX];
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];

		if (!setting_is_policy((enum setting)i))
			continue;
		fprintf(stream, "  %-17s  ", setting_word((enum setting)i, word));
		snprintf(help, sizeof(help), "%s%s", row->help,
			 row->help_more ? row->help_more : "");
		config_flags_print_help(stream, 21, help);
	}
}

const struct command command_set = {
	.name = "set",
	.print_arguments = print_arguments,
	.summary = "change settings of the policy",
	.description =
		"Changes the settings that are named in one step and leaves the others alone.\n"
		"Where this network namespace has no policy it gets one with an empty table,\n"
		"which masquerades every connection that is not to this node.\n"
		"\n",
	.print_more = print_settings,
	.ending =
		"  generation N       only if the policy in force is still number N (\"show\" has\n"
		"                     it)\n"
		"\n"
		"Lists are words with commas. A warning tells of addresses that no interface has.\n"
		"ipmasqd puts settings back to what its file says while it runs, but for enabled,\n"
		"which is in no file and stays as it was set.\n"
		"\n"
		"  ipmasqctl set enabled off\n"
		"  ipmasqctl set enable-ipv6 on to-ports 32768-60999\n"
		"  ipmasqctl set source-cidrs 10.244.0.0/16 output-interfaces eth0,wlan*\n",
	.run = run,
};
