#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rules that the reference agent was recorded to install, one case of each
# kind (tests/compat/rules), in both flavours of iptables: ipmasqctl migrate finds
# them, sees no difference to the policy of the same file and flags, takes them
# out and puts them back as they were.
#
#	node	no traffic here, see migrate-takeover

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/migrate.sh
. /guest/migrate.sh

# restore FLAVOUR 4|6: what the case has for it
restore() {
	[ -s "/tmp/scenario/rules$2" ] || return 0
	{
		echo '*nat'
		echo ":$chain - [0:0]"
		cat "/tmp/scenario/rules$2"
		echo COMMIT
	} | on node "ip${2#4}tables-$1-restore" --noflush
}

# both FLAVOUR: the rules as they are, of the families that the case has some for
both() {
	nat_rules "iptables-$1" || :
	[ ! -s /tmp/scenario/rules6 ] || nat_rules "ip6tables-$1" || :
}

try() {
	if [ -n "$config" ]; then
		kubelet "$CONFIG_VOLUME" ip-masq-agent /tmp/scenario/config-text
	else
		kubelet "$CONFIG_VOLUME" ip-masq-agent -
	fi
	# shellcheck disable=SC2086 # a list of words
	on node ipmasqd --once --config "$CONFIG_FILE" --state-dir '' $flags 2>>"$DAEMON_LOG"
	restore "$flavour" 4
	restore "$flavour" 6
	before=$(both "$flavour")
	migrate takeover chain "$chain" >/tmp/scenario/answer 2>&1 || :
	expect_equal '' "$(both "$flavour")" \
		"$flavour: $case: taken over$(grep -vE 'removed|saved' /tmp/scenario/answer)"
	migrate back chain "$chain" >/tmp/scenario/answer 2>&1 || :
	expect_equal "$before" "$(both "$flavour")" "$flavour: $case: back"
	rm -f "$SAVED"
	printf '*nat\nCOMMIT\n' | on node "iptables-$flavour-restore"
	[ ! -s /tmp/scenario/rules6 ] ||
		printf '*nat\nCOMMIT\n' | on node "ip6tables-$flavour-restore"
}

namespace node
ip -n node link add dummy0 type dummy
ip -n node link set dummy0 up
cases=0
while read -r word rest; do
	case $word in
	case)
		case=$rest flags='' config=''
		: >/tmp/scenario/rules4
		: >/tmp/scenario/rules6
		;;
	chain) chain=$rest ;;
	flag) flags="$flags $rest" ;;
	config)
		config=1
		echo "$rest" | base64 -d >/tmp/scenario/config-text
		;;
	ipv4) echo "$rest" >>/tmp/scenario/rules4 ;;
	ipv6) echo "$rest" >>/tmp/scenario/rules6 ;;
	end)
		# Each in one flavour, in turn.
		cases=$((cases + 1))
		flavour=nft
		[ $((cases % 2)) = 0 ] || flavour=legacy
		if ! masquerades_with iptables-$flavour; then
			skip "$case" "no MASQUERADE for iptables-$flavour in this kernel"
			continue
		fi
		try
		;;
	esac
done </usr/bin/migrate.cases
expect_equal yes "$([ $cases -ge 25 ] && echo yes)" "at least 25 kinds of rules ($cases)"
