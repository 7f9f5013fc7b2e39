#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kubectl ipmasq on two nodes with policies of their own, and one without a policy.
# In place of kubectl is a script that runs in a node's namespace what would run in
# its pod; tests/kubernetes/plugin has the plugin called by kubectl itself.
#
#	pod ----- node ---- fabric ---- internet4, peer
#	pod2 ---- node2 -----+
#	          node3

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

mkdir /tmp/scenario/bin
cat >/tmp/scenario/bin/kubectl <<'END'
#!/bin/dash
case "$*" in
*' get pods '*)
	for node in node node2 node3; do
		printf '%s\tpod-of-%s\tRunning\t\n' "$node" "$node"
	done
	;;
*' exec '*)
	while [ "${1#pod-of-}" = "$1" ]; do
		shift
	done
	node=${1#pod-of-}
	while [ "$1" != -- ]; do
		shift
	done
	shift
	exec ip netns exec "$node" "$@"
	;;
esac
END
chmod 755 /tmp/scenario/bin/kubectl
PATH=/tmp/scenario/bin:$PATH

build_topology
add_node node2 192.0.2.11 2001:db8:2::11 pod2 10.244.2.2 fd00:10:244:2::2
namespace node3
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
NODE=node2 configure 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source 10.244.2.2 pod2 tcp "$INTERNET4"

note 'list: the same entries, with the connections of each node'
expect_equal "NODE   CIDR            ACTION      ORIGIN  CONNECTIONS
node2  203.0.113.0/24  skip        config            1" \
	"$(kubectl-ipmasq --node node,node2 list 203.0.113.0/24 2>/tmp/scenario/wrong)" \
	'a prefix that only one node has'
expect_match '*kubectl ipmasq: node: *no entry within 203.0.113.0/24*' \
	"$(cat /tmp/scenario/wrong)" 'the other one says that it has none'

note 'explain: two nodes, two verdicts'
kubectl-ipmasq --node node,node2 explain 10.244.9.9 "$INTERNET4" >/tmp/scenario/explained
expect_match 'verdict *masquerade,* *cidr,*' "$(grep ^verdict /tmp/scenario/explained)" \
	'beside each other'

note 'show: all three'
expect_success 'nothing is wrong' sh -c 'COLUMNS=200 kubectl-ipmasq show >/tmp/scenario/shown'
expect_match '*node *node2 *node3' "$(head -n 1 /tmp/scenario/shown)" 'a column for each'
expect_match 'entries *2 config, *3 config, *-' "$(grep ^entries /tmp/scenario/shown)" \
	'what each has'
expect_match '*no policy in this network namespace*' "$(cat /tmp/scenario/shown)" \
	'and the one that has none'

note 'ports, and JSON'
expect_match "NODE *DESTINATION*node *$INTERNET4*" "$(kubectl-ipmasq ports | xargs)" \
	'source ports by node'
expect_equal 'node 1 node2 1 node3 0' "$(kubectl-ipmasq -o json show |
	jq -r '.nodes[] | .node, .answer.generation' | xargs)" 'JSON of all nodes'

note 'a node whose module is gone'
unload_module
expect_failure 1 'kubectl ipmasq: node, node2, node3: the kernel module ipmasq is not loaded*' \
	'is told once for all of which it is true' kubectl-ipmasq show
load_module
