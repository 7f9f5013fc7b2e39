// SPDX-License-Identifier: GPL-2.0-or-later
/* All connections of the namespace are forgotten, of one family or of both. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "attack.h"

static bool flush(int descriptor, uint8_t family, uint16_t type)
{
	struct {
		struct nlmsghdr header;
		struct nfgenmsg generic;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.generic = { .nfgen_family = family },
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		uint8_t rest[128];
	} answer;

	return send(descriptor, &request, sizeof(request), 0) > 0 &&
	       recv(descriptor, &answer, sizeof(answer), 0) > 0 &&
	       answer.header.nlmsg_type == NLMSG_ERROR && !answer.error.error;
}

static void run(struct attack *attack)
{
	static const uint8_t families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
	struct timeval patience = { .tv_sec = 3 };
	int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while (goes_on(attack)) {
		count(attack, ATTEMPT_FLUSH, flush(descriptor,
						   families[chance_below(&attack->chance, 3)],
						   IPCTNL_MSG_CT_DELETE));
		pause_up_to(attack, 50000);
	}
	close(descriptor);
}

static const struct need needs[] = {
	{ ATTEMPT_FLUSH, true, false },
	{ 0 }
};

const struct attacker conntrack_flush = { "conntrack-flush", run, needs, false };
