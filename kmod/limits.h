/* SPDX-License-Identifier: GPL-2.0-only */
/* How long work may take at a stretch. */
#ifndef IPMASQ_LIMITS_H
#define IPMASQ_LIMITS_H

#include <linux/sched.h>
#include <linux/types.h>

/* Steps of a loop before another task may have the CPU. A step is a few cache
 * misses at most, so a stretch stays well below a millisecond.
 */
#define IPMASQ_RESCHEDULE_EVERY 4096

/**
 * ipmasq_reschedule() - give up the CPU now and then in a loop over entries
 * @step: number of this step of the loop
 *
 * For loops whose length user space decides: a table has up to
 * ipmasq_max_entries() entries, and without CONFIG_PREEMPT nothing else
 * interrupts one. May sleep.
 */
static inline void ipmasq_reschedule(u32 step)
{
	if (!(step % IPMASQ_RESCHEDULE_EVERY))
		cond_resched();
}

#endif
