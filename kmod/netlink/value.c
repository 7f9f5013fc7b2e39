// SPDX-License-Identifier: GPL-2.0-only
/* Values of which both settings and entries are made: addresses, prefixes, pools. */
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/netlink.h>

#include "namespace.h"
#include "netlink/family.h"

/**
 * ipmasq_parse_address() - read an address
 * @request: for refusals
 * @attribute: of any length
 * @address: what to fill; IPv4 goes to the first word, the others are 0
 * @ipv6: its family
 *
 * Return: 0, or -EINVAL where it is neither 4 nor 16 bytes.
 */
int ipmasq_parse_address(struct ipmasq_request *request, const struct nlattr *attribute,
			 struct in6_addr *address, bool *ipv6)
{
	int length = nla_len(attribute);

	if (length != sizeof(__be32) && length != sizeof(*address)) {
		NL_SET_BAD_ATTR(request->extack, attribute);
		ipmasq_refuse(request, "an address of %d bytes; 4 (IPv4) or 16 (IPv6) are expected",
			      length);
		return -EINVAL;
	}
	memset(address, 0, sizeof(*address));
	memcpy(address, nla_data(attribute), length);
	*ipv6 = length == sizeof(*address);
	return 0;
}

/**
 * ipmasq_require_ipv6() - refuse a request that needs IPv6 from a kernel without it
 * @request: for the refusal
 * @attribute: that asks for IPv6
 *
 * With ipv6.disable=1 the routing tables of IPv6 do not exist, and looking up a route
 * in them is a NULL dereference (net/ipv6/af_inet6.c, inet6_init()). Addresses and
 * prefixes in a policy need no such check: no IPv6 packet ever meets them.
 *
 * Return: 0 or -EAFNOSUPPORT.
 */
int ipmasq_require_ipv6(struct ipmasq_request *request, const struct nlattr *attribute)
{
	if (ipv6_mod_enabled())
		return 0;
	NL_SET_BAD_ATTR(request->extack, attribute);
	ipmasq_refuse(request, "this kernel has no IPv6 (ipv6.disable=1, or built without)");
	return -EAFNOSUPPORT;
}

/**
 * ipmasq_parse_prefix() - read a nested CIDR
 * @request: for refusals
 * @attribute: IPMASQ_A_CIDR, its form checked by a policy
 * @entry: what to fill; its action is skip where none is named
 * @detailed: whether there is more to be read than that; may be NULL
 *
 * Return: 0 or -EINVAL.
 */
int ipmasq_parse_prefix(struct ipmasq_request *request, const struct nlattr *attribute,
			struct ipmasq_entry *entry, bool *detailed)
{
	const struct nlattr *nested[IPMASQ_A_CIDR_MAX + 1] = {};
	const struct nlattr *one;
	char text[IPMASQ_PREFIX_TEXT_MAX];
	struct in6_addr address;
	int remaining, err;
	u64 high, low;
	bool ipv6;

	/* The policy has seen to their types and lengths, and a table of a million
	 * must not pay for looking twice.
	 */
	nla_for_each_nested(one, attribute, remaining)
		if (nla_type(one) <= IPMASQ_A_CIDR_MAX)
			nested[nla_type(one)] = one;
	if (!nested[IPMASQ_A_CIDR_ADDRESS])
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_ADDRESS,
					     "a CIDR without its address");
	if (!nested[IPMASQ_A_CIDR_PREFIX_LEN])
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_CIDR_PREFIX_LEN,
					     "a CIDR without its prefix length");
	err = ipmasq_parse_address(request, nested[IPMASQ_A_CIDR_ADDRESS], &address, &ipv6);
	if (err)
		return err;

	memset(entry, 0, sizeof(*entry));
	entry->family = ipv6 ? AF_INET6 : AF_INET;
	entry->high = (u64)be32_to_cpu(address.s6_addr32[0]) << 32 |
		      be32_to_cpu(address.s6_addr32[1]);
	entry->low = (u64)be32_to_cpu(address.s6_addr32[2]) << 32 |
		     be32_to_cpu(address.s6_addr32[3]);
	entry->prefix_len = nla_get_u8(nested[IPMASQ_A_CIDR_PREFIX_LEN]);
	entry->action = IPMASQ_ACTION_SKIP;
	entry->counter = IPMASQ_NO_COUNTER;

	if (entry->prefix_len > (ipv6 ? 128 : 32)) {
		NL_SET_BAD_ATTR(request->extack, nested[IPMASQ_A_CIDR_PREFIX_LEN]);
		ipmasq_refuse(request, "%s: the prefix length is above %d",
			      ipmasq_prefix_text(entry, text), ipv6 ? 128 : 32);
		return -EINVAL;
	}
	if (ipmasq_prefix_has_host_bits(entry)) {
		struct ipmasq_entry meant = *entry;
		char suggestion[IPMASQ_PREFIX_TEXT_MAX];

		meant.high = 0;
		meant.low = 0;
		ipmasq_prefix_last(&meant, &high, &low);
		meant.high = entry->high & ~high;
		meant.low = entry->low & ~low;
		NL_SET_BAD_ATTR(request->extack, nested[IPMASQ_A_CIDR_ADDRESS]);
		ipmasq_refuse(request, "%s has bits set behind its prefix length; %s is the prefix",
			      ipmasq_prefix_text(entry, text),
			      ipmasq_prefix_text(&meant, suggestion));
		return -EINVAL;
	}
	/* Its range is in the policy. */
	if (nested[IPMASQ_A_CIDR_ACTION])
		entry->action = nla_get_u32(nested[IPMASQ_A_CIDR_ACTION]);
	if (detailed)
		*detailed = entry->action == IPMASQ_ACTION_SNAT || nested[IPMASQ_A_CIDR_TIMEOUT] ||
			    nested[IPMASQ_A_CIDR_SNAT_ADDRESS];
	return 0;
}

/**
 * ipmasq_count_attributes() - count the attributes of one type
 * @attributes: among these
 * @length: of them all, in bytes
 * @type: the type
 *
 * Return: how many.
 */
u32 ipmasq_count_attributes(const struct nlattr *attributes, int length, int type)
{
	const struct nlattr *attribute;
	u32 count = 0;
	int remaining;

	nla_for_each_attr(attribute, attributes, length, remaining)
		count += nla_type(attribute) == type;
	return count;
}

/* What no packet may come from (RFC 1122 3.2.1.3, RFC 4291 2.5.2 and 2.7). */
static bool cannot_be_source(bool ipv6, const struct in6_addr *address)
{
	__be32 address4 = address->s6_addr32[0];

	if (ipv6)
		return ipv6_addr_any(address) || ipv6_addr_is_multicast(address);
	return ipv4_is_zeronet(address4) || ipv4_is_multicast(address4) ||
	       ipv4_is_lbcast(address4);
}

static int parse_pool_address(struct ipmasq_request *request, const struct nlattr *attribute,
			      struct in6_addr *address, bool *ipv6)
{
	const struct nlattr *ip = nla_find_nested(attribute, IPMASQ_A_ADDRESS_IP);

	if (!ip)
		return ipmasq_refuse_missing(request, attribute, IPMASQ_A_ADDRESS_IP,
					     "a source address without its IP");
	return ipmasq_parse_address(request, ip, address, ipv6);
}

/**
 * ipmasq_parse_pool() - read source addresses
 * @request: for refusals
 * @attributes: where they are, among others
 * @length: of it, in bytes
 * @type: of their attributes
 *
 * May sleep.
 *
 * Return: a pool, the caller's; -EINVAL, -EEXIST, -ENOSPC or -ENOMEM.
 */
struct ipmasq_pool *ipmasq_parse_pool(struct ipmasq_request *request,
				      const struct nlattr *attributes, int length, int type)
{
	const u32 count = ipmasq_count_attributes(attributes, length, type);
	const struct nlattr *attribute;
	struct ipmasq_pool *pool;
	int remaining, err;

	if (count > IPMASQ_SNAT_ADDRESSES_MAX) {
		ipmasq_refuse(request, "%u addresses in a pool; %u are the most", count,
			      IPMASQ_SNAT_ADDRESSES_MAX);
		return ERR_PTR(-ENOSPC);
	}
	pool = ipmasq_pool_create(count);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	nla_for_each_attr(attribute, attributes, length, remaining) {
		const char *format = NULL;
		struct in6_addr address;
		bool ipv6;

		if (nla_type(attribute) != type)
			continue;
		err = parse_pool_address(request, attribute, &address, &ipv6);
		if (err)
			goto put_pool;
		if (cannot_be_source(ipv6, &address)) {
			format = ipv6 ? "%pI6c cannot be a source address" :
					"%pI4 cannot be a source address";
			err = -EINVAL;
		} else if (ipmasq_pool_has(pool, ipv6, &address)) {
			format = ipv6 ? "%pI6c is in the pool twice" : "%pI4 is in the pool twice";
			err = -EEXIST;
		}
		if (err) {
			NL_SET_BAD_ATTR(request->extack, attribute);
			ipmasq_refuse(request, format, &address);
			goto put_pool;
		}
		ipmasq_pool_append(pool, ipv6, &address);
	}
	return pool;

put_pool:
	ipmasq_pool_put(pool);
	return ERR_PTR(err);
}
