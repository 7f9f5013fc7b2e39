/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ATTACK_H
#define ATTACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../fuzz/netlink/fuzz.h"

/* Attackers of one run. */
#define ATTACKERS_MAX 32

/* What is attempted. Those below ATTEMPT_BIND are commands of the family. */
enum attempt {
	ATTEMPT_BIND = 16,
	ATTEMPT_KILL,
	ATTEMPT_NAMESPACE,
	ATTEMPT_UNLOAD,
	ATTEMPT_LOAD,
	ATTEMPT_PARAMETER,
	ATTEMPT_LIMIT,
	ATTEMPT_FAULT,
	ATTEMPT_LINK,
	ATTEMPT_ADDRESS,
	ATTEMPT_IPV6_SWITCH,
	ATTEMPT_PACKET,
	ATTEMPT_FLUSH,
	ATTEMPT_EVENT,
	ATTEMPTS
};

/**
 * struct score - how one kind of attempt ended
 * @done: so often it was carried out
 * @refused: so often it was not
 */
struct score {
	_Atomic uint64_t done;
	_Atomic uint64_t refused;
};

/**
 * struct board - what all processes of a run share
 * @end: attackers come to their end
 * @family: number of the family, 0 while the module is not loaded
 * @group: number of its group of events
 * @reloads: the module is unloaded and loaded meanwhile
 * @denied: nothing of what the family is asked for may be done
 * @faulty: system calls may fail for want of memory, and processes be killed
 * @pace: so many times longer attackers let each other live, by attacker
 * @wrong: what no kernel may do was seen so often
 * @wrong_text: the first of them
 * @scores: by attacker and attempt
 */
struct board {
	_Atomic bool end;
	_Atomic uint32_t family;
	_Atomic uint32_t group;
	bool reloads;
	bool denied;
	bool faulty;
	_Atomic uint32_t pace[ATTACKERS_MAX];
	_Atomic uint32_t wrong;
	char wrong_text[160];
	struct score scores[ATTACKERS_MAX][ATTEMPTS];
};

/**
 * struct attack - one thread of an attacker
 * @board: of the run
 * @scores: of the attacker, by attempt
 * @pace: of the attacker
 * @chance: of the thread
 */
struct attack {
	struct board *board;
	struct score *scores;
	const _Atomic uint32_t *pace;
	struct chance chance;
};

/**
 * struct need - what an attack must have seen to be one
 * @attempt: enum attempt or a command
 * @done: it succeeded at least once
 * @refused: it failed at least once
 */
struct need {
	unsigned int attempt;
	bool done;
	bool refused;
};

/**
 * struct attacker - a way to attack
 * @name: on the command line
 * @run: comes back soon after the end
 * @needs: ends with one whose attempt is 0
 * @apart: stays out of the memory limit and of injected faults, which it may control
 */
struct attacker {
	const char *name;
	void (*run)(struct attack *attack);
	const struct need *needs;
	bool apart;
};

/* board.c */
struct board *board_create(void);
bool goes_on(const struct attack *attack);
void count(struct attack *attack, unsigned int attempt, bool done);
__attribute__((format(printf, 2, 3)))
void report_wrong(struct attack *attack, const char *format, ...);

/* threads.c */
typedef void (*thread_function)(struct attack *attack, unsigned int number);
void run_threads(struct attack *attack, unsigned int count, thread_function run);
void pause_up_to(struct attack *attack, unsigned int microseconds);
void let_live(struct attack *attack, unsigned int microseconds);

/* request.c */

/* The outcome of a request whose answer was lost. */
#define UNKNOWN (-1)

int request_socket(void);
int request_bind(int socket, uint32_t port);
void request_family(struct board *board);
bool request_send(struct attack *attack, int socket, struct message *message);
void request_answers(struct attack *attack, int socket, unsigned int most, int milliseconds);
int request_ask(struct attack *attack, int socket, struct message *message);
int request_make(struct attack *attack, int socket, uint8_t command);

/* one file each */
extern const struct attacker allocation_fault;
extern const struct attacker conntrack_flush;
extern const struct attacker expiry;
extern const struct attacker explain;
extern const struct attacker half_dump;
extern const struct attacker killed_writer;
extern const struct attacker link_change;
extern const struct attacker listener;
extern const struct attacker many_interfaces;
extern const struct attacker memory_limit;
extern const struct attacker parameter;
extern const struct attacker port_thief;
extern const struct attacker random_request;
extern const struct attacker reload;
extern const struct attacker shared_socket;
extern const struct attacker short_namespace;
extern const struct attacker traffic;
extern const struct attacker withdrawal;

#endif
