// SPDX-License-Identifier: GPL-2.0-only
/* Refusals in words. */
#include <linux/kernel.h>
#include <linux/socket.h>
#include <net/netlink.h>

#include "compat.h"
#include "netlink/family.h"

/**
 * ipmasq_prefix_text() - write a prefix for a refusal
 * @entry: the prefix
 * @text: where to
 *
 * Return: @text.
 */
const char *ipmasq_prefix_text(const struct ipmasq_entry *entry,
			       char text[IPMASQ_PREFIX_TEXT_MAX])
{
	__be32 address[4] = {
		cpu_to_be32(entry->high >> 32), cpu_to_be32(entry->high),
		cpu_to_be32(entry->low >> 32), cpu_to_be32(entry->low),
	};

	if (entry->family == AF_INET)
		scnprintf(text, IPMASQ_PREFIX_TEXT_MAX, "%pI4/%u", address, entry->prefix_len);
	else
		scnprintf(text, IPMASQ_PREFIX_TEXT_MAX, "%pI6c/%u", address, entry->prefix_len);
	return text;
}

__printf(2, 0)
static void refuse(struct ipmasq_request *request, const char *format, va_list arguments)
{
	if (!request->extack)
		return;
	vscnprintf(request->text, sizeof(request->text), format, arguments);
	/* NL_SET_ERR_MSG() takes literals only. */
	request->extack->_msg = request->text;
}

/**
 * ipmasq_refuse() - name the reason of a refusal
 * @request: the request; its extack may be NULL
 * @format: names the offending value
 */
void ipmasq_refuse(struct ipmasq_request *request, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	refuse(request, format, arguments);
	va_end(arguments);
}

/**
 * ipmasq_refuse_missing() - refuse a request that lacks an attribute
 * @request: the request; its extack may be NULL
 * @nest: in which it is missing; NULL for the message itself
 * @type: of the missing attribute
 * @format: names it
 *
 * From 6.1 on the refusal has the type, and where the nest is, besides the text.
 *
 * Return: -EINVAL.
 */
int ipmasq_refuse_missing(struct ipmasq_request *request, const struct nlattr *nest, int type,
			  const char *format, ...)
{
	va_list arguments;

	if (nest)
		NL_SET_BAD_ATTR(request->extack, nest);
	NL_SET_ERR_ATTR_MISS(request->extack, nest, type);
	va_start(arguments, format);
	refuse(request, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/**
 * ipmasq_tell_refusal() - put a policy's refusal into words
 * @request: who is told
 * @refusal: the reason; IPMASQ_REFUSED_OTHER says nothing
 */
void ipmasq_tell_refusal(struct ipmasq_request *request,
			 const struct ipmasq_refusal *refusal)
{
	char text[IPMASQ_PREFIX_TEXT_MAX];

	switch (refusal->reason) {
	case IPMASQ_REFUSED_OTHER:
		break;
	case IPMASQ_REFUSED_LIMIT:
		ipmasq_refuse(request, "more than %llu entries (module parameter max_entries)",
			      refusal->number);
		break;
	case IPMASQ_REFUSED_DETAILS:
		ipmasq_refuse(request, "more than %llu entries with a timeout or a pool",
			      refusal->number);
		break;
	case IPMASQ_REFUSED_EXISTS:
		ipmasq_refuse(request, "%s is there already",
			      ipmasq_prefix_text(&refusal->entry, text));
		break;
	case IPMASQ_REFUSED_MISSING:
		ipmasq_refuse(request, "%s is not there",
			      ipmasq_prefix_text(&refusal->entry, text));
		break;
	case IPMASQ_REFUSED_TWICE:
		ipmasq_refuse(request, "%s is named twice",
			      ipmasq_prefix_text(&refusal->entry, text));
		break;
	case IPMASQ_REFUSED_STALE:
		ipmasq_refuse(request, "another change came first: generation %llu is in force",
			      refusal->number);
		break;
	case IPMASQ_REFUSED_NO_POLICY:
		ipmasq_refuse(request, "no policy in this network namespace");
		break;
	case IPMASQ_REFUSED_UNLOADING:
		ipmasq_refuse(request, "the module is being unloaded");
		break;
	case IPMASQ_REFUSED_HOOKS:
		ipmasq_refuse(request, "the hooks cannot be registered");
		break;
	}
}
