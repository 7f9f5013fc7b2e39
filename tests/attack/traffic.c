// SPDX-License-Identifier: GPL-2.0-or-later
/* New connections without end: UDP from random ports to random far sides. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack.h"

/* What tests/vm/guest/topology.sh answers on. */
#define SERVED_PORT 7000

static const uint8_t far4[][4] = {
	{ 203, 0, 113, 7 }, { 203, 0, 113, 0 }, { 10, 0, 0, 20 }, { 198, 51, 100, 0 },
	{ 192, 0, 2, 10 }, { 224, 0, 0, 0 }, { 169, 254, 169, 254 },
};

static const uint8_t far6[][16] = {
	{ 0x20, 1, 0xd, 0xb8, 0, 7, [15] = 7 }, { 0x20, 1, 0xd, 0xb8, 0, 7 },
	{ 0xfd, 0, 0, 0x10, [15] = 0x20 }, { 0xff, 0xe },
};

static int open_raw(int family)
{
	int descriptor = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
	int offset = 6, room = 1;

	if (family == AF_INET6)
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_CHECKSUM, &offset, sizeof(offset));
	/* What comes back is for nobody. */
	setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return descriptor;
}

static ssize_t send_one(struct chance *chance, int descriptor, bool ipv6)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	struct udphdr header = {
		.source = (uint16_t)chance_next(chance),
		.dest = htons(SERVED_PORT),
		.len = htons(sizeof(header)),
	};

	if (ipv6) {
		memcpy(&to6.sin6_addr, far6[chance_below(chance, 4)], 16);
		if (!to6.sin6_addr.s6_addr[15])
			to6.sin6_addr.s6_addr[14] = (uint8_t)chance_next(chance);
		return sendto(descriptor, &header, sizeof(header), MSG_DONTWAIT,
			      (struct sockaddr *)&to6, sizeof(to6));
	}
	memcpy(&to4.sin_addr, far4[chance_below(chance, 7)], 4);
	if (!(to4.sin_addr.s_addr >> 24))
		to4.sin_addr.s_addr |= chance_next(chance) << 24;
	return sendto(descriptor, &header, sizeof(header), MSG_DONTWAIT,
		      (struct sockaddr *)&to4, sizeof(to4));
}

static void run(struct attack *attack)
{
	int descriptors[2] = { open_raw(AF_INET), open_raw(AF_INET6) };

	while (goes_on(attack)) {
		bool ipv6 = chance_percent(&attack->chance, 40);

		count(attack, ATTEMPT_PACKET,
		      send_one(&attack->chance, descriptors[ipv6], ipv6) > 0);
		/* Others have use for the processor. */
		if (chance_percent(&attack->chance, 5))
			pause_up_to(attack, 2000);
	}
	close(descriptors[0]);
	close(descriptors[1]);
}

static const struct need needs[] = {
	{ ATTEMPT_PACKET, true, false },
	{ 0 }
};

const struct attacker traffic = { "traffic", run, needs, false };
