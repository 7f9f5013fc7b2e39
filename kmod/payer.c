// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cgroup.h>
#include <linux/kernel.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>

#include "payer.h"

#ifdef CONFIG_MEMCG
/**
 * ipmasq_payer_current() - the memory cgroup that the running task is charged to
 *
 * Between ipmasq_payer_charge() and its end it is the one given there, so that a
 * policy that a timer derives from another one has the same payer.
 *
 * Return: a reference, ended with ipmasq_payer_put(). It keeps the cgroup's structures
 * and not the cgroup: that can be removed, and its ancestor pays from then on
 * (mm/memcontrol.c, current_obj_cgroup(), or get_obj_cgroup_from_current()).
 */
struct cgroup_subsys_state *ipmasq_payer_current(void)
{
	struct mem_cgroup *active = current->active_memcg;

	if (!active)
		return task_get_css(current, memory_cgrp_id);
	/* Whoever made it active holds a reference. */
	css_get(&active->css);
	return &active->css;
}

/**
 * ipmasq_payer_get() - take one more reference
 * @payer: kept alive by a reference that is there; NULL for none
 *
 * Return: @payer.
 */
struct cgroup_subsys_state *ipmasq_payer_get(struct cgroup_subsys_state *payer)
{
	if (payer)
		css_get(payer);
	return payer;
}

/**
 * ipmasq_payer_put() - give a reference back
 * @payer: NULL for none
 */
void ipmasq_payer_put(struct cgroup_subsys_state *payer)
{
	if (payer)
		css_put(payer);
}

/**
 * ipmasq_payer_charge() - charge what the running task allocates to a payer
 * @payer: the caller holds a reference until it has ended this; NULL charges the task
 *	itself, which is none for a kernel thread
 *
 * In process context only. As set_active_memcg(), which does not link on 5.10: for
 * interrupts it needs a variable that is exported from 5.14 on.
 *
 * Return: what was charged before, for ipmasq_payer_restore().
 */
struct mem_cgroup *ipmasq_payer_charge(struct cgroup_subsys_state *payer)
{
	struct mem_cgroup *before = current->active_memcg;

	current->active_memcg = mem_cgroup_from_css(payer);
	return before;
}

/**
 * ipmasq_payer_restore() - end ipmasq_payer_charge()
 * @before: what that returned
 */
void ipmasq_payer_restore(struct mem_cgroup *before)
{
	current->active_memcg = before;
}
#endif
