/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which memory cgroup pays for what is allocated later on a writer's behalf: a timer
 * that deletes entries runs in a kernel thread, which is charged to nobody.
 */
#ifndef IPMASQ_PAYER_H
#define IPMASQ_PAYER_H

#include <linux/types.h>

struct cgroup_subsys_state;
struct mem_cgroup;

#ifdef CONFIG_MEMCG
struct cgroup_subsys_state *ipmasq_payer_current(void);
struct cgroup_subsys_state *ipmasq_payer_get(struct cgroup_subsys_state *payer);
void ipmasq_payer_put(struct cgroup_subsys_state *payer);
struct mem_cgroup *ipmasq_payer_charge(struct cgroup_subsys_state *payer);
void ipmasq_payer_restore(struct mem_cgroup *before);
#else
static inline struct cgroup_subsys_state *ipmasq_payer_current(void)
{
	return NULL;
}

static inline struct cgroup_subsys_state *ipmasq_payer_get(struct cgroup_subsys_state *payer)
{
	return payer;
}

static inline void ipmasq_payer_put(struct cgroup_subsys_state *payer)
{
}

static inline struct mem_cgroup *ipmasq_payer_charge(struct cgroup_subsys_state *payer)
{
	return NULL;
}

static inline void ipmasq_payer_restore(struct mem_cgroup *before)
{
}
#endif

#endif
