// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last good policy on disk: what "ipmasqctl save" writes (see saved_policy.c), between
 *
 *	# ipmasq-policy 2
 *	# checksum 0123456789abcdef
 *
 * which restore passes over. The checksum is the fingerprint of everything before its
 * line: it finds damage, not malice (see fingerprint.c). The file is replaced in one step.
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
#include "saved_policy.h"

#define HEADER "# ipmasq-policy 2\n"
#define CHECKSUM "# checksum %016" PRIx64 "\n"
#define CHECKSUM_BYTES 28
#define TEMPORARY_FILE ".policy.new"

/* What version 0.1.0 has written is read until 0.3.0. */
#define OLD_HEADER "ipmasq-policy 1\n"
#define OLD_CHECKSUM_BYTES 26

__attribute__((format(printf, 3, 4)))
static int fail(char reason[STATE_REASON_MAX], int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, STATE_REASON_MAX, format, arguments);
	va_end(arguments);
	return error;
}

static int compose(const struct policy *policy, char **text, size_t *length)
{
	FILE *stream = open_memstream(text, length);
	int result;

	if (!stream)
		return -ENOMEM;
	fputs(HEADER, stream);
	result = saved_policy_print(stream, policy);
	fflush(stream);
	fprintf(stream, CHECKSUM, fingerprint_bytes(FINGERPRINT_EMPTY, *text, *length));
	if (!fclose(stream) && !result)
		return 0;
	free(*text);
	return -ENOMEM;
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

/* Whether the last line is the checksum of those before it. */
static int verify(int file, size_t size, size_t last, char reason[STATE_REASON_MAX])
{
	uint64_t fingerprint = FINGERPRINT_EMPTY;
	char wanted[CHECKSUM_BYTES + 1], found[CHECKSUM_BYTES + 1] = "";
	size_t done = 0;
	char buffer[4096];

	if (size < last)
		return fail(reason, -EBADMSG, "it is damaged: it ends without a checksum");
	while (done < size - last) {
		size_t piece = size - last - done;
		ssize_t got = pread(file, buffer, piece < sizeof(buffer) ? piece : sizeof(buffer),
				    (off_t)done);

		if (got <= 0)
			return fail(reason, -EBADMSG, "it cannot be read");
		fingerprint = fingerprint_bytes(fingerprint, buffer, (size_t)got);
		done += (size_t)got;
	}
	snprintf(wanted, sizeof(wanted), CHECKSUM, fingerprint);
	if (pread(file, found, last, (off_t)done) == (ssize_t)last &&
	    !strcmp(found, wanted + CHECKSUM_BYTES - last))
		return 0;
	found[strcspn(found, "\n")] = '\0';
	wanted[CHECKSUM_BYTES - 1] = '\0';
	return fail(reason, -EBADMSG,
		    "it is damaged: its last line is \"%.40s\", expected \"%s\"", found,
		    wanted + CHECKSUM_BYTES - last);
}

/* A list of words, with commas between them; what is no comma in one is escaped. */
static void translate_words(FILE *to, const char *words, bool escaped)
{
	for (; *words; words++) {
		if (*words == ' ')
			fputc(',', to);
		else
			fprintf(to, escaped ? "\\x%02x" : "%c", (unsigned char)*words);
	}
}

/* A line of version 0.1.0 in the words of today. */
static int translate_line(FILE *to, const char *line, bool *ports)
{
	static const struct {
		const char *word;
		enum setting setting;
	} lists[] = {
		{ "ports", SETTING_TO_PORTS },
		{ "sources", SETTING_SOURCE_CIDRS },
		{ "interfaces", SETTING_OUTPUT_INTERFACES },
		{ "addresses", SETTING_SNAT_ADDRESSES },
	};
	size_t length = strcspn(line, " ");
	char word[SETTING_WORD_MAX], ipv6[4], random_fully[4];
	size_t i;

	if (!line[length] || line[strlen(line) - 1] == ' ')
		return -EINVAL;
	if (sscanf(line, "settings ipv6=%3s random-fully=%3s", ipv6, random_fully) == 2) {
		fprintf(to, "set %s %s\n", setting_word(SETTING_ENABLE_IPV6, word), ipv6);
		fprintf(to, "set %s %s\n", setting_word(SETTING_RANDOM_FULLY, word), random_fully);
		return 0;
	}
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strlen(lists[i].word) != length || memcmp(line, lists[i].word, length))
			continue;
		*ports |= lists[i].setting == SETTING_TO_PORTS;
		fprintf(to, "set %s ", setting_word(lists[i].setting, word));
		translate_words(to, line + length + 1,
				lists[i].setting == SETTING_OUTPUT_INTERFACES);
		fputc('\n', to);
		return 0;
	}
	/* An entry, whose action comes first. */
	i = length + 1 + strcspn(line + length + 1, " ");
	fprintf(to, "%.*s %.*s ", (int)(i - length - 1), line + length + 1, (int)length, line);
	translate_words(to, line[i] ? line + i + 1 : "", false);
	fputs(" config\n", to);
	return 0;
}

static int translate(FILE *from, FILE *to, size_t size)
{
	char *line = NULL;
	bool ports = false;
	size_t room = 0;
	size_t done = 0;
	int result = 0;

	while (!result && done < size - OLD_CHECKSUM_BYTES) {
		ssize_t length = getline(&line, &room, from);

		if (length < 0) {
			result = -EINVAL;
			break;
		}
		line[strcspn(line, "\n")] = '\0';
		if (done)
			result = translate_line(to, line, &ports);
		done += (size_t)length;
	}
	free(line);
	if (!ports)
		translate_line(to, "ports any", &ports);
	return result;
}

static int read_old(int file, size_t size, struct policy *policy, char **error)
{
	FILE *from = fdopen(dup(file), "r");
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	int result = from && to ? translate(from, to, size) : -ENOMEM;

	if (from)
		fclose(from);
	if (to && fclose(to))
		result = -ENOMEM;
	if (!result)
		result = saved_policy_read_text(text, length, STATE_FILE, policy, error);
	free(text);
	return result;
}

static int refuse_header(const char *header, char reason[STATE_REASON_MAX])
{
	const char *name = header + 2 * !strncmp(header, "# ", 2);

	if (!strncmp(name, "ipmasq-policy ", 14))
		return fail(reason, -EBADMSG,
			    "it was written by another version (found \"%.*s\", expected \"%.17s\")",
			    (int)strcspn(header, "\n"), header, HEADER);
	return fail(reason, -EBADMSG, "it is damaged: line 1 is not \"%.17s\"", HEADER);
}

static bool is_config(const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->count && policy->entries[i].origin == IPMASQ_ORIGIN_CONFIG; i++)
		;
	return i == policy->count;
}

static int read_policy(int file, size_t size, struct policy *policy,
		       char reason[STATE_REASON_MAX])
{
	char header[41] = "";
	char *error = NULL;
	bool exists = true;
	bool old;
	int result;

	if (pread(file, header, sizeof(header) - 1, 0) < 0)
		return fail(reason, -errno, "%s", strerror(errno));
	old = !strncmp(header, OLD_HEADER, strlen(OLD_HEADER));
	if (!old && strncmp(header, HEADER, strlen(HEADER)))
		return refuse_header(header, reason);
	result = verify(file, size, old ? OLD_CHECKSUM_BYTES : CHECKSUM_BYTES, reason);
	if (result)
		return result;
	result = old ? read_old(file, size, policy, &error) :
		       saved_policy_read(file, STATE_FILE, policy, &exists, &error);
	if (result == -ENOMEM)
		result = fail(reason, result, "no memory");
	else if (result || !exists || !is_config(policy))
		result = fail(reason, -EBADMSG, "it is damaged: it makes no sense: %s",
			      error ? error : "that is no policy of ipmasqd");
	else
		policy_sort(policy);
	free(error);
	return result;
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
	result = read_policy(descriptor, (size_t)stat.st_size, policy, reason);
	close(descriptor);
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
