// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The BPF contender: a program for "-m bpf" of iptables that looks a packet's
 * destination up in a map of type LPM_TRIE and matches if the longest prefix that
 * holds it says so.
 *
 *	lpm load 4|6 FILE	make map and program, pin them
 *	lpm add 4|6 PREFIX	add one prefix to the map
 *	lpm delete 4|6 PREFIX	delete one
 *
 * FILE has a prefix on each line, and behind it a word if it does not match.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROGRAM	"/run/bpf/skip"
#define TABLE	"/run/bpf/table"

/* Entries that one system call takes. */
#define BATCH	65536

/* As the kernel wants it: the length, then the address; IPv4 has 4 bytes of it. */
struct key {
	uint32_t length;
	uint8_t address[16];
};

static int bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static void fail(const char *what)
{
	fprintf(stderr, "lpm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static size_t key_size(int family)
{
	return offsetof(struct key, address) + (family == 4 ? 4 : 16);
}

static int create_map(int family, uint32_t entries)
{
	union bpf_attr attributes = {
		.map_type = BPF_MAP_TYPE_LPM_TRIE,
		.key_size = key_size(family),
		.value_size = 1,
		.max_entries = entries,
		.map_flags = BPF_F_NO_PREALLOC,
	};
	int map = bpf(BPF_MAP_CREATE, &attributes);

	if (map < 0)
		fail("cannot create the map");
	return map;
}

static void pin(int descriptor, const char *path)
{
	union bpf_attr attributes = {
		.pathname = (uintptr_t)path,
		.bpf_fd = descriptor,
	};

	if (bpf(BPF_OBJ_PIN, &attributes))
		fail(path);
}

static int pinned(const char *path)
{
	union bpf_attr attributes = { .pathname = (uintptr_t)path };
	int descriptor = bpf(BPF_OBJ_GET, &attributes);

	if (descriptor < 0)
		fail(path);
	return descriptor;
}

static void parse(int family, char *text, struct key *key)
{
	char *length = strchr(text, '/');

	if (length)
		*length++ = '\0';
	if (!length || inet_pton(family == 4 ? AF_INET : AF_INET6, text, key->address) != 1) {
		fprintf(stderr, "lpm: %s is no prefix\n", text);
		exit(1);
	}
	key->length = strtoul(length, NULL, 10);
}

static int load_program(int family, int map)
{
	int size = family == 4 ? 4 : 16;
	int destination = family == 4 ? 16 : 24;	/* in the packet */
	int key = -4 - size;				/* on the stack, a multiple of 4 */
	struct bpf_insn code[] = {
		/* r6 keeps the packet, the key lies at r10 + key */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1 },
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = key, .imm = size * 8 },
		/* bpf_skb_load_bytes(packet, destination, address, size) */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = destination },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 3, .imm = key + 4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = size },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_load_bytes },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 0, .off = 8, .imm = 0 },
		/* value = bpf_map_lookup_elem(map, key); return value ? *value : 0 */
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = key },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .off = 1, .imm = 0 },
		{ .code = BPF_LDX | BPF_MEM | BPF_B, .dst_reg = 0, .src_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static char log[65536];
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)code,
		.insn_cnt = sizeof(code) / sizeof(*code),
		.license = (uintptr_t)"GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int program = bpf(BPF_PROG_LOAD, &attributes);

	if (program < 0) {
		fputs(log, stderr);
		fail("cannot load the program");
	}
	return program;
}

static void update(int map, const void *keys, const void *values, uint32_t count)
{
	union bpf_attr attributes = {
		.batch = {
			.map_fd = map,
			.keys = (uintptr_t)keys,
			.values = (uintptr_t)values,
			.count = count,
		},
	};

	if (count && bpf(BPF_MAP_UPDATE_BATCH, &attributes))
		fail("cannot fill the map");
}

static void load(int family, const char *name)
{
	static uint8_t values[BATCH];
	static uint8_t keys[BATCH * sizeof(struct key)];
	size_t size = key_size(family);
	struct key key = { 0 };
	uint32_t count = 0;
	char line[128];
	FILE *file = fopen(name, "r");
	int map;

	if (!file)
		fail(name);
	map = create_map(family, 1 << 20);
	while (fgets(line, sizeof(line), file)) {
		values[count] = !strchr(line, ' ');
		parse(family, line, &key);
		memcpy(keys + count * size, &key, size);
		if (++count < BATCH)
			continue;
		update(map, keys, values, count);
		count = 0;
	}
	update(map, keys, values, count);
	fclose(file);
	pin(map, TABLE);
	pin(load_program(family, map), PROGRAM);
}

static void delete(int map, const void *key)
{
	union bpf_attr attributes = {
		.map_fd = map,
		.key = (uintptr_t)key,
	};

	if (bpf(BPF_MAP_DELETE_ELEM, &attributes))
		fail("cannot delete the prefix");
}

int main(int argc, char **argv)
{
	struct key key = { 0 };
	uint8_t value = 1;
	int family;

	if (argc != 4 || (strcmp(argv[2], "4") && strcmp(argv[2], "6"))) {
		fprintf(stderr, "usage: lpm load 4|6 FILE\n"
			"       lpm add|delete 4|6 PREFIX\n");
		return 2;
	}
	family = atoi(argv[2]);
	if (!strcmp(argv[1], "load")) {
		load(family, argv[3]);
	} else {
		parse(family, argv[3], &key);
		if (!strcmp(argv[1], "delete"))
			delete(pinned(TABLE), &key);
		else
			update(pinned(TABLE), &key, &value, 1);
	}
	return 0;
}
