// SPDX-License-Identifier: GPL-2.0-only
/* Wiring. */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "drain.h"
#include "expiry.h"
#include "hook.h"
#include "namespace.h"
#include "netlink/family.h"
#include "policy.h"

static int __net_init ipmasq_net_init(struct net *net)
{
	struct ipmasq_net *ns = ipmasq_net(net);

	ns->net = net;
	ipmasq_hook_prepare(ns);
	ns->port_check_mask = IPMASQ_PORT_CHECK_INTERVAL - 1;
	ipmasq_expiry_begin(ns);
	ipmasq_drain_prepare(ns);
	mutex_init(&ns->lock);
	mutex_init(&ns->transactions_lock);
	INIT_LIST_HEAD(&ns->transactions);
	return 0;
}

/* The namespace ends, with its connections; or the module is unloaded, which no namespace
 * with a hook allows. A grace period lies between this and ipmasq_net_exit().
 */
static void __net_exit ipmasq_net_pre_exit(struct net *net)
{
	struct ipmasq_net *ns = ipmasq_net(net);

	mutex_lock(&ns->lock);
	ipmasq_policy_withdraw(ns);
	ipmasq_drain_end(ns);
	mutex_unlock(&ns->lock);
	ipmasq_expiry_end(ns);
	ipmasq_drain_cancel(ns);
}

/* No packet is in the hooks any more. */
static void __net_exit ipmasq_net_exit(struct net *net)
{
	struct ipmasq_net *ns = ipmasq_net(net);

	ipmasq_transactions_release(ns);
	ipmasq_policy_end(ns);
	free_percpu(ns->verdicts);
	mutex_destroy(&ns->transactions_lock);
	mutex_destroy(&ns->lock);
}

static struct pernet_operations ipmasq_net_ops = {
	.init = ipmasq_net_init,
	.pre_exit = ipmasq_net_pre_exit,
	.exit = ipmasq_net_exit,
	.id = &ipmasq_net_id,
	.size = sizeof(struct ipmasq_net),
};

static int __init ipmasq_init(void)
{
	int err;

	err = ipmasq_policy_init();
	if (err)
		return err;
	err = ipmasq_expiry_init();
	if (err)
		goto policy_exit;
	err = ipmasq_drain_init();
	if (err)
		goto expiry_exit;
	err = ipmasq_hook_init();
	if (err)
		goto drain_exit;
	err = register_pernet_subsys(&ipmasq_net_ops);
	if (err)
		goto hook_exit;
	err = ipmasq_netlink_init();
	if (err)
		goto unregister_pernet;
	return 0;

unregister_pernet:
	unregister_pernet_subsys(&ipmasq_net_ops);
hook_exit:
	ipmasq_hook_exit();
drain_exit:
	ipmasq_drain_exit();
expiry_exit:
	ipmasq_expiry_exit();
policy_exit:
	ipmasq_policy_exit();
	return err;
}

static void __exit ipmasq_exit(void)
{
	ipmasq_netlink_exit();
	unregister_pernet_subsys(&ipmasq_net_ops);
	ipmasq_hook_exit();
	ipmasq_drain_exit();
	ipmasq_expiry_exit();
	ipmasq_policy_exit();
}

module_init(ipmasq_init);
module_exit(ipmasq_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Masquerades connections to destinations that are not on a CIDR table");
MODULE_VERSION(IPMASQ_VERSION);
