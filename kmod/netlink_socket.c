// SPDX-License-Identifier: GPL-2.0-only
/*
 * What belongs to a netlink socket: its open transaction, and the texts of its
 * refusals. Both go when the socket closes (NETLINK_URELEASE), which is how
 * nf_tables does it too; sock_priv, which would be the better way, came with 6.9.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "namespace.h"
#include "netlink.h"

/* Texts that one socket may hold: one for each thread that uses it. */
#define TEXTS_MAX 16

/**
 * struct ipmasq_refusal_text - the reason that one thread was given last
 * @list: in ipmasq_socket.texts
 * @task: the thread; compared, never followed
 * @text: what the extack points to
 *
 * The kernel copies an extack's text into the acknowledgment after the command
 * has returned, in the same thread, before that thread can send again. So the
 * text must live longer than the command, and until that thread's next one.
 * Before 6.2 an extack has no buffer of its own (NL_SET_ERR_MSG_FMT()), and
 * later it has 80 bytes, too few for two IPv6 prefixes.
 */
struct ipmasq_refusal_text {
	struct list_head list;
	const struct task_struct *task;
	char text[IPMASQ_REFUSAL_TEXT_MAX];
};

static struct ipmasq_socket *socket_find(struct ipmasq_net *ns, u32 port_id)
{
	struct ipmasq_socket *socket;

	lockdep_assert_held(&ns->sockets_lock);
	list_for_each_entry(socket, &ns->sockets, list)
		if (socket->port_id == port_id)
			return socket;
	return NULL;
}

static struct ipmasq_socket *socket_find_or_add(struct ipmasq_net *ns, u32 port_id)
{
	struct ipmasq_socket *socket = socket_find(ns, port_id);

	if (socket)
		return socket;
	socket = kzalloc(sizeof(*socket), GFP_KERNEL_ACCOUNT);
	if (!socket)
		return NULL;
	socket->port_id = port_id;
	INIT_LIST_HEAD(&socket->texts);
	list_add(&socket->list, &ns->sockets);
	return socket;
}

static void socket_free(struct ipmasq_socket *socket)
{
	struct ipmasq_refusal_text *text, *next;

	list_for_each_entry_safe(text, next, &socket->texts, list)
		kfree(text);
	list_del(&socket->list);
	ipmasq_draft_free(socket->draft);
	kfree(socket);
}

/**
 * ipmasq_socket_begin() - open a socket's transaction
 * @ns: the namespace
 * @port_id: the socket
 * @draft: from kmalloc(); the socket's from now on, unless this fails
 *
 * May sleep.
 *
 * Return: 0; -EBUSY when it has one open already; -ENOMEM.
 */
int ipmasq_socket_begin(struct ipmasq_net *ns, u32 port_id, struct ipmasq_draft *draft)
{
	struct ipmasq_socket *socket;
	int err = 0;

	mutex_lock(&ns->sockets_lock);
	socket = socket_find_or_add(ns, port_id);
	if (!socket)
		err = -ENOMEM;
	else if (socket->draft)
		err = -EBUSY;
	else
		socket->draft = draft;
	mutex_unlock(&ns->sockets_lock);
	return err;
}

static struct ipmasq_draft *find_draft(struct ipmasq_net *ns, u32 port_id, bool take)
{
	struct ipmasq_draft *draft = NULL;
	struct ipmasq_socket *socket;

	lockdep_assert_held(&ns->lock);
	mutex_lock(&ns->sockets_lock);
	socket = socket_find(ns, port_id);
	if (socket) {
		draft = socket->draft;
		if (take)
			socket->draft = NULL;
	}
	mutex_unlock(&ns->sockets_lock);
	return draft;
}

/**
 * ipmasq_socket_draft() - a socket's open transaction
 * @ns: the namespace, its lock held, which keeps the draft from being ended
 * @port_id: the socket, which is open: it is asking
 *
 * Return: the draft, the socket's, or NULL.
 */
struct ipmasq_draft *ipmasq_socket_draft(struct ipmasq_net *ns, u32 port_id)
{
	return find_draft(ns, port_id, false);
}

/**
 * ipmasq_socket_end() - take a socket's transaction away from it
 * @ns: the namespace, its lock held
 * @port_id: the socket
 *
 * Return: the draft, the caller's to ipmasq_draft_free(), or NULL.
 */
struct ipmasq_draft *ipmasq_socket_end(struct ipmasq_net *ns, u32 port_id)
{
	return find_draft(ns, port_id, true);
}

static struct ipmasq_refusal_text *text_find_or_add(struct ipmasq_net *ns, u32 port_id)
{
	struct ipmasq_socket *socket = socket_find_or_add(ns, port_id);
	struct ipmasq_refusal_text *text;

	if (!socket)
		return NULL;
	list_for_each_entry(text, &socket->texts, list)
		if (text->task == current)
			return text;
	if (socket->text_count == TEXTS_MAX)
		return NULL;
	text = kzalloc(sizeof(*text), GFP_KERNEL_ACCOUNT);
	if (!text)
		return NULL;
	text->task = current;
	list_add(&text->list, &socket->texts);
	socket->text_count++;
	return text;
}

/**
 * ipmasq_refuse() - tell a writer in words why it is refused
 * @request: who is told; its extack may be NULL
 * @format: names the offending value
 *
 * Without memory for it the writer is told the errno alone. May sleep.
 */
void ipmasq_refuse(const struct ipmasq_request *request, const char *format, ...)
{
	struct ipmasq_net *ns = request->ns;
	struct ipmasq_refusal_text *text;
	va_list arguments;

	if (!request->extack)
		return;
	mutex_lock(&ns->sockets_lock);
	text = text_find_or_add(ns, request->port_id);
	if (text) {
		va_start(arguments, format);
		vscnprintf(text->text, sizeof(text->text), format, arguments);
		va_end(arguments);
		/* NL_SET_ERR_MSG() takes literals only. */
		request->extack->_msg = text->text;
	}
	mutex_unlock(&ns->sockets_lock);
}

/* Called when any netlink socket closes; by then none of its requests runs. */
static int socket_closed(struct notifier_block *block, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;
	struct ipmasq_socket *socket;
	struct ipmasq_net *ns;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	ns = ipmasq_net(notify->net);
	mutex_lock(&ns->sockets_lock);
	socket = socket_find(ns, notify->portid);
	if (socket)
		socket_free(socket);
	mutex_unlock(&ns->sockets_lock);
	return NOTIFY_DONE;
}

static struct notifier_block ipmasq_socket_notifier = {
	.notifier_call = socket_closed,
};

/**
 * ipmasq_sockets_init() - be told of closing sockets
 *
 * The pernet part must be registered before.
 *
 * Return: 0 or a negative errno.
 */
int ipmasq_sockets_init(void)
{
	return netlink_register_notifier(&ipmasq_socket_notifier);
}

/**
 * ipmasq_sockets_exit() - undo ipmasq_sockets_init()
 */
void ipmasq_sockets_exit(void)
{
	netlink_unregister_notifier(&ipmasq_socket_notifier);
}

/**
 * ipmasq_sockets_release() - free what a namespace's sockets had begun
 * @ns: the namespace, which goes away, or the module does: no command runs
 */
void ipmasq_sockets_release(struct ipmasq_net *ns)
{
	struct ipmasq_socket *socket, *next;

	mutex_lock(&ns->sockets_lock);
	list_for_each_entry_safe(socket, next, &ns->sockets, list)
		socket_free(socket);
	mutex_unlock(&ns->sockets_lock);
}
