// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last good policy on disk, in text that a person can read:
 *
 *	ipmasq-policy 1
 *	settings ipv6=off random-fully=on
 *	ports 1024-29999,32768-65535
 *	sources 10.244.0.0/16
 *	interfaces eth* wan0
 *	addresses 192.0.2.1 192.0.2.2
 *	skip 10.0.0.0/8
 *	masquerade 10.20.0.0/16
 *	snat 203.0.113.0/24 192.0.2.7 192.0.2.8
 *	checksum 0123456789abcdef
 *
 * Of the lists before the entries those are there that are not empty. The checksum is the
 * fingerprint of everything before its line: it finds damage, not malice (see
 * fingerprint.c). The file is replaced in one step.
 *
 * Nothing here waits for the disk, which may take seconds: all of the daemon would
 * wait. The kernel is asked to begin to write before the file takes the name, so a
 * power cut in the moment after that may leave a file that is damaged, which the
 * checksum shows.
 */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fingerprint.h"

#define HEADER "ipmasq-policy 1"
#define TEMPORARY_FILE ".policy.new"

/* Longer than the longest line that can be: the 256 IPv6 prefixes of "sources". */
#define LINE_MAX_BYTES 16384

/* More than the module takes unless it is told otherwise. */
#define ENTRIES_MAX (1U << 20)

__attribute__((format(printf, 3, 4)))
static int fail(char reason[STATE_REASON_MAX], int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, STATE_REASON_MAX, format, arguments);
	va_end(arguments);
	return error;
}

static const char *on_or_off(const struct policy_settings *settings, uint32_t flag)
{
	return settings->flags & flag ? "on" : "off";
}

static void compose_addresses(FILE *stream, const struct cidr *addresses, size_t count)
{
	char text[CIDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		fprintf(stream, " %s", cidr_format_address(&addresses[i], text));
}

static void compose_lists(FILE *stream, const struct policy_settings *settings)
{
	char text[CIDR_TEXT_MAX];
	char *ports;
	size_t i;

	if (settings->list[SETTING_TO_PORTS].count) {
		ports = port_ranges_format(settings->list[SETTING_TO_PORTS].items, settings->list[SETTING_TO_PORTS].count);
		fprintf(stream, "ports %s\n", ports ? ports : "");
		free(ports);
	}
	for (i = 0; i < settings->list[SETTING_SOURCE_CIDRS].count; i++)
		fprintf(stream, "%s %s", i ? "" : "sources",
			cidr_format((const struct cidr *)settings->list[SETTING_SOURCE_CIDRS].items + i,
				    text));
	fputs(i ? "\n" : "", stream);
	for (i = 0; i < settings->list[SETTING_OUTPUT_INTERFACES].count; i++)
		fprintf(stream, "%s %s", i ? "" : "interfaces", ((const struct policy_interface *)settings->list[SETTING_OUTPUT_INTERFACES].items)[i].pattern);
	fputs(i ? "\n" : "", stream);
	if (settings->list[SETTING_SNAT_ADDRESSES].count) {
		fputs("addresses", stream);
		compose_addresses(stream, settings->list[SETTING_SNAT_ADDRESSES].items, settings->list[SETTING_SNAT_ADDRESSES].count);
		fputc('\n', stream);
	}
}

static int compose(const struct policy *policy, char **text, size_t *length)
{
	FILE *stream = open_memstream(text, length);
	size_t i;

	if (!stream)
		return -ENOMEM;
	fprintf(stream, HEADER "\nsettings ipv6=%s random-fully=%s\n",
		on_or_off(&policy->settings, IPMASQ_FLAG_IPV6),
		on_or_off(&policy->settings, IPMASQ_FLAG_RANDOM_FULLY));
	compose_lists(stream, &policy->settings);
	for (i = 0; i < policy->count; i++) {
		const struct policy_detail *detail = policy->entries[i].detail;
		char cidr[CIDR_TEXT_MAX];

		fprintf(stream, "%s %s", policy_action_name(policy->entries[i].action),
			cidr_format(&policy->entries[i].cidr, cidr));
		if (detail)
			compose_addresses(stream, detail->addresses, detail->address_count);
		fputc('\n', stream);
	}
	fflush(stream);
	fprintf(stream, "checksum %016" PRIx64 "\n",
		fingerprint_bytes(FINGERPRINT_EMPTY, *text, *length));
	if (fclose(stream)) {
		free(*text);
		return -ENOMEM;
	}
	return 0;
}

static bool holds_already(int directory, const char *text, size_t length)
{
	char buffer[4096];
	ssize_t count;
	int file = openat(directory, STATE_FILE, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (file < 0)
		return false;
	while ((count = read(file, buffer, sizeof(buffer))) > 0) {
		if ((size_t)count > length || memcmp(buffer, text, (size_t)count))
			break;
		text += count;
		length -= (size_t)count;
	}
	close(file);
	return !count && !length;
}

static int write_all(int file, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(file, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		length -= (size_t)written;
	}
	/* Begins, and does not wait for the end. What cannot do it writes later. */
	sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
	return 0;
}

static int replace_file(int directory, const char *text, size_t length)
{
	int file, result;

	/* Whatever has the name, of a daemon that was killed or of somebody else, goes. */
	if (unlinkat(directory, TEMPORARY_FILE, 0) && errno != ENOENT)
		return -errno;
	file = openat(directory, TEMPORARY_FILE,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (file < 0)
		return -errno;
	result = write_all(file, text, length);
	if (close(file) && !result)
		result = -errno;
	if (!result && renameat(directory, TEMPORARY_FILE, directory, STATE_FILE))
		result = -errno;
	if (result)
		unlinkat(directory, TEMPORARY_FILE, 0);
	return result;
}

/**
 * state_save() - write the last good policy
 * @directory: made if its parent is there
 * @policy: what to write; only its config entries may be in it
 * @reason: filled with one line for a person after a failure
 *
 * Nothing is written when the file says the same already.
 *
 * Return: 0 or a negative errno, with the file as it was.
 */
int state_save(const char *directory, const struct policy *policy,
	       char reason[STATE_REASON_MAX])
{
	char *text;
	size_t length;
	int descriptor;
	int result;

	result = compose(policy, &text, &length);
	if (result)
		return fail(reason, result, "no memory for the text");
	/* As the kernel, which shows the policy to nobody without CAP_NET_ADMIN. */
	if (mkdir(directory, 0700) && errno != EEXIST) {
		result = fail(reason, -errno, "the directory cannot be made: %s",
			      strerror(errno));
		goto free_text;
	}
	descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0) {
		result = fail(reason, -errno, "the directory cannot be opened: %s",
			      strerror(errno));
		goto free_text;
	}
	if (!holds_already(descriptor, text, length)) {
		result = replace_file(descriptor, text, length);
		if (result)
			fail(reason, result, "%s", strerror(-result));
	}
	close(descriptor);
free_text:
	free(text);
	return result;
}

static bool parse_switch(const char *text, const char *name, bool *on, const char **end)
{
	size_t length = strlen(name);

	if (strncmp(text, name, length))
		return false;
	text += length;
	*on = !strncmp(text, "on", 2);
	if (!*on && strncmp(text, "off", 3))
		return false;
	*end = text + (*on ? 2 : 3);
	return true;
}

static int parse_settings(const char *text, struct policy_settings *settings)
{
	bool ipv6, random_fully;

	if (!parse_switch(text, "ipv6=", &ipv6, &text) || *text++ != ' ' ||
	    !parse_switch(text, "random-fully=", &random_fully, &text) || *text)
		return -EINVAL;
	settings->flags = (ipv6 ? IPMASQ_FLAG_IPV6 : 0) |
			  (random_fully ? IPMASQ_FLAG_RANDOM_FULLY : 0);
	settings->flags_named = IPMASQ_FLAG_IPV6 | IPMASQ_FLAG_RANDOM_FULLY;
	policy_settings_name_lists(settings);
	return 0;
}

static int parse_ports(const char *text, struct policy_list *list)
{
	struct port_range *ranges = NULL;
	char *error = NULL;
	int result;

	if (list->items)
		return -EINVAL;
	result = port_ranges_parse(text, &ranges, &list->count, &error);
	list->items = ranges;
	free(error);
	if (!result && list->count > IPMASQ_PORT_RANGES_MAX)
		result = -EINVAL;
	return result;
}

/* The next of the words that have one blank between each other. */
static size_t next_word(const char **text)
{
	const char *word = *text;
	size_t length = strcspn(word, " ");

	*text = word[length] ? word + length + 1 : word + length;
	return length;
}

static size_t count_words(const char *text)
{
	size_t count = 1;

	while ((text = strchr(text, ' '))) {
		text++;
		count++;
	}
	return count;
}

typedef int (*parse_cidr)(const char *text, size_t length, struct cidr *cidr,
			  const char **reason);

/* A list of prefixes or of addresses, which must not be there already. */
static int parse_cidrs(const char *text, parse_cidr parse_one, size_t most,
		       struct policy_list *list)
{
	size_t count = count_words(text);
	struct cidr *cidrs;
	size_t i;

	if (list->items || count > most)
		return -EINVAL;
	cidrs = calloc(count, sizeof(*cidrs));
	if (!cidrs)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		const char *word = text;
		size_t length = next_word(&text);

		if (parse_one(word, length, &cidrs[i], NULL)) {
			free(cidrs);
			return -EINVAL;
		}
	}
	list->items = cidrs;
	list->count = count;
	return 0;
}

static int parse_interfaces(const char *text, struct policy_list *list)
{
	size_t count = count_words(text);
	struct policy_interface *interfaces;
	size_t i;

	if (list->items || count > IPMASQ_INTERFACES_MAX)
		return -EINVAL;
	interfaces = calloc(count, sizeof(*interfaces));
	if (!interfaces)
		return -ENOMEM;
	list->items = interfaces;
	list->count = count;
	for (i = 0; i < count; i++) {
		const char *word = text;
		size_t length = next_word(&text);

		if (!length || length >= POLICY_INTERFACE_SIZE)
			return -EINVAL;
		memcpy(interfaces[i].pattern, word, length);
	}
	return 0;
}

static int parse_entry(const char *text, uint8_t action, struct policy *policy)
{
	struct policy_entry entry = { .action = action, .origin = IPMASQ_ORIGIN_CONFIG };
	const char *word = text;
	size_t length = next_word(&text);
	struct policy_list pool = { 0 };
	const struct cidr *addresses;
	size_t i;
	int result;

	if (policy->count == ENTRIES_MAX || cidr_parse(word, length, &entry.cidr, NULL))
		return -EINVAL;
	if (action != IPMASQ_ACTION_SNAT)
		return *text || word[length] ? -EINVAL : policy_append(policy, &entry);

	result = parse_cidrs(text, cidr_parse_address, IPMASQ_SNAT_ADDRESSES_MAX, &pool);
	addresses = pool.items;
	for (i = 0; i < pool.count && !result; i++) {
		if (addresses[i].family != entry.cidr.family)
			result = -EINVAL;
	}
	if (!result) {
		entry.detail = policy_detail_new(0, addresses, pool.count);
		result = entry.detail ? policy_append(policy, &entry) : -ENOMEM;
	}
	free(entry.detail);
	free(pool.items);
	return result;
}

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && !memcmp(text, word, length);
}

/* One line between the header and the checksum. */
static int parse_line(const char *line, struct policy *policy)
{
	struct policy_settings *settings = &policy->settings;
	const char *rest = line;
	size_t length = next_word(&rest);
	uint8_t action;

	if (!line[length])
		return -EINVAL;
	if (is_word(line, length, "settings"))
		return parse_settings(rest, settings);
	if (is_word(line, length, "ports"))
		return parse_ports(rest, &settings->list[SETTING_TO_PORTS]);
	if (is_word(line, length, "sources"))
		return parse_cidrs(rest, cidr_parse, IPMASQ_SOURCE_CIDRS_MAX,
				   &settings->list[SETTING_SOURCE_CIDRS]);
	if (is_word(line, length, "interfaces"))
		return parse_interfaces(rest, &settings->list[SETTING_OUTPUT_INTERFACES]);
	if (is_word(line, length, "addresses"))
		return parse_cidrs(rest, cidr_parse_address, IPMASQ_SNAT_ADDRESSES_MAX,
				   &settings->list[SETTING_SNAT_ADDRESSES]);
	for (action = IPMASQ_ACTION_SKIP; action <= IPMASQ_ACTION_SNAT; action++) {
		if (is_word(line, length, policy_action_name(action)))
			return parse_entry(rest, action, policy);
	}
	return -EINVAL;
}

static int parse(FILE *file, struct policy *policy, char reason[STATE_REASON_MAX])
{
	uint64_t fingerprint = FINGERPRINT_EMPTY;
	char line[LINE_MAX_BYTES];
	unsigned int number = 0;

	while (fgets(line, sizeof(line), file)) {
		size_t length = strlen(line);
		char checksum[32];
		int result;

		number++;
		if (!length || line[length - 1] != '\n')
			return fail(reason, -EBADMSG,
				    "it is damaged: line %u is cut off or too long", number);
		if (!strncmp(line, "checksum ", 9)) {
			if (fgetc(file) != EOF)
				return fail(reason, -EBADMSG,
					    "it is damaged: something follows the checksum");
			line[length - 1] = '\0';
			snprintf(checksum, sizeof(checksum), "checksum %016" PRIx64, fingerprint);
			if (strcmp(line, checksum))
				return fail(reason, -EBADMSG,
					    "it is damaged: its last line is \"%.40s\", expected \"%s\"",
					    line, checksum);
			if (!policy->settings.flags_named)
				return fail(reason, -EBADMSG, "it has no settings");
			policy_sort(policy);
			return 0;
		}
		fingerprint = fingerprint_bytes(fingerprint, line, length);
		line[length - 1] = '\0';
		if (number == 1) {
			if (!strcmp(line, HEADER))
				continue;
			if (!strncmp(line, "ipmasq-policy ", 14))
				return fail(reason, -EBADMSG,
					    "it was written by another version (found \"%.40s\", expected \"" HEADER "\")",
					    line);
			return fail(reason, -EBADMSG,
				    "it is damaged: line 1 is not \"" HEADER "\"");
		}
		result = parse_line(line, policy);
		if (result == -ENOMEM)
			return fail(reason, result, "no memory");
		if (result)
			return fail(reason, -EBADMSG, "it is damaged: line %u makes no sense",
				    number);
	}
	return fail(reason, -EBADMSG, "it is damaged: it ends without a checksum");
}

/**
 * state_load() - read the last good policy
 * @directory: where state_save() put it
 * @policy: is overwritten; policy_clear() frees it
 * @reason: filled with one line for a person after a failure
 *
 * Return: 0; -ENOENT where none was saved; -EBADMSG for one that is damaged or
 * of another version; or another negative errno. @policy is empty after a failure.
 */
int state_load(const char *directory, struct policy *policy, char reason[STATE_REASON_MAX])
{
	char path[4096];
	struct stat stat;
	int descriptor;
	int result;
	FILE *file;

	memset(policy, 0, sizeof(*policy));
	if ((size_t)snprintf(path, sizeof(path), "%s/" STATE_FILE, directory) >= sizeof(path))
		return fail(reason, -ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
	descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (descriptor < 0)
		return fail(reason, -errno, "%s", strerror(errno));
	if (fstat(descriptor, &stat) || !S_ISREG(stat.st_mode)) {
		close(descriptor);
		return fail(reason, -EBADMSG, "it is not a file");
	}
	file = fdopen(descriptor, "r");
	if (!file) {
		close(descriptor);
		return fail(reason, -ENOMEM, "no memory");
	}
	result = parse(file, policy, reason);
	fclose(file);
	if (result)
		policy_clear(policy);
	return result;
}

/**
 * state_remove() - forget the last good policy
 * @directory: where state_save() put it
 *
 * Return: 0; -ENOENT where there was none; or another negative errno.
 */
int state_remove(const char *directory)
{
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/" STATE_FILE, directory) >= sizeof(path))
		return -ENAMETOOLONG;
	return unlink(path) ? -errno : 0;
}
