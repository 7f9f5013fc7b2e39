// SPDX-License-Identifier: GPL-2.0-only
/* The commands of the family; include/uapi/linux/ipmasq.h is their manual. */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "commit.h"
#include "drain.h"
#include "expiry.h"
#include "explain.h"
#include "hook.h"
#include "namespace.h"
#include "netlink/event.h"
#include "netlink/family.h"

static struct sk_buff *reply_begin(struct genl_info *info, size_t size, void **header)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	if (!skb)
		return ERR_PTR(-ENOMEM);
	*header = genlmsg_put_reply(skb, info, &ipmasq_family, 0, info->genlhdr->cmd);
	if (!*header) {
		nlmsg_free(skb);
		return ERR_PTR(-EMSGSIZE);
	}
	return skb;
}

/* Sends it, or frees it if filling failed. */
static int reply_end(struct genl_info *info, struct sk_buff *skb, void *header, int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static int apply(struct ipmasq_request *request, struct ipmasq_draft *draft, u8 cause,
		 u64 *generation)
{
	struct ipmasq_net *ns = request->ns;
	struct ipmasq_refusal refusal = {};
	int err;

	err = ipmasq_commit(ns, draft, cause, request->port_id, generation, &refusal);
	if (err) {
		ipmasq_tell_refusal(request, &refusal);
		return err;
	}
	ipmasq_expiry_arm(ns, rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock)));
	return 0;
}

static int apply_locked(struct ipmasq_request *request, struct genl_info *info,
			struct ipmasq_draft *draft)
{
	u64 generation;
	int err;

	err = mutex_lock_killable(&request->ns->lock);
	if (err)
		return err;
	err = apply(request, draft, info->genlhdr->cmd, &generation);
	mutex_unlock(&request->ns->lock);
	return err;
}

static int policy_get(struct ipmasq_request *request, struct genl_info *info)
{
	struct ipmasq_net *ns = request->ns;
	const struct ipmasq_policy *policy;
	struct sk_buff *skb;
	u64 draining;
	void *header;
	int err;

	/* The lock and not RCU, for room and content must be of one policy. */
	err = mutex_lock_killable(&ns->lock);
	if (err)
		return err;
	draining = ipmasq_drain_left(ns);
	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	skb = reply_begin(info, ipmasq_policy_size(policy), &header);
	err = IS_ERR(skb) ? PTR_ERR(skb) :
			    ipmasq_fill_policy(skb, policy, ipmasq_hook_priority(), draining);
	mutex_unlock(&ns->lock);
	return IS_ERR(skb) ? err : reply_end(info, skb, header, err);
}

static int policy_set(struct ipmasq_request *request, struct genl_info *info)
{
	struct ipmasq_draft draft;
	int err;

	ipmasq_draft_init(&draft, IPMASQ_EDIT_ADD, IPMASQ_ORIGIN_STATIC);
	err = ipmasq_parse_settings(request, info->nlhdr, info->attrs, &draft);
	if (!err)
		err = apply_locked(request, info, &draft);
	ipmasq_draft_release(&draft);
	return err;
}

/* Whether there is something to delete, and of the generation that the sender means. */
static int policy_del_check(struct ipmasq_request *request, struct nlattr **attributes)
{
	struct ipmasq_net *ns = request->ns;
	struct ipmasq_refusal refusal = {};
	int err = 0;

	if (attributes[IPMASQ_A_GENERATION])
		err = ipmasq_policy_check_generation(ns,
						     nla_get_u64(attributes[IPMASQ_A_GENERATION]),
						     &refusal);
	if (!err && !rcu_access_pointer(ns->policy) &&
	    !(attributes[IPMASQ_A_NOW] && ns->draining)) {
		refusal.reason = IPMASQ_REFUSED_NO_POLICY;
		err = -ENOENT;
	}
	ipmasq_tell_refusal(request, &refusal);
	return err;
}

static int policy_del(struct ipmasq_request *request, struct genl_info *info)
{
	struct ipmasq_net *ns = request->ns;
	struct sk_buff *event;
	int err;

	event = ipmasq_event_create();
	if (!event)
		return -ENOMEM;
	err = mutex_lock_killable(&ns->lock);
	if (err)
		goto free_event;
	err = policy_del_check(request, info->attrs);
	if (err)
		goto unlock;
	if (rcu_access_pointer(ns->policy)) {
		ipmasq_policy_withdraw(ns);
		ipmasq_expiry_disarm(ns);
		ipmasq_event_changed(ns->net, event, NULL, info->genlhdr->cmd, 0,
				     info->snd_portid);
		event = NULL;
	}
	if (info->attrs[IPMASQ_A_NOW])
		ipmasq_drain_end(ns);
	else
		ipmasq_drain_update(ns);
unlock:
	mutex_unlock(&ns->lock);
free_event:
	nlmsg_free(event);
	return err;
}

static int change_entries(struct ipmasq_request *request, struct genl_info *info,
			  enum ipmasq_edit edit)
{
	struct ipmasq_draft draft;
	int err;

	ipmasq_draft_init(&draft, edit, IPMASQ_ORIGIN_STATIC);
	err = ipmasq_parse_settings(request, info->nlhdr, info->attrs, &draft);
	if (!err)
		err = ipmasq_parse_entries(request, info->nlhdr, &draft);
	if (!err)
		err = apply_locked(request, info, &draft);
	ipmasq_draft_release(&draft);
	return err;
}

static int cidr_add(struct ipmasq_request *request, struct genl_info *info)
{
	return change_entries(request, info, IPMASQ_EDIT_ADD);
}

static int cidr_del(struct ipmasq_request *request, struct genl_info *info)
{
	return change_entries(request, info, IPMASQ_EDIT_DELETE);
}

static int transaction_begin(struct ipmasq_request *request, struct genl_info *info)
{
	struct ipmasq_transaction *transaction;
	int err;

	transaction = kzalloc(sizeof(*transaction), GFP_KERNEL_ACCOUNT);
	if (!transaction)
		return -ENOMEM;
	ipmasq_draft_init(&transaction->draft, IPMASQ_EDIT_REPLACE, 0);
	err = ipmasq_parse_settings(request, info->nlhdr, info->attrs, &transaction->draft);
	if (err)
		goto free_transaction;
	if (!transaction->draft.origin) {
		err = ipmasq_refuse_missing(request, NULL, IPMASQ_A_ORIGIN,
					    "a transaction without its origin");
		goto free_transaction;
	}
	err = ipmasq_transaction_begin(request, transaction);
	if (err)
		goto free_transaction;
	return 0;

free_transaction:
	ipmasq_transaction_free(transaction);
	return err;
}

static int no_transaction(struct ipmasq_request *request)
{
	ipmasq_refuse(request, "no transaction is open on this socket");
	return -ENOENT;
}

static int transaction_add(struct ipmasq_request *request, struct genl_info *info)
{
	struct ipmasq_transaction *transaction;
	int err;

	err = mutex_lock_killable(&request->ns->lock);
	if (err)
		return err;
	transaction = ipmasq_transaction_find(request);
	err = transaction ? ipmasq_parse_entries(request, info->nlhdr, &transaction->draft) :
			    no_transaction(request);
	mutex_unlock(&request->ns->lock);
	return err;
}

static int transaction_commit(struct ipmasq_request *request, struct genl_info *info)
{
	struct ipmasq_transaction *transaction;
	struct sk_buff *reply;
	u64 generation = 0;
	void *header;
	int err;

	err = mutex_lock_killable(&request->ns->lock);
	if (err)
		return err;
	/* Whatever fails from here on, the transaction has come to its end. */
	transaction = ipmasq_transaction_end(request);
	/* Before it is applied, so that nothing can fail once it is published. */
	reply = reply_begin(info, nla_total_size_64bit(sizeof(u64)), &header);
	if (IS_ERR(reply))
		err = PTR_ERR(reply);
	else
		err = transaction ? apply(request, &transaction->draft, info->genlhdr->cmd,
					  &generation) :
				    no_transaction(request);
	mutex_unlock(&request->ns->lock);
	ipmasq_transaction_free(transaction);
	if (IS_ERR(reply))
		return err;
	if (!err)
		err = nla_put_u64_64bit(reply, IPMASQ_A_GENERATION, generation, IPMASQ_A_PAD);
	return reply_end(info, reply, header, err);
}

static int transaction_abort(struct ipmasq_request *request, struct genl_info *info)
{
	struct ipmasq_transaction *transaction;
	int err;

	err = mutex_lock_killable(&request->ns->lock);
	if (err)
		return err;
	transaction = ipmasq_transaction_end(request);
	mutex_unlock(&request->ns->lock);
	if (!transaction)
		return no_transaction(request);
	ipmasq_transaction_free(transaction);
	return 0;
}

static int explain(struct ipmasq_request *request, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct ipmasq_refusal refusal = {};
	const struct ipmasq_policy *policy;
	struct ipmasq_question question;
	struct ipmasq_answer answer;
	struct sk_buff *reply;
	void *header;
	int err;

	err = ipmasq_parse_question(request, info->attrs, &question);
	if (err)
		return err;
	/* The lock keeps the policy; looking up a route may want to sleep. */
	err = mutex_lock_killable(&request->ns->lock);
	if (err)
		return err;
	policy = rcu_dereference_protected(request->ns->policy,
					   lockdep_is_held(&request->ns->lock));
	if (!policy) {
		refusal.reason = IPMASQ_REFUSED_NO_POLICY;
		ipmasq_tell_refusal(request, &refusal);
		err = -ENOENT;
		goto unlock;
	}
	err = ipmasq_explain(net, policy, &question, &answer);
	if (err == -ENOMEM)
		goto unlock;
	if (err) {
		if (question.ipv6)
			ipmasq_refuse(request, "no route to %pI6c", &question.destination);
		else
			ipmasq_refuse(request, "no route to %pI4", &question.destination);
		goto unlock;
	}
	reply = reply_begin(info, ipmasq_answer_size(policy), &header);
	if (IS_ERR(reply)) {
		err = PTR_ERR(reply);
		goto unlock;
	}
	err = ipmasq_fill_answer(reply, policy, &question, &answer);
	mutex_unlock(&request->ns->lock);
	return reply_end(info, reply, header, err);

unlock:
	mutex_unlock(&request->ns->lock);
	return err;
}

static int stats_get(struct ipmasq_request *request, struct genl_info *info)
{
	struct ipmasq_verdict_counts counts = {};
	struct ipmasq_net *ns = request->ns;
	const struct ipmasq_policy *policy;
	struct sk_buff *reply;
	u64 generation;
	void *header;
	int err;

	err = mutex_lock_killable(&ns->lock);
	if (err)
		return err;
	policy = rcu_dereference_protected(ns->policy, lockdep_is_held(&ns->lock));
	generation = policy ? policy->generation : 0;
	if (ns->verdicts)
		ipmasq_verdict_sum(ns->verdicts, &counts);
	mutex_unlock(&ns->lock);

	reply = reply_begin(info, nla_total_size_64bit(sizeof(u64)) + ipmasq_statistics_size(),
			    &header);
	if (IS_ERR(reply))
		return PTR_ERR(reply);
	err = nla_put_u64_64bit(reply, IPMASQ_A_GENERATION, generation, IPMASQ_A_PAD);
	if (!err)
		err = ipmasq_fill_statistics(reply, &counts);
	return reply_end(info, reply, header, err);
}

static int carry_over(struct ipmasq_request *request, struct genl_info *info)
{
	int err;

	err = mutex_lock_killable(&request->ns->lock);
	if (err)
		return err;
	err = ipmasq_carry_over(request, info->nlhdr, info->attrs);
	mutex_unlock(&request->ns->lock);
	return err;
}

typedef int (*command_handler)(struct ipmasq_request *request, struct genl_info *info);

static const command_handler handlers[] = {
	[IPMASQ_CMD_POLICY_GET] = policy_get,
	[IPMASQ_CMD_POLICY_SET] = policy_set,
	[IPMASQ_CMD_POLICY_DEL] = policy_del,
	[IPMASQ_CMD_CIDR_ADD] = cidr_add,
	[IPMASQ_CMD_CIDR_DEL] = cidr_del,
	[IPMASQ_CMD_TRANSACTION_BEGIN] = transaction_begin,
	[IPMASQ_CMD_TRANSACTION_ADD] = transaction_add,
	[IPMASQ_CMD_TRANSACTION_COMMIT] = transaction_commit,
	[IPMASQ_CMD_TRANSACTION_ABORT] = transaction_abort,
	[IPMASQ_CMD_EXPLAIN] = explain,
	[IPMASQ_CMD_STATS_GET] = stats_get,
	[IPMASQ_CMD_CARRY_OVER] = carry_over,
};

static bool command_changes_policy(u8 command)
{
	switch (command) {
	case IPMASQ_CMD_POLICY_SET:
	case IPMASQ_CMD_POLICY_DEL:
	case IPMASQ_CMD_CIDR_ADD:
	case IPMASQ_CMD_CIDR_DEL:
	case IPMASQ_CMD_TRANSACTION_COMMIT:
		return true;
	default:
		return false;
	}
}

/* Whether a command is begun at all. */
static int command_check(const struct sk_buff *skb, struct genl_info *info)
{
	const u8 number = info->genlhdr->cmd;
	int err;

	/* The core does not look at signals between the messages of a datagram. */
	if (fatal_signal_pending(current))
		return -EINTR;
	err = ipmasq_gate(genl_info_net(info), number, info->extack);
	if (!err && command_changes_policy(number))
		err = ipmasq_require_last(skb, info->nlhdr, info->extack);
	return err;
}

/* The doit of every command, in place of the family's pre_doit, whose type changed with
 * 6.2. The core calls it with commands of ipmasq_commands only, which have a handler.
 *
 * A command that is refused in words is acknowledged here. The core would copy the text
 * into the acknowledgment after this has returned, and the text is a part of @request.
 * -EINTR keeps netlink_rcv_skb() from sending a second acknowledgment, as it does for
 * netlink_dump_start(). An extack has no buffer before 6.2 (NL_SET_ERR_MSG_FMT()), and
 * later one of 80 bytes, too few for two IPv6 prefixes.
 */
static int command(struct sk_buff *skb, struct genl_info *info)
{
	struct ipmasq_request request = {
		.ns = ipmasq_net(genl_info_net(info)),
		.sk = NETLINK_CB(skb).sk,
		.port_id = info->snd_portid,
		.extack = info->extack,
	};
	int err = command_check(skb, info);

	if (!err)
		err = handlers[info->genlhdr->cmd](&request, info);
	if (err == -ENOMEM)
		NL_SET_ERR_MSG(info->extack, "out of memory");
	if (info->extack->_msg != request.text)
		return err;
	if (err)
		netlink_ack(skb, nlmsg_hdr(skb), err, info->extack);
	info->extack->_msg = NULL;
	return err ? -EINTR : 0;
}

#define COMMAND(number, attributes) { \
	.cmd = (number), \
	.flags = GENL_UNS_ADMIN_PERM, \
	.policy = (attributes), \
	.maxattr = IPMASQ_A_MAX, \
	.doit = command, \
}

static const struct genl_ops ipmasq_commands[] = {
	COMMAND(IPMASQ_CMD_POLICY_GET, ipmasq_no_attributes),
	COMMAND(IPMASQ_CMD_POLICY_SET, ipmasq_policy_set_policy),
	COMMAND(IPMASQ_CMD_POLICY_DEL, ipmasq_policy_del_policy),
	{
		.cmd = IPMASQ_CMD_CIDR_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ipmasq_cidr_get_policy,
		.maxattr = IPMASQ_A_MAX,
		.start = ipmasq_listing_start,
		.dumpit = ipmasq_listing_dump,
		.done = ipmasq_listing_done,
	},
	COMMAND(IPMASQ_CMD_CIDR_ADD, ipmasq_cidr_add_policy),
	COMMAND(IPMASQ_CMD_CIDR_DEL, ipmasq_cidr_del_policy),
	COMMAND(IPMASQ_CMD_TRANSACTION_BEGIN, ipmasq_begin_policy),
	COMMAND(IPMASQ_CMD_TRANSACTION_ADD, ipmasq_transaction_add_policy),
	COMMAND(IPMASQ_CMD_TRANSACTION_COMMIT, ipmasq_no_attributes),
	COMMAND(IPMASQ_CMD_TRANSACTION_ABORT, ipmasq_no_attributes),
	COMMAND(IPMASQ_CMD_EXPLAIN, ipmasq_explain_policy),
	COMMAND(IPMASQ_CMD_STATS_GET, ipmasq_no_attributes),
	COMMAND(IPMASQ_CMD_CARRY_OVER, ipmasq_carry_over_policy),
};

/**
 * ipmasq_netlink_init() - open the family to user space
 *
 * Everything else must be ready.
 *
 * Return: 0 or a negative errno.
 */
int __init ipmasq_netlink_init(void)
{
	int err;

	err = ipmasq_transactions_init();
	if (err)
		return err;
	ipmasq_family.ops = ipmasq_commands;
	ipmasq_family.n_ops = ARRAY_SIZE(ipmasq_commands);
	err = genl_register_family(&ipmasq_family);
	if (err)
		ipmasq_transactions_exit();
	return err;
}

/**
 * ipmasq_netlink_exit() - close the family; no command runs afterwards
 */
void ipmasq_netlink_exit(void)
{
	ipmasq_event_close();
	ipmasq_expiry_settle();
	genl_unregister_family(&ipmasq_family);
	ipmasq_transactions_exit();
}
