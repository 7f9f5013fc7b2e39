/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a policy looks at before it looks at the destination: a list of sources, a
 * list of output interfaces. Each is an immutable object that policies share.
 */
#ifndef IPMASQ_SELECTOR_H
#define IPMASQ_SELECTOR_H

#include <linux/if.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "cidr_table.h"

/**
 * struct ipmasq_sources - the CIDRs whose connections are translated
 * @users: policies and drafts that have it
 * @count: CIDRs
 * @table: the CIDRs; an address that matches is on the list
 */
struct ipmasq_sources {
	refcount_t users;
	u32 count;
	struct ipmasq_cidr_table table;
};

/**
 * struct ipmasq_interfaces - the interfaces through which connections are translated
 * @users: policies and drafts that have it
 * @count: patterns
 * @pattern: in the order they were given; "*" stands for any characters
 */
struct ipmasq_interfaces {
	refcount_t users;
	u32 count;
	char pattern[][IFNAMSIZ];
};

int ipmasq_sources_create(const struct ipmasq_entry *entries, u32 count,
			  struct ipmasq_sources **sources);
struct ipmasq_sources *ipmasq_sources_get(struct ipmasq_sources *sources);
void ipmasq_sources_put(struct ipmasq_sources *sources);

struct ipmasq_interfaces *ipmasq_interfaces_create(u32 count);
struct ipmasq_interfaces *ipmasq_interfaces_get(struct ipmasq_interfaces *interfaces);
void ipmasq_interfaces_put(struct ipmasq_interfaces *interfaces);
bool ipmasq_interfaces_have(const struct ipmasq_interfaces *interfaces, const char *name);

#endif
