/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The generic-netlink family "ipmasq", version 2.
 *
 * Everything acts on the network namespace of the socket that asks. Every
 * command, reading included, needs CAP_NET_ADMIN in the user namespace that
 * owns that network namespace. Only network namespaces of the initial user
 * namespace may use the family, unless the module parameter user_namespaces is
 * set: every command is -EPERM in the others. Where that parameter is cleared
 * again, policies of such namespaces stay in force; POLICY_GET, CIDR_GET,
 * STATS_GET and POLICY_DEL work until they are deleted. A rejection carries an
 * extack text that names the offending value.
 *
 * A namespace has at most one policy: settings, and a table of CIDRs. Every
 * published policy has a generation, counted up by one from 1. Generation 0
 * says that the namespace has no policy: no new connection is masqueraded, and
 * no hook is registered once the translated ones have ended. A hook holds the
 * module, which cannot be unloaded meanwhile.
 *
 * IPMASQ_CMD_POLICY_GET
 *	-> nothing
 *	<- GENERATION, FLAGS, PORT_RANGE*, SOURCE_CIDR*, INTERFACE*,
 *	   SNAT_ADDRESS*, ENTRIES_CONFIG, ENTRIES_STATIC, MAX_ENTRIES, MEMORY,
 *	   MODULE_VERSION, PRIORITY, [DRAINING]
 *	Answers without a policy too (GENERATION is 0 then). DRAINING is there
 *	while hooks that no policy needs any more are kept for the connections
 *	that were translated: after POLICY_DEL, or of IPv6 after it was switched
 *	off. It counts all connections of the family whose source is translated,
 *	by whomever; once a second at most.
 *
 * IPMASQ_CMD_POLICY_SET
 *	-> [FLAGS, FLAGS_MASK], [PORT_RANGE* | NO_PORT_RANGES],
 *	   [SOURCE_CIDR* | NO_SOURCE_CIDRS], [INTERFACE* | NO_INTERFACES],
 *	   [SNAT_ADDRESS* | NO_SNAT_ADDRESSES], [GENERATION]
 *	Changes the settings that are named and leaves the others as they are.
 *	Where there is no policy it makes one with an empty table, which
 *	masquerades every destination that is not local.
 *
 * IPMASQ_CMD_POLICY_DEL
 *	-> [GENERATION], [NOW]
 *	Removes the policy with all its entries. New connections are left as they
 *	are from then on; translated ones go on until they end, and the hooks are
 *	unregistered when none is left. With NOW the hooks are unregistered at
 *	once, which breaks translated connections; it also ends a removal that
 *	still waits for them.
 *
 * IPMASQ_CMD_CIDR_GET (dump)
 *	-> [ORIGIN], [CIDR { ADDRESS, PREFIX_LEN }]
 *	<- GENERATION, CIDR { ADDRESS, PREFIX_LEN, ACTION, ORIGIN, CONNECTIONS,
 *	   [SHADOWED], [TIMEOUT], [SNAT_ADDRESS*] } in each message, sorted by
 *	   family, address, length, origin.
 *	With ORIGIN only the entries of that origin, with CIDR only that prefix
 *	and those inside it. A dump that a change of policy interrupted has
 *	NLM_F_DUMP_INTR set: throw it away and ask again.
 *
 * IPMASQ_CMD_CIDR_ADD
 *	-> CIDR { ADDRESS, PREFIX_LEN, [ACTION], [TIMEOUT], [SNAT_ADDRESS*] }+,
 *	   [ORIGIN], [REPLACE], [GENERATION]
 *	All of a message's entries or none. ACTION is skip and ORIGIN is static
 *	where they are left out. An entry that is there already is -EEXIST;
 *	with REPLACE it is changed. (NLM_F_REPLACE cannot say it: the kernel
 *	refuses it for new generic-netlink commands.) An entry with a TIMEOUT is
 *	deleted by the kernel when its time is over. An action of snat needs
 *	SNAT_ADDRESSes of the prefix's family.
 *
 * IPMASQ_CMD_CIDR_DEL
 *	-> CIDR { ADDRESS, PREFIX_LEN }+, [ORIGIN], [GENERATION]
 *	All or none; -ENOENT for an entry that is not there.
 *
 * IPMASQ_CMD_TRANSACTION_BEGIN
 *	-> ORIGIN, [FLAGS, FLAGS_MASK], [PORT_RANGE* | NO_PORT_RANGES],
 *	   [SOURCE_CIDR* | NO_SOURCE_CIDRS], [INTERFACE* | NO_INTERFACES],
 *	   [SNAT_ADDRESS* | NO_SNAT_ADDRESSES], [GENERATION]
 * IPMASQ_CMD_TRANSACTION_ADD
 *	-> CIDR { ADDRESS, PREFIX_LEN, [ACTION], [TIMEOUT], [SNAT_ADDRESS*] }+
 * IPMASQ_CMD_TRANSACTION_COMMIT
 *	-> nothing
 *	<- GENERATION
 * IPMASQ_CMD_TRANSACTION_ABORT
 *	-> nothing
 *	A transaction replaces all entries of one origin, and changes the
 *	settings that BEGIN names, in one step; entries of the other origin
 *	stay. It belongs to the socket that began it: closing the socket aborts
 *	it. A socket has one open transaction at most (-EBUSY), and a namespace
 *	IPMASQ_TRANSACTIONS_MAX (-ENOSPC). An ADD that is refused adds nothing
 *	and leaves the transaction open. COMMIT ends the transaction whether it
 *	succeeds or not. The entries may come in any order; sorted ones are taken
 *	faster.
 *
 * IPMASQ_CMD_EXPLAIN
 *	-> SOURCE, DESTINATION, [OUTPUT_INTERFACE], [PROTOCOL], [SOURCE_PORT]
 *	<- GENERATION, VERDICT, [CIDR {...} that decided], OUTPUT_INTERFACE,
 *	   [MASQUERADE_ADDRESS], [PORT_RANGE*]
 *	What would be decided for a new connection. Counts nothing.
 *
 *	A pool is for what pods send. Where one would be used, a source that is the
 *	node's own, link-local or :: stays as it is (IPMASQ_VERDICT_SOURCE), and
 *	what is sent to multicast, broadcast or link-local destinations gets the
 *	interface's address (IPMASQ_VERDICT_MASQUERADE). The source 0.0.0.0 always
 *	stays (IPMASQ_VERDICT_SOURCE).
 *
 * IPMASQ_CMD_STATS_GET
 *	-> nothing
 *	<- GENERATION, STATS { FAMILY, VERDICT, CONNECTIONS }*
 *	Connections decided since the namespace's first policy. One that conntrack
 *	had confirmed before is not decided, and counted nowhere.
 *
 * IPMASQ_CMD_CARRY_OVER
 *	-> [GENERATION], [STATS { FAMILY, VERDICT, CONNECTIONS }*],
 *	   [ORIGIN, CIDR { ADDRESS, PREFIX_LEN, CONNECTIONS }+]
 *	For whoever replaces the module: what the policy had counted before. Adds
 *	CONNECTIONS to the counters of the verdicts and of the entries of ORIGIN, all
 *	of a message or nothing; -ENOENT for an entry that is not there. GENERATION
 *	is possible without a policy only (-EBUSY), and says that the next one's is
 *	above it.
 *
 * IPMASQ_CMD_POLICY_CHANGED (notification, multicast group "events")
 *	<- GENERATION, CAUSE, [ORIGIN], PORT_ID, ENTRIES_CONFIG, ENTRIES_STATIC
 *	CAUSE is the command that changed the policy, PORT_ID the netlink port
 *	of its sender; 0 with IPMASQ_CMD_CIDR_DEL says that the time of
 *	entries was over. ORIGIN is absent where only settings changed or the
 *	policy was deleted. GENERATION is 0 after IPMASQ_CMD_POLICY_DEL.
 *
 * IPMASQ_CMD_PORTS_EXHAUSTED (notification, multicast group "events")
 *	<- PROTOCOL, SOURCE, [SOURCE_PORT], DESTINATION, [DESTINATION_PORT],
 *	   MASQUERADE_ADDRESS, CONNECTIONS
 *	A connection found no free source port towards its destination; its
 *	packets are dropped. At most one such event a second; CONNECTIONS is how
 *	many there were since the one before. Where a policy has no port ranges,
 *	one connection in IPMASQ_PORT_CHECK_INTERVAL is looked at, and each one
 *	for ten seconds after one was found; STATS counts those that were found.
 *
 * A kernel without IPv6 (ipv6.disable=1, or built without it) refuses to switch
 * on IPMASQ_FLAG_IPV6, and to explain IPv6 addresses, with -EAFNOSUPPORT. IPv6
 * prefixes and addresses in a policy are accepted there, so that nodes can share
 * one; no packet ever meets them.
 *
 * FLAGS_MASK names the flags that a request changes, FLAGS their new values; each
 * needs the other, and FLAGS has no bit that is not in FLAGS_MASK. A reply has
 * FLAGS alone, which are all of them.
 *
 * A SNAT_ADDRESS is SNAT_ADDRESS { IP }. An address is 4 bytes for IPv4 and 16 for
 * IPv6, wherever there is one.
 *
 * Ranges of enums and flags are in the policies that CTRL_CMD_GETPOLICY shows, and
 * the kernel refuses other values with -ERANGE (enums) or -EINVAL (flags), and
 * NLMSGERR_ATTR_OFFS and NLMSGERR_ATTR_POLICY, which say what is wrong and what
 * would be right. A missing attribute is -EINVAL with a text and, from 6.1 on,
 * NLMSGERR_ATTR_MISS_TYPE, and NLMSGERR_ATTR_MISS_NEST if it is missing in a nest.
 *
 * A GENERATION in a request is the one that the change was based on. If the
 * policy in force is another, the change is refused with -ESTALE and nothing
 * happens. For a transaction it is compared at COMMIT.
 *
 * Several requests may be sent in one datagram, but what changes the policy
 * (POLICY_SET, POLICY_DEL, CIDR_ADD, CIDR_DEL, TRANSACTION_COMMIT) and CIDR_GET
 * must be the last of them, and is -EINVAL elsewhere: the kernel holds a lock of
 * all families while it goes through a datagram. One that is killed meanwhile
 * changes nothing more.
 */
#ifndef _UAPI_LINUX_IPMASQ_H
#define _UAPI_LINUX_IPMASQ_H

#define IPMASQ_FAMILY_NAME "ipmasq"
#define IPMASQ_FAMILY_VERSION 2
#define IPMASQ_MCGRP_EVENTS "events"

/* Port ranges that one policy may have. */
#define IPMASQ_PORT_RANGES_MAX 256

/* CIDRs on its source list. */
#define IPMASQ_SOURCE_CIDRS_MAX 256

/* Patterns on its interface list. */
#define IPMASQ_INTERFACES_MAX 64

/* Addresses of its pool, and of one entry's. */
#define IPMASQ_SNAT_ADDRESSES_MAX 64

/* Entries of a namespace that have a timeout or a pool. */
#define IPMASQ_DETAILS_MAX 4096

/* Open transactions of a namespace. */
#define IPMASQ_TRANSACTIONS_MAX 1024

/* The longest timeout of an entry, a year, in milliseconds. */
#define IPMASQ_TIMEOUT_MAX (365ULL * 24 * 60 * 60 * 1000)

/* How often a connection is asked whether it found a free source port. */
#define IPMASQ_PORT_CHECK_INTERVAL 64

enum ipmasq_cmd {
	IPMASQ_CMD_POLICY_GET = 1,
	IPMASQ_CMD_POLICY_SET,
	IPMASQ_CMD_POLICY_DEL,
	IPMASQ_CMD_CIDR_GET,
	IPMASQ_CMD_CIDR_ADD,
	IPMASQ_CMD_CIDR_DEL,
	IPMASQ_CMD_TRANSACTION_BEGIN,
	IPMASQ_CMD_TRANSACTION_ADD,
	IPMASQ_CMD_TRANSACTION_COMMIT,
	IPMASQ_CMD_TRANSACTION_ABORT,
	IPMASQ_CMD_EXPLAIN,
	IPMASQ_CMD_STATS_GET,
	IPMASQ_CMD_CARRY_OVER,
	IPMASQ_CMD_POLICY_CHANGED,
	IPMASQ_CMD_PORTS_EXHAUSTED,

	__IPMASQ_CMD_MAX,
	IPMASQ_CMD_MAX = (__IPMASQ_CMD_MAX - 1)
};

/* Who wrote an entry. Where both hold a prefix, static decides. */
enum ipmasq_origin {
	IPMASQ_ORIGIN_CONFIG = 1,	/* the daemon, from its file */
	IPMASQ_ORIGIN_STATIC,		/* a person or a script */
};

/* What the longest matching prefix says. */
enum ipmasq_action {
	IPMASQ_ACTION_SKIP = 1,		/* leave the source address alone */
	IPMASQ_ACTION_MASQUERADE,
	IPMASQ_ACTION_SNAT,		/* to an address of the entry's pool */
};

/* What became of a new connection; the first that applies, in this order. */
enum ipmasq_verdict {
	IPMASQ_VERDICT_DISABLED = 1,	/* the policy is switched off */
	IPMASQ_VERDICT_SOURCE,		/* the source is not on the list, or stays */
	IPMASQ_VERDICT_INTERFACE,	/* nor the interface on its list */
	IPMASQ_VERDICT_CIDR,		/* the longest prefix says skip */
	IPMASQ_VERDICT_LOCAL,		/* the destination is this node */
	IPMASQ_VERDICT_MASQUERADE,
	IPMASQ_VERDICT_SNAT,		/* translated to an address of a pool */
	IPMASQ_VERDICT_FAILED,		/* the kernel could not translate */

	__IPMASQ_VERDICT_MAX,
	IPMASQ_VERDICT_MAX = (__IPMASQ_VERDICT_MAX - 1)
};

/* Bits of IPMASQ_A_FLAGS and IPMASQ_A_FLAGS_MASK. */
enum ipmasq_flag {
	IPMASQ_FLAG_ENABLED = 1,	/* on in a new policy */
	IPMASQ_FLAG_IPV6 = 2,		/* off in a new policy */
	IPMASQ_FLAG_RANDOM_FULLY = 4,	/* on in a new policy */
};

#define IPMASQ_FLAGS_ALL	(IPMASQ_FLAG_ENABLED | IPMASQ_FLAG_IPV6 | \
				 IPMASQ_FLAG_RANDOM_FULLY)

enum ipmasq_attr {
	IPMASQ_A_UNSPEC,
	IPMASQ_A_PAD,
	IPMASQ_A_GENERATION,		/* u64 */
	IPMASQ_A_FLAGS,			/* u32, enum ipmasq_flag */
	IPMASQ_A_FLAGS_MASK,		/* u32, enum ipmasq_flag: those that change */
	IPMASQ_A_PORT_RANGE,		/* nested ipmasq_port_range_attr, repeated */
	IPMASQ_A_NO_PORT_RANGES,	/* flag: take all port ranges away */
	IPMASQ_A_ORIGIN,		/* u32, enum ipmasq_origin */
	IPMASQ_A_CIDR,			/* nested ipmasq_cidr_attr, repeated */
	IPMASQ_A_ENTRIES_CONFIG,	/* u32 */
	IPMASQ_A_ENTRIES_STATIC,	/* u32 */
	IPMASQ_A_MAX_ENTRIES,		/* u32 */
	IPMASQ_A_MEMORY,		/* u64, bytes held by the policy in force */
	IPMASQ_A_MODULE_VERSION,	/* string */
	IPMASQ_A_PRIORITY,		/* s32, among POSTROUTING's NAT hooks */
	IPMASQ_A_SOURCE,		/* 4 or 16 bytes, network order */
	IPMASQ_A_DESTINATION,		/* as SOURCE, of the same family */
	IPMASQ_A_OUTPUT_INTERFACE,	/* u32, interface index */
	IPMASQ_A_PROTOCOL,		/* u8, IPPROTO_*; TCP where left out */
	IPMASQ_A_SOURCE_PORT,		/* u16, host order */
	IPMASQ_A_VERDICT,		/* u32, enum ipmasq_verdict */
	IPMASQ_A_MASQUERADE_ADDRESS,	/* 4 or 16 bytes, network order */
	IPMASQ_A_STATS,			/* nested ipmasq_stats_attr, repeated */
	IPMASQ_A_CAUSE,			/* u32, enum ipmasq_cmd */
	IPMASQ_A_PORT_ID,		/* u32 */
	IPMASQ_A_REPLACE,		/* flag */
	IPMASQ_A_SOURCE_CIDR,		/* nested ipmasq_cidr_attr, repeated */
	IPMASQ_A_NO_SOURCE_CIDRS,	/* flag: translate whatever the source is */
	IPMASQ_A_INTERFACE,		/* string, "*" stands for any, repeated */
	IPMASQ_A_NO_INTERFACES,		/* flag: whatever the output interface is */
	IPMASQ_A_SNAT_ADDRESS,		/* nested ipmasq_address_attr, repeated */
	IPMASQ_A_NO_SNAT_ADDRESSES,	/* flag: the output interface's address */
	IPMASQ_A_DESTINATION_PORT,	/* u16, host order */
	IPMASQ_A_CONNECTIONS,		/* u64 */
	IPMASQ_A_DRAINING,		/* u64, connections that hooks are kept for */
	IPMASQ_A_NOW,			/* flag: keep no hook for connections */

	__IPMASQ_A_MAX,
	IPMASQ_A_MAX = (__IPMASQ_A_MAX - 1)
};

enum ipmasq_cidr_attr {
	IPMASQ_A_CIDR_UNSPEC,
	IPMASQ_A_CIDR_PAD,
	IPMASQ_A_CIDR_ADDRESS,		/* 4 or 16 bytes, no host bits set */
	IPMASQ_A_CIDR_PREFIX_LEN,	/* u8 */
	IPMASQ_A_CIDR_ACTION,		/* u32, enum ipmasq_action */
	IPMASQ_A_CIDR_ORIGIN,		/* u32, enum ipmasq_origin */
	IPMASQ_A_CIDR_CONNECTIONS,	/* u64, decided by this entry */
	IPMASQ_A_CIDR_SHADOWED,		/* flag: a static entry decides instead */
	IPMASQ_A_CIDR_TIMEOUT,		/* u64, milliseconds that are left */
	IPMASQ_A_CIDR_SNAT_ADDRESS,	/* nested ipmasq_address_attr, repeated */

	__IPMASQ_A_CIDR_MAX,
	IPMASQ_A_CIDR_MAX = (__IPMASQ_A_CIDR_MAX - 1)
};

enum ipmasq_address_attr {
	IPMASQ_A_ADDRESS_UNSPEC,
	IPMASQ_A_ADDRESS_IP,		/* 4 or 16 bytes, network order */

	__IPMASQ_A_ADDRESS_MAX,
	IPMASQ_A_ADDRESS_MAX = (__IPMASQ_A_ADDRESS_MAX - 1)
};

enum ipmasq_port_range_attr {
	IPMASQ_A_PORT_RANGE_UNSPEC,
	IPMASQ_A_PORT_RANGE_FIRST,	/* u16, host order */
	IPMASQ_A_PORT_RANGE_LAST,	/* u16, not below FIRST */

	__IPMASQ_A_PORT_RANGE_MAX,
	IPMASQ_A_PORT_RANGE_MAX = (__IPMASQ_A_PORT_RANGE_MAX - 1)
};

enum ipmasq_stats_attr {
	IPMASQ_A_STATS_UNSPEC,
	IPMASQ_A_STATS_PAD,
	IPMASQ_A_STATS_FAMILY,		/* u32, AF_INET or AF_INET6 */
	IPMASQ_A_STATS_VERDICT,		/* u32, enum ipmasq_verdict */
	IPMASQ_A_STATS_CONNECTIONS,	/* u64 */

	__IPMASQ_A_STATS_MAX,
	IPMASQ_A_STATS_MAX = (__IPMASQ_A_STATS_MAX - 1)
};

#endif /* _UAPI_LINUX_IPMASQ_H */
