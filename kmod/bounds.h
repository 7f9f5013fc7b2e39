/* SPDX-License-Identifier: GPL-2.0-only */
/* How long work may take at a stretch, and what becomes of it without memory. */
#ifndef IPMASQ_BOUNDS_H
#define IPMASQ_BOUNDS_H

#include <linux/gfp.h>
#include <linux/sched.h>
#include <linux/types.h>

/* Steps of a loop before another task may have the CPU. A step is a few cache
 * misses at most, so a stretch stays well below a millisecond.
 */
#define IPMASQ_RESCHEDULE_EVERY 4096

/* The largest ipmasq_max_entries(): kvmalloc() takes no more than INT_MAX bytes, and
 * warns about more. Arrays of entries double, so that they are as large as the next
 * power of two, which this is.
 */
#define IPMASQ_ENTRIES_CAP (64U * 1024 * 1024)

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

/**
 * ipmasq_gfp() - how to allocate what a policy is made of
 *
 * A writer is stopped by the limit of its memory cgroup as by that of any other memory,
 * which can mean the OOM killer. A timer that works on its behalf is not: no process is
 * killed for an entry that expires, and a cgroup without processes does not fill the log
 * with "no killable processes". The allocation fails, and the timer retries.
 *
 * Return: flags for kmalloc() and kvmalloc(). The memory is charged to the task's cgroup
 * or to what ipmasq_payer_charge() named. May sleep.
 */
static inline gfp_t ipmasq_gfp(void)
{
	if (current->flags & PF_KTHREAD)
		return GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	return GFP_KERNEL_ACCOUNT;
}

#endif
