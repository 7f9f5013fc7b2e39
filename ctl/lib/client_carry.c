// SPDX-License-Identifier: GPL-2.0-or-later
/* What a policy takes along when the module is replaced. */
#include <errno.h>
#include <sys/socket.h>

#include "client_private.h"

static const char doing[] = "cannot carry over what was counted";

/* A counter in a message: its nest, a prefix, a u64. */
#define COUNTER_SIZE (CLIENT_ENTRY_SIZE + NLA_HDRLEN + 8)

/**
 * client_carry_generation() - let generations continue from an earlier module's
 * @client: an open client, in whose namespace there is no policy
 * @generation: the next policy's is above it
 *
 * Return: 0, -EBUSY where there is a policy, or another negative errno.
 */
int client_carry_generation(struct client *client, uint64_t generation)
{
	struct nl_msg *message;

	message = client_message(client, IPMASQ_CMD_CARRY_OVER, 0, CLIENT_HEAD_SIZE);
	/* The empty message has room for it. */
	if (message)
		nla_put_u64(message, IPMASQ_A_GENERATION, generation);
	return client_request(client, message, doing, NULL, NULL);
}

static int put_statistic(struct nl_msg *message, uint8_t family, uint8_t verdict,
			 uint64_t connections)
{
	struct nlattr *nest = nla_nest_start(message, NLA_F_NESTED | IPMASQ_A_STATS);

	if (!nest || nla_put_u32(message, IPMASQ_A_STATS_FAMILY, family) < 0 ||
	    nla_put_u32(message, IPMASQ_A_STATS_VERDICT, verdict) < 0 ||
	    nla_put_u64(message, IPMASQ_A_STATS_CONNECTIONS, connections) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

static int carry_statistics(struct client *client, const struct client_statistics *statistics)
{
	struct nl_msg *message;
	int error = 0;
	int verdict;
	int ipv6;

	message = client_message(client, IPMASQ_CMD_CARRY_OVER, 0, 4 * CLIENT_HEAD_SIZE);
	for (ipv6 = 0; message && ipv6 < 2; ipv6++) {
		for (verdict = 1; verdict <= IPMASQ_VERDICT_MAX && !error; verdict++) {
			if (statistics->connections[ipv6][verdict])
				error = put_statistic(message, ipv6 ? AF_INET6 : AF_INET, verdict,
						      statistics->connections[ipv6][verdict]);
		}
	}
	if (error) {
		nlmsg_free(message);
		return client_fail(client, error, "%s: the message is too long", doing);
	}
	return client_request(client, message, doing, NULL, NULL);
}

static int put_counter(struct nl_msg *message, const struct policy_entry *entry)
{
	const struct cidr *cidr = &entry->cidr;
	struct nlattr *nest = nla_nest_start(message, NLA_F_NESTED | IPMASQ_A_CIDR);

	if (!nest || nla_put(message, IPMASQ_A_CIDR_ADDRESS, cidr->family == AF_INET ? 4 : 16,
			     cidr->address) < 0 ||
	    nla_put_u8(message, IPMASQ_A_CIDR_PREFIX_LEN, cidr->prefix_len) < 0 ||
	    nla_put_u64(message, IPMASQ_A_CIDR_CONNECTIONS, entry->connections) < 0)
		return -EMSGSIZE;
	nla_nest_end(message, nest);
	return 0;
}

/* One message with counters of an origin, from entry *next on, which is moved on. */
static int carry_some(struct client *client, const struct policy *policy, uint8_t origin,
		      size_t *next)
{
	struct nl_msg *message;
	size_t room = 0;

	message = client_message(client, IPMASQ_CMD_CARRY_OVER, 0, client->message_max);
	if (message) {
		client_put_origin(message, origin);
		room = (client->message_max - CLIENT_HEAD_SIZE) / COUNTER_SIZE;
	}
	for (; room && *next < policy->count; (*next)++) {
		const struct policy_entry *entry = &policy->entries[*next];

		if (entry->origin != origin || !entry->connections)
			continue;
		/* There is room for as many. */
		if (put_counter(message, entry))
			break;
		room--;
	}
	return client_request(client, message, doing, NULL, NULL);
}

/**
 * client_carry_counters() - add what an earlier policy had counted
 * @client: an open client
 * @policy: entries with their connections, all of which are in the policy in force
 * @statistics: of its verdicts
 *
 * Return: 0, -ENOENT for an entry that is not there, or another negative errno.
 */
int client_carry_counters(struct client *client, const struct policy *policy,
			  const struct client_statistics *statistics)
{
	static const uint8_t origins[] = { IPMASQ_ORIGIN_CONFIG, IPMASQ_ORIGIN_STATIC };
	size_t next;
	size_t i;
	int error;

	error = carry_statistics(client, statistics);
	for (i = 0; i < sizeof(origins) && !error; i++) {
		for (next = 0; next < policy->count && !error;)
			error = carry_some(client, policy, origins[i], &next);
	}
	return error;
}
