// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends the same packets through two nodes, one that masquerades with ipmasq and
 * one with the reference agent's rules, and compares what comes out:
 *
 *	fuzz-packets SEED PACKETS
 *
 * The network namespaces are those of tests/vm/scenarios/fuzz-packets.sh: poda -
 * nodea - outa with ipmasq and podb - nodeb - outb with iptables. In pods and
 * outside nobody but this program speaks. A rule on both nodes marks what
 * conntrack calls invalid or untracked with class CS7, and what is related or goes
 * against its connection's direction with CS6.
 *
 * After some packets comes one with a number that goes through untouched: when it
 * arrives, all before it have. Then the far side answers what it got.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "packets.h"

#define BATCH		32
/* One packet may leave in pieces. */
#define ARRIVED_MAX	(BATCH * 8)
#define PATIENCE_MS	60000

#define CLASS_MASK	0xfc
#define CLASS_NO_TRACK	0xe0
#define CLASS_RELATED	0xc0

/* Where a fence goes and comes from: left alone by the policy. */
static const uint8_t fence_pod[4] = { 10, 244, 1, 250 };
static const uint8_t fence_out[4] = { 10, 0, 0, 250 };

/**
 * struct port - a place where packets are sent and seen
 * @socket: a packet socket
 * @arrived: what was seen
 * @count: how many
 */
struct port {
	int socket;
	struct packet arrived[ARRIVED_MAX];
	size_t count;
};

/* struct side - a pod, and the world outside of its node */
struct side {
	struct port pod;
	struct port out;
};

static struct side sides[2];
static struct history history;

static struct {
	unsigned long long packets;
	unsigned long long translated;
	unsigned long long left_alone;
	unsigned long long no_track;
	unsigned long long related;
	unsigned long long answered;
	unsigned long long came_back;
} seen;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void show(const char *what, const struct packet *packet)
{
	size_t i;

	printf("%s (%zu bytes):", what, packet->length);
	for (i = 0; i < packet->length && i < 160; i++)
		printf("%s%02x", i % 4 ? "" : " ", packet->data[i]);
	putchar('\n');
}

static void enter(const char *namespace)
{
	char path[64];
	int descriptor;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0 || setns(descriptor, CLONE_NEWNET))
		die(path);
	close(descriptor);
}

static void port_open(struct port *port, const char *name, char side)
{
	char namespace[16];
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int room = 8 << 20, on = 1;

	snprintf(namespace, sizeof(namespace), "%s%c", name, side);
	enter(namespace);
	address.sll_ifindex = (int)if_nametoindex("eth0");
	port->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (port->socket < 0 ||
	    bind(port->socket, (struct sockaddr *)&address, sizeof(address)))
		die(namespace);
	setsockopt(port->socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(port->socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
}

static void port_send(struct port *port, const struct packet *packet)
{
	/* To the node, see the scenario; from anybody. */
	static const uint8_t header[ETH_HLEN] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	uint8_t frame[ETH_HLEN + PACKET_MAX];

	memcpy(frame, header, ETH_HLEN);
	put16(frame + 12, packet_is_ipv6(packet) ? ETH_P_IPV6 : ETH_P_IP);
	memcpy(frame + ETH_HLEN, packet->data, packet->length);
	while (send(port->socket, frame, ETH_HLEN + packet->length, 0) < 0) {
		if (errno != EINTR && errno != ENOBUFS)
			die("send");
	}
}

static void fence_make(struct packet *packet, uint32_t number, bool outward)
{
	uint8_t *data = packet->data;

	memset(data, 0, 36);
	data[8] = 64;
	data[9] = IPPROTO_UDP;
	memcpy(data + 12, outward ? fence_pod : fence_out, 4);
	memcpy(data + 16, outward ? fence_out : fence_pod, 4);
	put16(data + 20, 7);
	put16(data + 22, 7);
	put16(data + 24, 16);
	put32(data + 28, number);
	memcpy(data + 32, "stop", 4);
	packet->length = 36;
	transport_finish(data + 20, 16, IPPROTO_UDP, data + 12, data + 16, 4);
	header4_finish(data, 20, packet->length);
}

static bool is_fence(const struct packet *packet, uint32_t number)
{
	uint8_t expected[4];

	put32(expected, number);
	return packet->length >= 36 && !memcmp(packet->data + 32, "stop", 4) &&
	       !memcmp(packet->data + 28, expected, 4) && packet->data[9] == IPPROTO_UDP &&
	       (!memcmp(packet->data + 12, fence_pod, 4) ||
		!memcmp(packet->data + 12, fence_out, 4));
}

/* One frame without its Ethernet header; false for what is not IP. */
static bool port_receive(struct port *port, struct packet *packet)
{
	uint8_t frame[ETH_HLEN + PACKET_MAX + 64];
	ssize_t length = recv(port->socket, frame, sizeof(frame), 0);
	uint16_t protocol;

	if (length < ETH_HLEN)
		die("recv");
	protocol = get16(frame + 12);
	packet->length = (size_t)length - ETH_HLEN;
	if (packet->length > PACKET_MAX)
		packet->length = PACKET_MAX;
	memcpy(packet->data, frame + ETH_HLEN, packet->length);
	return protocol == ETH_P_IP || protocol == ETH_P_IPV6;
}

/* The node itself has something to say to the pod, which is not translated. */
static bool is_from_node(const struct packet *packet)
{
	static const uint8_t inner4[4] = { 10, 244, 1, 1 };
	static const uint8_t inner6[16] = { 0xfd, 0, 0, 0x10, 0x02, 0x44, 0, 1, [15] = 1 };

	if (packet_is_ipv6(packet))
		return !memcmp(packet->data + 8, inner6, 16) ||
		       !memcmp(packet->data + 8, node6, 16) || packet->data[8] == 0xfe;
	return !memcmp(packet->data + 12, inner4, 4) || !memcmp(packet->data + 12, node4, 4);
}

/* What the node says by itself, when it likes: that it listens to a group. */
static bool is_report(const struct packet *packet)
{
	static const uint8_t routers[16] = { 0xff, 0x02, [15] = 0x16 };

	return packet_is_ipv6(packet) && !memcmp(packet->data + 24, routers, 16);
}

/* Everything up to the fence. */
static void port_collect(struct port *port, uint32_t number, bool at_pod)
{
	struct pollfd poll_one = { .fd = port->socket, .events = POLLIN };

	port->count = 0;
	for (;;) {
		struct packet *packet = &port->arrived[port->count];

		if (poll(&poll_one, 1, PATIENCE_MS) != 1) {
			printf("a packet that must arrive did not, after %llu\n", seen.packets);
			exit(1);
		}
		if (!port_receive(port, packet))
			continue;
		if (is_fence(packet, number))
			return;
		if (is_report(packet) || (at_pod && is_from_node(packet)))
			continue;
		if (++port->count == ARRIVED_MAX)
			die("too many packets");
	}
}

static bool is_same(const struct packet *a, const struct packet *b)
{
	static struct packet x, y;

	x = *a;
	y = *b;
	packet_normalise(&x);
	packet_normalise(&y);
	return x.length == y.length && !memcmp(x.data, y.data, x.length);
}

static void compare(const struct port *a, const struct port *b, const char *where)
{
	static const struct packet nothing;
	size_t i;

	for (i = 0; i < a->count || i < b->count; i++) {
		if (i < a->count && i < b->count && is_same(&a->arrived[i], &b->arrived[i]))
			continue;
		printf("after %llu packets the nodes differ %s\n", seen.packets, where);
		show("ipmasq", i < a->count ? &a->arrived[i] : &nothing);
		show("iptables", i < b->count ? &b->arrived[i] : &nothing);
		for (i = 0; i < BATCH; i++)
			show("sent", &history.sent[(history.sent_count - BATCH + i) % 64]);
		for (i = 0; i < sides[0].out.count; i++) {
			show("ipmasq outside", &sides[0].out.arrived[i]);
			show("iptables outside", &sides[1].out.arrived[i]);
		}
		exit(1);
	}
}

/* What the policy of the scenario leaves alone. */
static bool is_skipped(const struct packet *packet)
{
	const uint8_t *to4 = packet->data + 16;
	const uint8_t *to6 = packet->data + 24;

	if (packet_is_ipv6(packet))
		return !memcmp(to6, "\x20\x01\x0d\xb8\x00\x05", 6) ||
		       (to6[0] == 0xfe && (to6[1] & 0xc0) == 0x80);
	return to4[0] == 10 || (to4[0] == 172 && to4[1] >> 4 == 1) ||
	       (to4[0] == 192 && to4[1] == 168) || (to4[0] == 169 && to4[1] == 254);
}

/* Where it goes by a source route is not where its connection goes. */
static bool is_source_routed(const struct packet *packet)
{
	size_t header = (size_t)(packet->data[0] & 15) * 4;

	return !packet_is_ipv6(packet) && header > 20 && header <= packet->length &&
	       (memchr(packet->data + 20, 131, header - 20) ||
		memchr(packet->data + 20, 137, header - 20));
}

static void classify(const struct packet *packet)
{
	bool ipv6 = packet_is_ipv6(packet);
	uint8_t class = (uint8_t)(ipv6 ? packet->data[0] << 4 | packet->data[1] >> 4 :
					 packet->data[1]) & CLASS_MASK;
	/* The node has a link-local address too. */
	bool own = ipv6 ? !memcmp(packet->data + 8, node6, 16) || packet->data[8] == 0xfe :
			  !memcmp(packet->data + 12, node4, 4);

	if (class == CLASS_NO_TRACK) {
		seen.no_track++;
	} else if (class == CLASS_RELATED) {
		seen.related++;
	} else if (own) {
		seen.translated++;
	} else if (is_skipped(packet) || is_source_routed(packet)) {
		seen.left_alone++;
	} else {
		printf("after %llu packets one left the node as it came\n", seen.packets);
		show("it", packet);
		exit(1);
	}
}

static void send_batch(struct chance *chance, uint32_t number, unsigned long long packets)
{
	static struct packet packet;
	size_t i, side;

	for (i = 0; i < BATCH && seen.packets < packets; i++) {
		packet_generate(&packet, chance, &history);
		for (side = 0; side < 2; side++)
			port_send(&sides[side].pod, &packet);
		seen.packets++;
	}
	fence_make(&packet, number, true);
	for (side = 0; side < 2; side++)
		port_send(&sides[side].pod, &packet);
	for (side = 0; side < 2; side++)
		port_collect(&sides[side].out, number, false);
	compare(&sides[0].out, &sides[1].out, "outside");
	for (i = 0; i < sides[0].out.count; i++)
		classify(&sides[0].out.arrived[i]);
}

static void answer_batch(struct chance *chance, uint32_t number)
{
	static struct packet packet;
	size_t i, side;

	for (i = 0; i < sides[0].out.count; i++) {
		struct chance same = *chance;

		if (chance_percent(chance, 40))
			continue;
		for (side = 0; side < 2; side++) {
			*chance = same;
			if (chance_percent(chance, 40) ||
			    !reply_make(&packet, &sides[side].out.arrived[i], chance))
				continue;
			port_send(&sides[side].out, &packet);
			seen.answered += !side;
		}
	}
	fence_make(&packet, number, false);
	for (side = 0; side < 2; side++)
		port_send(&sides[side].out, &packet);
	for (side = 0; side < 2; side++)
		port_collect(&sides[side].pod, number, true);
	compare(&sides[0].pod, &sides[1].pod, "at the pod");
	seen.came_back += sides[0].pod.count;
	for (i = 0; i < sides[0].pod.count; i++) {
		const struct packet *a = &sides[0].pod.arrived[i];
		const struct packet *b = &sides[1].pod.arrived[i];

		/* One with a port that only one node has picked is known there only. */
		if (!memcmp(a->data, b->data, a->length))
			history.seen[history.seen_count++ % 64] = *a;
	}
}

int main(int argc, char **argv)
{
	struct chance chance;
	unsigned long long packets;
	cpu_set_t one;
	uint32_t number = 0;
	int side;

	if (argc != 3) {
		fputs("usage: fuzz-packets SEED PACKETS\n", stderr);
		return 2;
	}
	chance.state = strtoull(argv[1], NULL, 10);
	packets = strtoull(argv[2], NULL, 10);
	/* What one processor sends arrives in the same order. */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		die("sched_setaffinity");
	for (side = 0; side < 2; side++) {
		port_open(&sides[side].pod, "pod", (char)('a' + side));
		port_open(&sides[side].out, "out", (char)('a' + side));
	}
	while (seen.packets < packets) {
		send_batch(&chance, ++number, packets);
		answer_batch(&chance, ++number);
	}
	printf("packets %llu translated %llu left-alone %llu", seen.packets, seen.translated,
	       seen.left_alone);
	printf(" untracked %llu related %llu answered %llu came-back %llu\n", seen.no_track,
	       seen.related, seen.answered, seen.came_back);
	return 0;
}
