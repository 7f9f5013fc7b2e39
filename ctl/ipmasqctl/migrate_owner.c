// SPDX-License-Identifier: GPL-2.0-or-later
/* Who else translates sources on a Kubernetes node; docs/coexistence.md. */
#include <string.h>

#include "migrate_rules.h"

static const struct {
	const char *prefix;	/* of a chain of iptables, or of a table of nftables */
	struct owner owner;
} known[] = {
	{ "KUBE-POSTROUTING", { "kube-proxy or the kubelet", true,
	  "it masquerades what carries its mark, which are services" } },
	{ "kube-proxy", { "kube-proxy", true,
	  "it masquerades what carries its mark, which are services" } },
	{ "CNI-HOSTPORT", { "the portmap plugin", true,
	  "it masquerades what goes to a pod by a port of the node" } },
	{ "CNI-", { "a CNI plugin with ipMasq", false,
	  "set \"ipMasq\": false in its configuration and make the pods anew" } },
	{ "cni_plugins_masquerade", { "a CNI plugin with ipMasq", false,
	  "set \"ipMasq\": false in its configuration and make the pods anew" } },
	{ "FLANNEL-POSTRTG", { "flannel", false,
	  "start flanneld without --ip-masq" } },
	{ "flanneld masq", { "flannel", false,
	  "start flanneld without --ip-masq" } },
	{ "flannel-ipv", { "flannel", false,
	  "start flanneld without --ip-masq" } },
	{ "cali-POSTROUTING", { "Calico", false,
	  "set natOutgoing: false in its IPPools" } },
	{ "calico", { "Calico", false,
	  "set natOutgoing: false in its IPPools" } },
	{ "CILIUM_POST_nat", { "Cilium", false,
	  "set enable-ipv4-masquerade and enable-ipv6-masquerade to false" } },
	{ "AWS-SNAT-CHAIN", { "the Amazon VPC CNI plugin", false,
	  "set AWS_VPC_K8S_CNI_EXTERNALSNAT=true" } },
	{ "LIBVIRT_PRT", { "libvirt", true,
	  "it masquerades virtual machines" } },
};

static const struct owner nobody = {
	"unknown", false, "find out whose it is: what it translates never gets to ipmasq"
};

/**
 * chain_owner() - whose a chain of iptables or a table of nftables is
 * @table: its name
 *
 * Return: a constant.
 */
const struct owner *chain_owner(const char *table)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strncmp(table, known[i].prefix, strlen(known[i].prefix)))
			return &known[i].owner;
	}
	return &nobody;
}

/**
 * rule_owner() - whose a rule of POSTROUTING is
 * @rule: the rule
 *
 * By the chain that it leads to, or by its comment.
 *
 * Return: a constant.
 */
const struct owner *rule_owner(const struct rule *rule)
{
	const struct owner *owner = chain_owner(rule->target);
	size_t i;

	for (i = 2; owner == &nobody && i + 1 < rule->count; i++) {
		if (!strcmp(rule->words[i], "--comment"))
			owner = chain_owner(rule->words[i + 1]);
	}
	return owner;
}
