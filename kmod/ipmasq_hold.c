// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps NAT going while the module ipmasq is replaced ("ipmasqctl module upgrade").
 *
 * What was decided for a connection is in conntrack, and applies for as long as the
 * kernel's NAT hooks are registered in its network namespace. With the last policy ipmasq
 * unregisters them: translated connections would go on with the pod's address. A namespace
 * that is held keeps these hooks.
 *
 * A new connection cannot be decided without ipmasq. Left alone it would leave with the
 * pod's address and keep it until it ends. So the first packet of a new connection is
 * dropped, as if it had been lost on the way, and the sender retransmits.
 *
 * Nothing is dropped for ever, whatever becomes of the program that wrote to "hold": each
 * write is good for "seconds". After that new connections pass, as they do without ipmasq,
 * and NAT is still held until "none" is written, the namespace ends or this module is
 * unloaded. Nobody holds a reference to the module: "rmmod ipmasq_hold" is always possible
 * and ends it all.
 *
 * In a container sysfs is read-only. There the namespace of the process that loads this
 * module is held from the start ("at_load"), and nothing can be written to prolong it.
 */
#include <linux/capability.h>
#include <linux/if.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat_masquerade.h>

#include "nat_hook.h"

/* The longest time without new connections that a write can ask for. */
#define SECONDS_MAX 10

/**
 * struct hold_net - one network namespace
 * @ipv4: NAT of IPv4 is held, under hold_lock
 * @ipv6: NAT of IPv6 is held, under hold_lock
 */
struct hold_net {
	bool ipv4;
	bool ipv6;
};

static unsigned int hold_net_id;

/* Orders writes to "hold", the ends of namespaces and the end of the module. */
static DEFINE_MUTEX(hold_lock);

/* The pernet part is there: parameters can be written before module_init() and until the
 * module's sysfs files go, which is after module_exit(). Under hold_lock.
 */
static bool ready;

/* Second of the monotonic clock from which on new connections pass. */
static u32 until;

/* As ipmasq's own: at the same priority the hook registered last runs first, so nothing is
 * decided from the moment on that a namespace is held.
 */
static int priority = NF_IP_PRI_NAT_SRC + 1;

/* As ipmasq's own (hook.c): NAT needs conntrack's entry. */
static int priority_set(const char *text, const struct kernel_param *parameter)
{
	int value, err = kstrtoint(text, 0, &value);

	if (err)
		return err;
	if (value <= NF_IP_PRI_CONNTRACK)
		return -EINVAL;
	priority = value;
	return 0;
}

static const struct kernel_param_ops priority_ops = {
	.set = priority_set,
	.get = param_get_int,
};
module_param_cb(priority, &priority_ops, &priority, 0444);
__MODULE_PARM_TYPE(priority, "int");
MODULE_PARM_DESC(priority, "priority of the hook in POSTROUTING, that of ipmasq (default 101)");

static unsigned int seconds = SECONDS_MAX;

static int seconds_set(const char *text, const struct kernel_param *parameter)
{
	unsigned int value;
	int err = kstrtouint(text, 0, &value);

	if (err)
		return err;
	if (!value || value > SECONDS_MAX)
		return -EINVAL;
	seconds = value;
	return 0;
}

static const struct kernel_param_ops seconds_ops = {
	.set = seconds_set,
	.get = param_get_uint,
};
module_param_cb(seconds, &seconds_ops, &seconds, 0444);
__MODULE_PARM_TYPE(seconds, "uint");
MODULE_PARM_DESC(seconds,
		 "for how long a write to hold drops new connections (from 1 to 10, default 10)");

/* Called by the NAT core for connections that nobody has decided yet; inside an RCU read
 * section, in any context.
 */
static unsigned int hold_packet(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	const struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	/* It began before there was NAT: too late to be translated. */
	if (nf_ct_is_confirmed(ct))
		return NF_ACCEPT;
	/* What stays on the node ipmasq leaves alone, whatever its policy. */
	if (state->out->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	/* Seconds wrap after 136 years. */
	if ((s32)((u32)ktime_get_seconds() - READ_ONCE(until)) >= 0)
		return NF_ACCEPT;
	/* Not NF_DROP, of which a sender on this node would hear as EPERM. */
	kfree_skb(skb);
	return NF_STOLEN;
}

/* Shared by all namespaces: the NAT core keeps pointers to them and changes nothing. Its own
 * references end within a grace period after unregistering; unregister_pernet_subsys()
 * waits for one before the module goes.
 */
static struct nf_hook_ops ipv4_ops = {
	.hook = hold_packet,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_POST_ROUTING,
};

static struct nf_hook_ops ipv6_ops = {
	.hook = hold_packet,
	.pf = NFPROTO_IPV6,
	.hooknum = NF_INET_POST_ROUTING,
};

static int hold(struct net *net, const struct nf_hook_ops *ops, bool *held)
{
	int err;

	if (*held)
		return 0;
	/* Booted with ipv6.disable=1, or built without: there are no hooks to register at. */
	if (ops->pf == NFPROTO_IPV6 && (!IS_ENABLED(CONFIG_IPV6) || !ipv6_mod_enabled()))
		return -EAFNOSUPPORT;
	err = ipmasq_nat_register(net, ops);
	*held = !err;
	return err;
}

static void release(struct net *net, const struct nf_hook_ops *ops, bool *held)
{
	if (*held)
		ipmasq_nat_unregister(net, ops);
	*held = false;
}

static void release_all(struct net *net, struct hold_net *held)
{
	release(net, &ipv6_ops, &held->ipv6);
	release(net, &ipv4_ops, &held->ipv4);
}

/* What was written, for the namespace of the writer. */
static int hold_write(struct net *net, const char *value)
{
	struct hold_net *held = net_generic(net, hold_net_id);
	bool both = sysfs_streq(value, "ipv4+ipv6");
	int err;

	if (sysfs_streq(value, "none")) {
		release_all(net, held);
		return 0;
	}
	if (!both && !sysfs_streq(value, "ipv4"))
		return -EINVAL;
	WRITE_ONCE(until, (u32)ktime_get_seconds() + 1 + seconds);
	err = hold(net, &ipv4_ops, &held->ipv4);
	if (!err && both)
		err = hold(net, &ipv6_ops, &held->ipv6);
	if (err)
		release_all(net, held);
	return err;
}

/* May sleep. The namespace is that of the process that writes, not that of the file: sysfs
 * has module parameters once.
 */
static int hold_set(const char *value, const struct kernel_param *parameter)
{
	int err = -EAGAIN;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	mutex_lock(&hold_lock);
	if (ready)
		err = hold_write(current->nsproxy->net_ns, value);
	mutex_unlock(&hold_lock);
	return err;
}

static const struct kernel_param_ops hold_ops = {
	.set = hold_set,
};
module_param_cb(hold, &hold_ops, NULL, 0200);
MODULE_PARM_DESC(hold, "hold the writer's network namespace: ipv4, ipv4+ipv6, or none");

/* Readable, so that the loader finds out whether this module knows the parameter: the kernel
 * ignores those that a module does not have.
 */
static char *at_load;
module_param(at_load, charp, 0444);
MODULE_PARM_DESC(at_load, "what to write to hold when this is loaded, for a container, whose sysfs is read-only");

/* Before the grace period that lies between this and the end of the namespace or module. */
static void __net_exit hold_net_pre_exit(struct net *net)
{
	mutex_lock(&hold_lock);
	release_all(net, net_generic(net, hold_net_id));
	mutex_unlock(&hold_lock);
}

static struct pernet_operations hold_net_ops = {
	.pre_exit = hold_net_pre_exit,
	.id = &hold_net_id,
	.size = sizeof(struct hold_net),
};

static void set_ready(bool value)
{
	mutex_lock(&hold_lock);
	ready = value;
	mutex_unlock(&hold_lock);
}

static void hold_exit(void)
{
	set_ready(false);
	unregister_pernet_subsys(&hold_net_ops);
	nf_nat_masquerade_inet_unregister_notifiers();
}

static int __init hold_init(void)
{
	int err;

	ipv4_ops.priority = priority;
	ipv6_ops.priority = priority;
	/* Masqueraded connections still end with the address of their interface. */
	err = nf_nat_masquerade_inet_register_notifiers();
	if (err)
		return err;
	err = register_pernet_subsys(&hold_net_ops);
	if (err) {
		nf_nat_masquerade_inet_unregister_notifiers();
		return err;
	}
	set_ready(true);
	/* Runs in the process that loads the module, whose namespace is held. */
	err = at_load ? hold_set(at_load, NULL) : 0;
	if (err)
		hold_exit();
	return err;
}

module_init(hold_init);
module_exit(hold_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Keeps NAT going while the module ipmasq is replaced");
MODULE_VERSION(IPMASQ_VERSION);
