// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl module */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "held_namespace.h"
#include "module_kept.h"
#include "module_upgrade.h"

static const char *const keywords[] = { "show", "upgrade", "keep", "recover" };

static int print_namespaces(const struct held_namespaces *namespaces)
{
	size_t i;

	printf("namespaces    %zu with a policy or draining\n", namespaces->count);
	for (i = 0; i < namespaces->count; i++)
		printf("              %s\n", namespaces->items[i].where);
	return EXIT_DONE;
}

static json_t *names_of(const struct held_namespaces *namespaces)
{
	json_t *names = json_array();
	size_t i;

	for (i = 0; i < namespaces->count; i++)
		json_array_append_new(names, json_string(namespaces->items[i].where));
	return names;
}

static void print_module(const char *what, const struct kernel_module *module, bool there)
{
	printf("%-14s", what);
	if (there)
		printf("%s%s%s%s%s\n", module->version, *module->source ? ", source " : "",
		       module->source, *module->path ? ", " : "", module->path);
	else
		printf("none\n");
}

static json_t *module_json(const struct kernel_module *module, bool there)
{
	if (!there)
		return json_null();
	return json_pack("{s:s, s:s, s:s?}", "version", module->version, "source", module->source,
			 "file", *module->path ? module->path : NULL);
}

static int show(const struct invocation *invocation)
{
	struct kernel_module loaded, installed, back;
	struct held_namespaces namespaces = { .own = -1 };
	bool is_loaded, is_installed, has_back;
	char error[512] = "";
	int result = 0;

	is_loaded = !kernel_module_loaded(MODULE, &loaded);
	is_installed = !kernel_module_installed(MODULE, &installed);
	has_back = is_loaded && !module_find_back(&loaded, NULL, &back);
	if (is_loaded) {
		result = held_namespaces_find(&namespaces);
		if (!result)
			result = held_namespaces_keep_users(&namespaces, error, sizeof(error));
		if (result)
			result = refuse_errno(invocation, result, "%s",
					      *error ? error : strerror(-result));
	}
	if (!result && invocation->json) {
		result = print_json(json_pack("{s:o, s:o, s:o, s:o}",
					      "loaded", module_json(&loaded, is_loaded),
					      "installed", module_json(&installed, is_installed),
					      "way_back", module_json(&back, has_back),
					      "namespaces", names_of(&namespaces)));
	} else if (!result) {
		print_module("loaded", &loaded, is_loaded);
		print_module("installed", &installed, is_installed);
		print_module("way back", &back, has_back);
		result = print_namespaces(&namespaces);
	}
	held_namespaces_clear(&namespaces);
	return result;
}

static int keep(const struct invocation *invocation, const char *file)
{
	struct kernel_module loaded, back, kept;
	int error;

	error = kernel_module_loaded(MODULE, &loaded);
	if (error)
		return refuse_errno(invocation, error, "the kernel module ipmasq is not loaded");
	error = module_find_back(&loaded, file, &back);
	if (error)
		return refuse_errno(invocation, error,
				    "%s is not that of the loaded module %s",
				    file ? file : "the installed file", loaded.version);
	/* The kernel says so after it has found the file to be right, and loads nothing. */
	error = kernel_module_insert(back.path, "");
	if (error != -EEXIST)
		return refuse_errno(invocation, error ? error : -ENOENT, "%s: %s", back.path,
				    kernel_module_error(error));
	error = module_keep(&back, &kept);
	if (error)
		return refuse_errno(invocation, error, "the module's file cannot be kept: %s",
				    strerror(-error));
	if (invocation->json)
		return print_json(json_pack("{s:s}", "file", kept.path));
	return EXIT_DONE;
}

static int upgrade(const struct invocation *invocation, char **words)
{
	const char *file = NULL;
	bool one_way = false;

	for (; *words; words++) {
		if (word_is(*words, "one-way"))
			one_way = true;
		else if (file)
			return misuse(invocation, "one file is expected, \"%s\" is one too many",
				      *words);
		else
			file = *words;
	}
	return module_upgrade(invocation, file, one_way);
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "show";
	const bool takes_file = word_is(word, "upgrade") || word_is(word, "keep");
	int error;

	if ((argc > 2 && !takes_file) || (argc > 3 && word_is(word, "keep")))
		return misuse(invocation, "nothing is expected after \"%s\"", word);
	error = kernel_module_open();
	if (error)
		return refuse_errno(invocation, error, "%s", kernel_module_error(error));
	if (word_is(word, "show"))
		return show(invocation);
	if (word_is(word, "upgrade"))
		return upgrade(invocation, argv + 2);
	if (word_is(word, "keep"))
		return keep(invocation, argv[2]);
	if (word_is(word, "recover"))
		return module_recover(invocation);
	return argument_unknown(invocation, word, keywords,
				sizeof(keywords) / sizeof(keywords[0]));
}

const struct command command_module = {
	.name = "module",
	.arguments = "[show | upgrade [FILE] [one-way] | keep [FILE] | recover]",
	.summary = "show the kernel module, replace it on a running node",
	.description =
		"Without a word, or with \"show\", prints the version that is loaded, the one\n"
		"that is installed, the file that an upgrade could go back to, and the network\n"
		"namespaces that have a policy or drain. It needs root and libkmod.\n"
		"\n"
		"upgrade replaces the loaded module by FILE, or by the installed one if that\n"
		"differs. Established connections go on. Until the new module has all policies,\n"
		"the first packets of new connections are dropped, and senders retransmit: none\n"
		"leaves with the address of a pod. Settings, entries, timeouts, counters,\n"
		"generations and the parameters of the module stay as they are. If the new\n"
		"module cannot be loaded, the old one is loaded again.\n"
		"\n"
		"  one-way   replace it also where there is no file of the loaded module to go\n"
		"            back to\n"
		"  keep      keep a copy of the loaded module's file in /run/ipmasq/module,\n"
		"            before a newer one takes its place: of FILE, or of the installed one\n"
		"  recover   complete an upgrade that was killed, as the next upgrade does\n"
		"\n"
		"  ipmasqctl module upgrade\n"
		"  ipmasqctl module upgrade ./ipmasq.ko\n",
	.run = run,
};
