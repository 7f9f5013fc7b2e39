// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads of an attacker, each with random numbers of its own. */
#include <pthread.h>
#include <unistd.h>

#include "attack.h"

#define THREADS_MAX 16

struct thread {
	struct attack attack;
	unsigned int number;
	thread_function run;
};

static void *start(void *data)
{
	struct thread *thread = data;

	thread->run(&thread->attack, thread->number);
	return NULL;
}

/**
 * run_threads() - run threads to their end
 * @attack: of the process; each thread gets one like it
 * @count: how many, the caller being one of them
 * @run: gets the number of the thread, from 0
 *
 * Where there is no memory for a thread there are fewer.
 */
void run_threads(struct attack *attack, unsigned int count, thread_function run)
{
	struct thread threads[THREADS_MAX] = { 0 };
	pthread_t handles[THREADS_MAX];
	bool started[THREADS_MAX] = { false };
	unsigned int i;

	for (i = 0; i < count; i++) {
		threads[i] = (struct thread){ *attack, i, run };
		threads[i].attack.chance.state ^= (uint64_t)(i + 1) << 32;
	}
	for (i = 1; i < count; i++)
		started[i] = !pthread_create(&handles[i], NULL, start, &threads[i]);
	start(&threads[0]);
	for (i = 1; i < count; i++)
		if (started[i])
			pthread_join(handles[i], NULL);
}

/**
 * pause_up_to() - let the others work for a random time
 * @attack: who pauses
 * @microseconds: the longest pause
 */
void pause_up_to(struct attack *attack, unsigned int microseconds)
{
	usleep(chance_below(&attack->chance, microseconds + 1));
}

/**
 * let_live() - let others work whom the caller then kills, keeps from memory, or misses
 * @attack: who pauses
 * @microseconds: the longest pause, at first
 *
 * On a slow machine, or a kernel that checks everything, they would never get as far as
 * into the module: the pause becomes longer while attempts are missing (main.c).
 */
void let_live(struct attack *attack, unsigned int microseconds)
{
	uint32_t turns = *attack->pace;

	while (turns-- && goes_on(attack))
		pause_up_to(attack, microseconds);
}
