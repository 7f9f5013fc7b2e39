// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel modules: what is loaded, what is installed, loading and unloading.
 *
 * By way of libkmod: it knows where depmod found a module, reads what modinfo shows, and
 * decompresses what the kernel cannot. It is loaded by name, since one command needs it.
 */
#include "kernel_module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libkmod.h>

#include "library.h"

#define LIBRARY "libkmod.so.2"
#define FUNCTIONS(f)							\
	f(new) f(set_log_priority) f(module_new_from_path) f(module_new_from_name)	\
	f(module_get_path) f(module_get_info) f(module_info_get_key)			\
	f(module_info_get_value) f(module_info_free_list) f(module_unref)		\
	f(module_insert_module) f(module_probe_insert_module) f(module_remove_module)	\
	f(list_next)

#define DECLARE(name) static __typeof__(kmod_##name) *loaded_##name;
FUNCTIONS(DECLARE)

#define CALL(name) loaded_##name

static struct kmod_ctx *context;
static const char *library_error;

/**
 * kernel_module_open() - load what the other functions need
 *
 * Return: 0, -ELIBACC or -ENOMEM.
 */
int kernel_module_open(void)
{
#define FUNCTION(name) { "kmod_" #name, &loaded_##name },
	static const struct library_function functions[] = { FUNCTIONS(FUNCTION) };

	if (context)
		return 0;
	library_error = library_load(LIBRARY, functions, sizeof(functions) / sizeof(functions[0]));
	if (library_error)
		return -ELIBACC;
	context = CALL(new)(NULL, NULL);
	if (!context)
		return -ENOMEM;
	/* What goes wrong is reported by whoever called. */
	CALL(set_log_priority)(context, 0);
	return 0;
}

/**
 * kernel_module_error() - why a module cannot be loaded
 * @error: negative errno of a function below
 *
 * Return: a text, valid until the next call.
 */
const char *kernel_module_error(int error)
{
	switch (-error) {
	case ELIBACC:
		return library_error ? library_error : strerror(-error);
	case ENOEXEC:
		return "it is not a module for the running kernel";
	case ENOENT:
		return "a symbol that it needs is not in this kernel, or the file is gone";
	case EKEYREJECTED:
	case ENOKEY:
		return "the kernel accepts signed modules only, and its signature is not valid";
	case EPERM:
		return "loading modules is not permitted";
	default:
		return strerror(-error);
	}
}

static void read_line(const char *name, const char *file, char *text, size_t room)
{
	char path[256];
	FILE *stream;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/sys/module/%s/%s", name, file);
	stream = fopen(path, "re");
	if (!stream)
		return;
	if (!fgets(text, (int)room, stream))
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	fclose(stream);
}

/**
 * kernel_module_loaded() - describe a loaded module
 * @name: its name
 * @module: filled in
 *
 * Return: 0, or -ENOENT where it is not loaded.
 */
int kernel_module_loaded(const char *name, struct kernel_module *module)
{
	char path[256];

	memset(module, 0, sizeof(*module));
	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (access(path, F_OK))
		return -ENOENT;
	read_line(name, "version", module->version, sizeof(module->version));
	read_line(name, "srcversion", module->source, sizeof(module->source));
	return 0;
}

static void take_info(struct kernel_module *module, const char *key, const char *value)
{
	if (strcmp(key, "version") == 0)
		snprintf(module->version, sizeof(module->version), "%s", value);
	else if (strcmp(key, "srcversion") == 0)
		snprintf(module->source, sizeof(module->source), "%s", value);
	else if (strcmp(key, "depends") == 0)
		snprintf(module->depends, sizeof(module->depends), "%s", value);
}

static int describe(struct kmod_module *found, struct kernel_module *module)
{
	const char *path = CALL(module_get_path)(found);
	struct kmod_list *list = NULL;
	struct kmod_list *item;
	int error;

	memset(module, 0, sizeof(*module));
	if (!path)
		return -ENOENT;
	snprintf(module->path, sizeof(module->path), "%s", path);
	error = CALL(module_get_info)(found, &list);
	if (error < 0)
		return error;
	for (item = list; item; item = CALL(list_next)(list, item))
		take_info(module, CALL(module_info_get_key)(item),
			  CALL(module_info_get_value)(item));
	CALL(module_info_free_list)(list);
	return 0;
}

/**
 * kernel_module_installed() - describe the file that modprobe would load
 * @name: of the module
 * @module: filled in
 *
 * Return: 0, -ENOENT where there is none, or another negative errno.
 */
int kernel_module_installed(const char *name, struct kernel_module *module)
{
	struct kmod_module *found;
	int error;

	memset(module, 0, sizeof(*module));
	error = CALL(module_new_from_name)(context, name, &found);
	if (error < 0)
		return error;
	error = describe(found, module);
	CALL(module_unref)(found);
	return error;
}

/**
 * kernel_module_file() - describe a file
 * @path: the file
 * @module: filled in
 *
 * Return: 0 or a negative errno.
 */
int kernel_module_file(const char *path, struct kernel_module *module)
{
	struct kmod_module *found;
	int error;

	memset(module, 0, sizeof(*module));
	error = CALL(module_new_from_path)(context, path, &found);
	if (error < 0)
		return error;
	error = describe(found, module);
	CALL(module_unref)(found);
	return error;
}

/**
 * kernel_module_depend() - load what a module needs
 * @module: from kernel_module_file() or kernel_module_installed()
 *
 * Return: 0 or a negative errno.
 */
int kernel_module_depend(const struct kernel_module *module)
{
	char names[sizeof(module->depends)];
	struct kmod_module *needed;
	char *rest = names;
	char path[512];
	char *name;
	int error;

	memcpy(names, module->depends, sizeof(names));
	while ((name = strsep(&rest, ","))) {
		snprintf(path, sizeof(path), "/sys/module/%s", name);
		if (!*name || !access(path, F_OK))
			continue;
		error = CALL(module_new_from_name)(context, name, &needed);
		if (error < 0)
			return error;
		error = CALL(module_probe_insert_module)(needed, 0, NULL, NULL, NULL, NULL);
		CALL(module_unref)(needed);
		if (error < 0 && error != -EEXIST)
			return error;
	}
	return 0;
}

/**
 * kernel_module_insert() - load a file
 * @path: the file
 * @options: NAME=VALUE with blanks between them
 *
 * Return: 0; -EEXIST where a module of this name is loaded, which the kernel says after it
 * has found signature, form and kernel version to be right (load_module() in
 * kernel/module/main.c); or another negative errno.
 */
int kernel_module_insert(const char *path, const char *options)
{
	struct kmod_module *module;
	int error;

	error = CALL(module_new_from_path)(context, path, &module);
	if (error < 0)
		return error;
	error = CALL(module_insert_module)(module, 0, options);
	CALL(module_unref)(module);
	return error;
}

/**
 * kernel_module_remove() - unload a module
 * @name: its name
 *
 * Return: 0, -EWOULDBLOCK while it is in use, or another negative errno.
 */
int kernel_module_remove(const char *name)
{
	struct kmod_module *module;
	int error;

	error = CALL(module_new_from_name)(context, name, &module);
	if (error < 0)
		return error;
	error = CALL(module_remove_module)(module, O_NONBLOCK);
	CALL(module_unref)(module);
	return error;
}
