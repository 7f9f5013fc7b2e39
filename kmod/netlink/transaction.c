// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open transactions. Each belongs to the netlink socket that began it and ends with that
 * socket (NETLINK_URELEASE), as in nf_tables.
 *
 * The key is the socket and not its port id: netlink_release() takes a port id out of the
 * hash before it calls the notifiers, so a second socket may have bound the same one by
 * then. Comparing the address of the socket is safe. Every request runs inside sendmsg(),
 * whose file reference keeps its socket from being released, whichever thread closes it.
 * Memory of a released socket is freed after its own notifier has run
 * (deferred_put_nlk_sk()), and that notifier leaves none of its transactions behind.
 *
 * The limit of a namespace bounds the walks of its list, and the memory of empty
 * transactions; that of their entries is charged to who sends them.
 */
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "namespace.h"
#include "netlink/family.h"

/**
 * ipmasq_transaction_free() - free a transaction with its draft
 * @transaction: from kmalloc(), on no list; may be NULL
 */
void ipmasq_transaction_free(struct ipmasq_transaction *transaction)
{
	if (transaction)
		ipmasq_draft_release(&transaction->draft);
	kfree(transaction);
}

static void free_all(struct list_head *transactions)
{
	struct ipmasq_transaction *transaction, *next;

	list_for_each_entry_safe(transaction, next, transactions, list)
		ipmasq_transaction_free(transaction);
}

static struct ipmasq_transaction *find(const struct ipmasq_request *request)
{
	struct ipmasq_transaction *transaction;

	lockdep_assert_held(&request->ns->transactions_lock);
	list_for_each_entry(transaction, &request->ns->transactions, list)
		if (transaction->sk == request->sk)
			return transaction;
	return NULL;
}

/**
 * ipmasq_transaction_begin() - open the transaction of a socket
 * @request: names the socket, and gets the reason of a refusal
 * @transaction: from kmalloc(); the list owns it from now on, unless this fails
 *
 * May sleep.
 *
 * Return: 0, -EBUSY if the socket has an open transaction, or -ENOSPC if the namespace
 * has as many as it may have.
 */
int ipmasq_transaction_begin(struct ipmasq_request *request,
			     struct ipmasq_transaction *transaction)
{
	struct ipmasq_net *ns = request->ns;
	int err = 0;

	transaction->sk = request->sk;
	transaction->port_id = request->port_id;
	mutex_lock(&ns->transactions_lock);
	if (find(request)) {
		err = -EBUSY;
		ipmasq_refuse(request, "a transaction is open on this socket already");
	} else if (ns->transaction_count >= IPMASQ_TRANSACTIONS_MAX) {
		err = -ENOSPC;
		ipmasq_refuse(request,
			      "%u transactions are open in this network namespace, the limit; close sockets that have one",
			      ns->transaction_count);
	} else {
		list_add(&transaction->list, &ns->transactions);
		ns->transaction_count++;
	}
	mutex_unlock(&ns->transactions_lock);
	return err;
}

/**
 * ipmasq_transaction_find() - find the open transaction of a socket
 * @request: names the socket
 *
 * The caller holds the namespace's lock, which keeps other threads that use the same
 * socket from ending the transaction. The notifier does not end it: the socket is open
 * while one of its requests runs.
 *
 * Return: the transaction, which stays on the list, or NULL.
 */
struct ipmasq_transaction *ipmasq_transaction_find(const struct ipmasq_request *request)
{
	struct ipmasq_transaction *transaction;

	lockdep_assert_held(&request->ns->lock);
	mutex_lock(&request->ns->transactions_lock);
	transaction = find(request);
	mutex_unlock(&request->ns->transactions_lock);
	return transaction;
}

/**
 * ipmasq_transaction_end() - take the open transaction from a socket
 * @request: names the socket; the caller holds the namespace's lock
 *
 * Return: the transaction, which the caller owns, or NULL.
 */
struct ipmasq_transaction *ipmasq_transaction_end(const struct ipmasq_request *request)
{
	struct ipmasq_transaction *transaction;

	lockdep_assert_held(&request->ns->lock);
	mutex_lock(&request->ns->transactions_lock);
	transaction = find(request);
	if (transaction) {
		list_del(&transaction->list);
		request->ns->transaction_count--;
	}
	mutex_unlock(&request->ns->transactions_lock);
	return transaction;
}

/*
 * Free what a closed socket has begun. The port id may belong to another socket by now,
 * but that one is not dead; netlink_release() marks a socket (sock_orphan()) before it
 * calls this. A third socket that is dead and had the same port id is as finished as
 * this one: no request of it can run.
 */
static int socket_closed(struct notifier_block *block, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;
	struct ipmasq_transaction *transaction, *next;
	struct ipmasq_net *ns;
	LIST_HEAD(ended);

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	ns = ipmasq_net(notify->net);
	mutex_lock(&ns->transactions_lock);
	list_for_each_entry_safe(transaction, next, &ns->transactions, list) {
		if (transaction->port_id != notify->portid ||
		    !sock_flag(transaction->sk, SOCK_DEAD))
			continue;
		list_move(&transaction->list, &ended);
		ns->transaction_count--;
	}
	mutex_unlock(&ns->transactions_lock);
	/* Outside the lock, which every other writer takes: it may be a large table. */
	free_all(&ended);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = {
	.notifier_call = socket_closed,
};

/**
 * ipmasq_transactions_init() - watch for closing sockets
 *
 * The pernet part must be registered before.
 *
 * Return: 0 or a negative errno.
 */
int ipmasq_transactions_init(void)
{
	return netlink_register_notifier(&socket_notifier);
}

/**
 * ipmasq_transactions_exit() - undo ipmasq_transactions_init()
 */
void ipmasq_transactions_exit(void)
{
	netlink_unregister_notifier(&socket_notifier);
}

/**
 * ipmasq_transactions_release() - free the open transactions of a namespace
 * @ns: the namespace, which is about to go, or the module is: no command runs
 */
void ipmasq_transactions_release(struct ipmasq_net *ns)
{
	LIST_HEAD(ended);

	mutex_lock(&ns->transactions_lock);
	list_splice_init(&ns->transactions, &ended);
	ns->transaction_count = 0;
	mutex_unlock(&ns->transactions_lock);
	free_all(&ended);
}
