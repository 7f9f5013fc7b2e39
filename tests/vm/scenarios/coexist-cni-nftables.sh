#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The CNI bridge and ptp plugins with "ipMasqBackend": "nftables" have a table of their
# own; it decides before ipmasq for the pods that are in it. The rules are those of
# containernetworking/plugins 1.9, pkg/ip; tests/container runs the plugin itself.
#
#	pod 10.244.1.2 --- node 192.0.2.10 --- fabric ---+-- peer       10.0.0.20, fd00:10::20
#	    fd00:10:244:1::2    2001:db8:2::10           +-- internet4  203.0.113.7
#	                                                 +-- internet6  2001:db8:7::7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

build_topology
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]' --enable-ipv6

# both: what ipmasq has decided, of both families
both() {
	echo "$(counter masquerade) $(counter cidr) $(counter masquerade ipv6) $(counter cidr ipv6)"
}

note 'a pod of the plugin'
on node nft -f - <<-END
	table inet cni_plugins_masquerade {
		comment "Masquerading for plugins from github.com/containernetworking/plugins"
		chain masq_checks {
			comment "Masquerade traffic from certain IPs to any (non-multicast) IP outside their subnet"
			ip saddr == $POD4 ip daddr != 10.244.1.0/24 masquerade comment "6fd1-11aa, net: pods, if: eth0, id: a"
			ip6 saddr == $POD6 ip6 daddr != fd00:10:244:1::/64 masquerade comment "6fd1-11aa, net: pods, if: eth0, id: a"
		}
		chain postrouting {
			type nat hook postrouting priority srcnat; policy accept;
			ip daddr == 224.0.0.0/4 return
			ip6 daddr == ff00::/8 return
			goto masq_checks
		}
	}
END
expect_source "$NODE4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$NODE6" pod tcp "$PEER6"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_equal '0 0 0 0' "$(both)" 'ipmasq is not asked about that pod'
expect_match '*inet cni_plugins_masquerade postrouting, priority 100*a CNI plugin with ipMasq; decides before ipmasq: set "ipMasq": false*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate says so'

note 'the pod is made anew without ipMasq'
on node nft flush chain inet cni_plugins_masquerade masq_checks
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD6" pod tcp "$PEER6"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_equal '1 1 1 1' "$(both)" 'ipmasq decides, beside a table that is empty'
