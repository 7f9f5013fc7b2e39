// SPDX-License-Identifier: GPL-2.0-only
/* Every change ends here: of a command, of a transaction, of a timer. */
#include <linux/errno.h>
#include <net/netlink.h>

#include "commit.h"
#include "drain.h"
#include "hook.h"
#include "namespace.h"
#include "netlink/event.h"
#include "policy.h"

/**
 * ipmasq_commit() - make a draft the policy in force, all or nothing
 * @ns: the namespace, its lock held
 * @draft: the change; stays the caller's
 * @cause: enum ipmasq_cmd, for the event
 * @port_id: who asks, for the event; 0 for the module itself
 * @generation: of the policy that is in force now
 * @refusal: the reason of a failure
 *
 * May sleep. The caller arms the timer of entries that expire, still under the lock.
 *
 * Return: 0 or a negative errno.
 */
int ipmasq_commit(struct ipmasq_net *ns, struct ipmasq_draft *draft, u8 cause, u32 port_id,
		  u64 *generation, struct ipmasq_refusal *refusal)
{
	const u8 origin = draft->count || draft->edit == IPMASQ_EDIT_REPLACE ? draft->origin : 0;
	struct ipmasq_policy *policy;
	struct sk_buff *event;
	int err;

	event = ipmasq_event_create();
	if (!event)
		return -ENOMEM;
	err = ipmasq_policy_compile(ns, draft, &policy, refusal);
	if (err)
		goto free_event;
	err = ipmasq_hook_enable(ns->net, ns, policy->flags);
	if (err) {
		refusal->reason = err == -ESHUTDOWN ? IPMASQ_REFUSED_UNLOADING :
						      IPMASQ_REFUSED_HOOKS;
		goto discard;
	}
	ipmasq_policy_publish(ns, policy);
	*generation = policy->generation;
	ipmasq_event_changed(ns->net, event, policy, cause, origin, port_id);
	/* Last, as it may wait: the change is made and told. */
	ipmasq_drain_update(ns);
	return 0;

discard:
	ipmasq_policy_discard(policy);
free_event:
	nlmsg_free(event);
	return err;
}
