// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every way in which a configuration changes, done to real files in a folder
 * of the test's own, and what the watch says about it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../ctl/ipmasqd/watch.h"

/* Long enough for a machine under load; reached only by a test that fails. */
#define PATIENCE_MILLISECONDS 10000

static char folder[64];
static struct watch *watch;

static const char *in_folder(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/ipmasq-watch-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	watch_close(watch);
	watch = NULL;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void make_directory(const char *name)
{
	assert_int_equal(mkdir(in_folder(name), 0755), 0);
}

static void make_link(const char *target, const char *name)
{
	assert_int_equal(symlink(target, in_folder(name)), 0);
}

static void rename_file(const char *from, const char *to)
{
	assert_int_equal(rename(in_folder(from), in_folder(to)), 0);
}

static void begin(const char *name, const char *prefix)
{
	assert_int_equal(watch_open(&watch, in_folder(name), prefix), 0);
	assert_int_equal(watch_read(watch), WATCH_NOTHING);
}

static enum watch_news read_news(void)
{
	enum watch_news news = watch_read(watch);

	watch_follow(watch);
	return news;
}

static void expect_changed(void)
{
	struct pollfd input = { .fd = watch_descriptor(watch), .events = POLLIN };

	do {
		assert_int_equal(poll(&input, 1, PATIENCE_MILLISECONDS), 1);
	} while (read_news() != WATCH_CHANGED);
}

static void expect_writing(void)
{
	struct pollfd input = { .fd = watch_descriptor(watch), .events = POLLIN };

	assert_int_equal(poll(&input, 1, PATIENCE_MILLISECONDS), 1);
	assert_int_equal(read_news(), WATCH_WRITING);
}

/* inotify queues an event before the call that causes it returns, so what is
 * not there now will not come.
 */
static void expect_nothing(void)
{
	assert_int_equal(read_news(), WATCH_NOTHING);
}

/* As the kubelet lays a volume out. */
static void make_volume(void)
{
	make_directory("volume");
	make_directory("volume/..1");
	write_file("volume/..1/config", "a: 1\n");
	make_link("..1", "volume/..data");
	make_link("..data/config", "volume/config");
}

static void update_volume(const char *version)
{
	char path[64];

	snprintf(path, sizeof(path), "volume/..%s", version);
	make_directory(path);
	snprintf(path, sizeof(path), "volume/..%s/config", version);
	write_file(path, "a: 2\n");
	snprintf(path, sizeof(path), "..%s", version);
	make_link(path, "volume/..data_tmp");
	expect_nothing();
	rename_file("volume/..data_tmp", "volume/..data");
}

static void kubelet(void **state)
{
	(void)state;
	make_volume();
	begin("volume/config", NULL);
	update_volume("2");
	expect_changed();
	/* The old folder is removed after the rename: of no interest any more. */
	assert_int_equal(unlink(in_folder("volume/..1/config")), 0);
	assert_int_equal(rmdir(in_folder("volume/..1")), 0);
	expect_nothing();
	update_volume("3");
	expect_changed();
	expect_nothing();
}

static void kubelet_adds_and_removes_the_key(void **state)
{
	(void)state;
	make_volume();
	begin("volume/config", NULL);
	assert_int_equal(unlink(in_folder("volume/config")), 0);
	expect_changed();
	make_link("..data/config", "volume/config");
	expect_changed();
}

static void in_place(void **state)
{
	int file;

	(void)state;
	write_file("config", "a: 1\n");
	begin("config", NULL);
	file = open(in_folder("config"), O_WRONLY);
	assert_int_equal(write(file, "b", 1), 1);
	expect_writing();
	close(file);
	expect_changed();
	file = open(in_folder("config"), O_RDONLY);
	close(file);
	expect_nothing();
}

static void editor_renames(void **state)
{
	(void)state;
	write_file("config", "a: 1\n");
	begin("config", NULL);
	write_file(".config.swp", "a: 2\n");
	expect_nothing();
	rename_file(".config.swp", "config");
	expect_changed();
	/* The new file is watched as the old one was. */
	write_file("config", "a: 3\n");
	expect_changed();
}

static void editor_keeps_a_backup(void **state)
{
	(void)state;
	write_file("config", "a: 1\n");
	begin("config", NULL);
	rename_file("config", "config~");
	expect_changed();
	write_file("config", "a: 2\n");
	expect_changed();
	/* The backup is somebody else's business. */
	write_file("config~", "a: 3\n");
	expect_nothing();
}

static void appears_and_disappears(void **state)
{
	int file;

	(void)state;
	begin("config", NULL);
	file = open(in_folder("config"), O_WRONLY | O_CREAT, 0644);
	expect_writing();
	close(file);
	expect_changed();
	assert_int_equal(unlink(in_folder("config")), 0);
	expect_changed();
	make_link("elsewhere", "config");
	expect_changed();
	write_file("elsewhere", "a: 1\n");
	expect_changed();
}

static void becomes_readable(void **state)
{
	(void)state;
	write_file("config", "a: 1\n");
	assert_int_equal(chmod(in_folder("config"), 0), 0);
	begin("config", NULL);
	assert_int_equal(chmod(in_folder("config"), 0644), 0);
	expect_changed();
}

static void directory_appears_late(void **state)
{
	(void)state;
	begin("etc/config/file", NULL);
	make_directory("etc");
	expect_changed();
	make_directory("etc/config");
	expect_changed();
	write_file("etc/config/file", "a: 1\n");
	expect_changed();
	write_file("etc/config/file", "a: 2\n");
	expect_changed();
}

static void directory_made_elsewhere_is_moved_in(void **state)
{
	(void)state;
	begin("etc/config/file", NULL);
	make_directory("new");
	make_directory("new/config");
	write_file("new/config/file", "a: 1\n");
	expect_nothing();
	rename_file("new", "etc");
	expect_changed();
	write_file("etc/config/file", "a: 2\n");
	expect_changed();
}

static void directory_is_made_anew(void **state)
{
	(void)state;
	make_directory("etc");
	write_file("etc/file", "a: 1\n");
	begin("etc/file", NULL);
	assert_int_equal(unlink(in_folder("etc/file")), 0);
	assert_int_equal(rmdir(in_folder("etc")), 0);
	expect_changed();
	make_directory("etc");
	expect_changed();
	write_file("etc/file", "a: 2\n");
	expect_changed();
	/* And once more: moved away, and another one in its place. */
	rename_file("etc", "old");
	make_directory("etc");
	expect_changed();
	write_file("etc/file", "a: 3\n");
	expect_changed();
	write_file("old/file", "a: 4\n");
	expect_nothing();
}

static void directory_is_a_symlink(void **state)
{
	(void)state;
	make_directory("one");
	make_directory("two");
	write_file("one/file", "a: 1\n");
	write_file("two/file", "a: 2\n");
	make_link("one", "etc");
	begin("etc/file", NULL);
	write_file("one/file", "a: 3\n");
	expect_changed();
	make_link(in_folder("two"), "new");
	rename_file("new", "etc");
	expect_changed();
	write_file("two/file", "a: 4\n");
	expect_changed();
	write_file("one/file", "a: 5\n");
	expect_nothing();
}

static void written_under_another_name(void **state)
{
	(void)state;
	write_file("config", "a: 1\n");
	make_directory("elsewhere");
	assert_int_equal(link(in_folder("config"), in_folder("elsewhere/name")), 0);
	begin("config", NULL);
	write_file("elsewhere/name", "a: 2\n");
	expect_changed();
}

static void symlinks_in_a_circle(void **state)
{
	(void)state;
	make_link("b", "a");
	make_link("a", "b");
	begin("a", NULL);
	assert_int_equal(unlink(in_folder("a")), 0);
	expect_changed();
	write_file("a", "a: 1\n");
	expect_changed();
}

static void a_file_is_in_the_way(void **state)
{
	(void)state;
	write_file("etc", "not a directory\n");
	begin("etc/config/file", NULL);
	assert_int_equal(unlink(in_folder("etc")), 0);
	expect_changed();
	make_directory("etc");
	expect_changed();
}

static void files_of_a_directory(void **state)
{
	(void)state;
	make_directory("etc");
	write_file("etc/ip-masq-one", "a: 1\n");
	write_file("etc/other", "a: 1\n");
	begin("etc", "ip-masq-");
	write_file("etc/ip-masq-one", "a: 2\n");
	expect_changed();
	write_file("etc/ip-masq-two", "a: 1\n");
	expect_changed();
	write_file("etc/other", "a: 2\n");
	expect_nothing();
	assert_int_equal(unlink(in_folder("etc/ip-masq-one")), 0);
	expect_changed();
	make_link("other", "etc/ip-masq-three");
	expect_changed();
	write_file("etc/other", "a: 3\n");
	expect_changed();
}

static void files_of_a_volume(void **state)
{
	(void)state;
	make_volume();
	assert_int_equal(rename(in_folder("volume/..1/config"),
				in_folder("volume/..1/ip-masq-a")), 0);
	make_link("..data/ip-masq-a", "volume/ip-masq-a");
	begin("volume", "ip-masq-");
	update_volume("2");
	expect_changed();
}

static void many_changes_are_one(void **state)
{
	char text[32];
	int i;

	(void)state;
	write_file("config", "");
	begin("config", NULL);
	for (i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "a: %d\n", i);
		write_file("config", text);
	}
	expect_changed();
	expect_nothing();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
		TEST(kubelet),
		TEST(kubelet_adds_and_removes_the_key),
		TEST(in_place),
		TEST(editor_renames),
		TEST(editor_keeps_a_backup),
		TEST(appears_and_disappears),
		TEST(becomes_readable),
		TEST(directory_appears_late),
		TEST(directory_made_elsewhere_is_moved_in),
		TEST(directory_is_made_anew),
		TEST(directory_is_a_symlink),
		TEST(written_under_another_name),
		TEST(symlinks_in_a_circle),
		TEST(a_file_is_in_the_way),
		TEST(files_of_a_directory),
		TEST(files_of_a_volume),
		TEST(many_changes_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
