#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the daemon tells over HTTP, and what it may do itself.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

build_topology
write_config "$ONE"
start_daemon --http-address "$HTTP"
expect_soon 'it serves' serving
expect_equal '200 OK' "$(http_status GET /readyz)" 'it is ready'
expect_equal '200 OK' "$(http_status HEAD /metrics)" 'HEAD is answered'
expect_equal '' "$(http HEAD /metrics | sed '1,/^$/d')" 'without a body'
expect_match '405*' "$(http_status POST /metrics)" 'POST is not'
expect_match '404*' "$(http_status GET /)" 'there is nothing else'
expect_match '404*' "$(http_status GET /../etc/passwd)" 'least of all files'
expect_match '*text/plain; version=0.0.4*' "$(http GET /metrics)" \
	'the metrics have the type that Prometheus wants'

config() {
	http GET /config | sed '1,/^$/d' | jq -r "$1"
}
expect_equal file "$(config .source)" '/config says where the policy is from'
expect_equal "$CONFIG_FILE" "$(config '.files[0]')" 'and from which file'
expect_equal '10.0.0.0/8 169.254.0.0/16' "$(config '[.policy.entries[].cidr] | join(" ")')" \
	'and what is in force'

# Counters follow the traffic.
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$POD4" pod udp "$PEER4"
expect_metric 1 'ipmasq_connections_total{family="ipv4",verdict="masquerade"}'
expect_metric 2 'ipmasq_connections_total{family="ipv4",verdict="cidr"}'
expect_metric 2 'ipmasq_entries{origin="config"}'
expect_metric "$(generation)" ipmasq_policy_generation

# Source ports: three connections from different ports to the one destination, and
# one each to others. A scrape shows what the one before began to count.
for port in 7000 7000 7000 7001; do
	source_seen pod udp "$INTERNET4" port "$port" >/dev/null || :
done
held() {
	on node conntrack -L -p udp --src-nat 2>/dev/null | grep -c "dport=7000 "
}
expect_equal 3 "$(held)" 'three source ports are held'
# It counts every ten seconds at most.
WAIT_SECONDS=30
expect_metric 3 'ipmasq_fullest_destination_source_ports{protocol="udp"}'
expect_metric 64512 ipmasq_source_ports_limit

on node ipmasqctl add 203.0.113.0/24
expect_metric 1 'ipmasq_entries{origin="static"}'

bring_in 'sourceCIDRs: [10.244.0.0/16]
outputInterfaces: ["e*0"]
snatAddresses: [192.0.2.10, 198.51.100.0/24: 192.0.2.10]
applyToExisting: true'
expect_equal '10.244.0.0/16 e*0 192.0.2.10 192.0.2.10 true' "$(config '[.policy.source_cidrs[],
	.policy.output_interfaces[], .policy.snat_addresses[],
	.policy.entries[-1].addresses[], .apply_to_existing] | join(" ")')" \
	'/config has lists of sources, interfaces and addresses'
bring_in "$ONE"

write_config 'nonMasqueradeCIDRs: [10.0.0.0/8'
expect_metric 0 ipmasq_config_last_reload_successful
expect_match '[1-9]*' "$(config '.problems[0].line')" '/config has the place of the error'

# Clients that say nothing, or never stop: others are served all the same.
while [ "$(echo "${idle:-}" | wc -w)" -lt 20 ]; do
	on node socat -u "TCP:$HTTP" /dev/null &
	idle="${idle:-} $!"
done
head -c 100000 /dev/zero | tr '\0' a | on node socat -u - "TCP:$HTTP" 2>/dev/null || :
expect_soon 'idle clients keep nobody out' serving
# shellcheck disable=SC2086 # a list of processes
kill $idle 2>/dev/null || :

# What it may do.
status() {
	sed -n "s/^$1:\t*//p" "/proc/$DAEMON/status"
}
expect_equal 0000000000001000 "$(status CapEff)" 'it has CAP_NET_ADMIN and nothing else'
expect_equal 0000000000001000 "$(status CapPrm)" 'and can have nothing else'
expect_equal 0000000000000000 "$(status CapBnd)" 'nor can anything that it started'
expect_equal 1 "$(status NoNewPrivs)" 'no_new_privs is set'
expect_equal 2 "$(status Seccomp)" 'system calls are filtered'
expect_equal 1 "$(status Threads)" 'there is one thread'
note "with HTTP: $(awk '/^(Rss|Pss|Private_Dirty):/ { printf "%s %s KiB  ", $1, $2 }' \
	"/proc/$DAEMON/smaps_rollup")"
note "the kernel's whole policy: $(metric ipmasq_policy_memory_bytes) bytes"

# All of it under the filter once more: reload, drift, module gone and back.
kill -HUP "$DAEMON"
expect_logged SIGHUP 'SIGHUP under the filter'
on node ipmasqctl flush policy
expect_entries "$ONE_ENTRIES" 'drift under the filter'
expect_success 'it is still there' kill -0 "$DAEMON"
end_daemon TERM

# Other ways to write an address.
answers() {
	printf 'GET /healthz HTTP/1.0\r\n\r\n' | on node socat -t 5 - "$1" 2>/dev/null |
		grep -q '^HTTP/1.* 200'
}
spawn_daemon --http-address '[::1]:9601'
expect_soon '[::1]:9601 is served' answers 'TCP6:[::1]:9601'
expect_failure 1 '' 'and nowhere else' answers "TCP6:[$NODE6]:9601"
end_daemon TERM
spawn_daemon --http-address ':9602'
expect_soon ':9602 is served over IPv4' answers "TCP4:$NODE4:9602"
expect_success 'and over IPv6' answers "TCP6:[$NODE6]:9602"
end_daemon TERM

spawn_daemon
expect_logged 'in force already' 'it starts over the policy that is there'
expect_soon 'and filters system calls last' sh -c "grep -q 'Seccomp:.2' /proc/$DAEMON/status"
note "without HTTP: $(awk '/^(Rss|Pss|Private_Dirty):/ { printf "%s %s KiB  ", $1, $2 }' \
	"/proc/$DAEMON/smaps_rollup")"
end_daemon TERM
