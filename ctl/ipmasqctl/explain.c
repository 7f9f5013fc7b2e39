// SPDX-License-Identifier: GPL-2.0-or-later
/* ipmasqctl explain */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "client.h"
#include "decision.h"
#include "policy_json.h"
#include "protocol.h"

static const char *const keywords[] = { "dev", "proto", "sport" };

static int read_device(struct arguments *arguments, struct client_flow *flow)
{
	const char *name = NULL;
	int wrong;

	wrong = argument_value(arguments, "an interface", &name);
	if (wrong)
		return wrong;
	flow->output_interface = if_nametoindex(name);
	if (!flow->output_interface)
		return refuse_errno(arguments->invocation, ENODEV,
				    "there is no interface \"%.*s\" in this network namespace",
				    IF_NAMESIZE, name);
	return 0;
}

static int read_protocol(struct arguments *arguments, struct client_flow *flow)
{
	const char *word = NULL;
	uint64_t number;
	int wrong;

	wrong = argument_value(arguments, "a protocol", &word);
	if (wrong)
		return wrong;
	flow->protocol = protocol_number(word);
	if (flow->protocol)
		return 0;
	wrong = argument_number(arguments->invocation, word,
				"protocol (tcp, udp, sctp, icmp, icmpv6)", 1, 255, &number);
	if (!wrong)
		flow->protocol = number;
	return wrong;
}

static int read_port(struct arguments *arguments, struct client_flow *flow)
{
	const char *word = NULL;
	uint64_t number;
	int wrong;

	wrong = argument_value(arguments, "a port", &word);
	if (!wrong)
		wrong = argument_number(arguments->invocation, word, "source port", 1, 65535,
					&number);
	if (!wrong)
		flow->source_port = number;
	return wrong;
}

static int read_flow(struct arguments *arguments, struct client_flow *flow)
{
	const struct invocation *invocation = arguments->invocation;
	const char *word;
	int wrong = 0;

	if (!arguments->next[0] || !arguments->next[1])
		return misuse(invocation, "a source and a destination address are expected");
	wrong = argument_address(invocation, *arguments->next++, &flow->source);
	if (!wrong)
		wrong = argument_address(invocation, *arguments->next++, &flow->destination);
	if (wrong)
		return wrong;
	if (flow->source.family != flow->destination.family)
		return misuse(invocation,
			      "source and destination must both be IPv4 or both be IPv6");

	while (*arguments->next && !wrong) {
		word = *arguments->next++;
		if (word_is(word, "dev"))
			wrong = read_device(arguments, flow);
		else if (word_is(word, "proto"))
			wrong = read_protocol(arguments, flow);
		else if (word_is(word, "sport"))
			wrong = read_port(arguments, flow);
		else
			wrong = argument_unknown(invocation, word, keywords,
						 sizeof(keywords) / sizeof(keywords[0]));
	}
	/* What "ping" to an IPv6 address sends is ICMPv6. */
	if (flow->protocol == IPPROTO_ICMP && flow->source.family == AF_INET6)
		flow->protocol = IPPROTO_ICMPV6;
	return wrong;
}

static const char *outcome(uint8_t verdict)
{
	switch ((enum ipmasq_verdict)verdict) {
	case IPMASQ_VERDICT_MASQUERADE:
	case IPMASQ_VERDICT_SNAT:
		return "the source address is translated";
	case IPMASQ_VERDICT_FAILED:
		return "the connection fails";
	case IPMASQ_VERDICT_DISABLED:
	case IPMASQ_VERDICT_SOURCE:
	case IPMASQ_VERDICT_INTERFACE:
	case IPMASQ_VERDICT_CIDR:
	case IPMASQ_VERDICT_LOCAL:
		return "the source address stays";
	case __IPMASQ_VERDICT_MAX:
		break;
	}
	/* A newer module's. */
	return "unknown";
}

static void print_decider(const struct client_flow *flow,
			  const struct client_explanation *explanation)
{
	const struct policy_entry *entry = &explanation->entry;
	char text[CIDR_TEXT_MAX];

	if (explanation->has_entry && explanation->verdict == IPMASQ_VERDICT_MASQUERADE &&
	    entry->action == IPMASQ_ACTION_SNAT)
		printf("the pool of %s (%s) is not for groups and link-local destinations\n",
		       cidr_format(&entry->cidr, text), policy_origin_name(entry->origin));
	else if (explanation->has_entry)
		printf("the longest prefix, %s (%s), says %s\n", cidr_format(&entry->cidr, text),
		       policy_origin_name(entry->origin), policy_action_name(entry->action));
	else
		printf("no prefix of the table holds %s\n",
		       cidr_format_address(&flow->destination, text));
}

/* The verdict is that of the source list, or of an address that is not translated. */
static void print_source_reason(struct client *client, const struct client_flow *flow)
{
	static const struct cidr any = { .family = AF_INET, .prefix_len = 32 };
	struct client_status status = { 0 };
	char text[CIDR_TEXT_MAX];
	bool listed;

	listed = !client_policy_get(client, &status) &&
		 decision_source_listed(&status.settings, &flow->source);
	client_status_clear(&status);
	cidr_format_address(&flow->source, text);
	if (!listed)
		printf("the source %s is not on the source list (sourceCIDRs)\n", text);
	else if (!cidr_compare(&flow->source, &any))
		printf("%s is no address that could be translated\n", text);
	else
		printf("%s is the node's own or link-local; pools (snatAddresses) are for pods\n",
		       text);
}

static void print_reason(struct client *client, const struct client_flow *flow,
			 const struct client_explanation *explanation)
{
	char text[CIDR_TEXT_MAX];
	char name[IF_NAMESIZE];

	printf("because    ");
	switch ((enum ipmasq_verdict)explanation->verdict) {
	case IPMASQ_VERDICT_DISABLED:
		puts("the policy is switched off");
		break;
	case IPMASQ_VERDICT_SOURCE:
		print_source_reason(client, flow);
		break;
	case IPMASQ_VERDICT_INTERFACE:
		printf("it leaves through %s, which is not on the interface list\n",
		       if_indextoname(explanation->output_interface, name) ? name : "(gone)");
		break;
	case IPMASQ_VERDICT_LOCAL:
		printf("%s is this node\n", cidr_format_address(&flow->destination, text));
		break;
	case IPMASQ_VERDICT_FAILED:
		puts("the kernel has no address to use on the output interface");
		break;
	case IPMASQ_VERDICT_CIDR:
	case IPMASQ_VERDICT_MASQUERADE:
	case IPMASQ_VERDICT_SNAT:
	case __IPMASQ_VERDICT_MAX:
		print_decider(flow, explanation);
		break;
	}
}

/* Whose address it is: of the interface where it is not one of a pool. */
static void print_address(const struct client_explanation *explanation)
{
	bool own = explanation->has_entry && explanation->entry.action == IPMASQ_ACTION_SNAT;
	char text[CIDR_TEXT_MAX];
	char prefix[CIDR_TEXT_MAX];

	printf("source     %s", cidr_format_address(&explanation->address, text));
	if (explanation->verdict == IPMASQ_VERDICT_SNAT && own)
		printf(", of the pool of %s", cidr_format(&explanation->entry.cidr, prefix));
	else if (explanation->verdict == IPMASQ_VERDICT_SNAT)
		printf(", of the policy's pool");
	putchar('\n');
}

static int explain_text(const struct invocation *invocation, struct client *client,
			const struct client_flow *flow,
			const struct client_explanation *explanation)
{
	bool translated = explanation->verdict == IPMASQ_VERDICT_MASQUERADE ||
			  explanation->verdict == IPMASQ_VERDICT_SNAT;
	char text[CIDR_TEXT_MAX];
	char name[IF_NAMESIZE];
	char number[PROTOCOL_TEXT_MAX];
	char *ports;

	ports = port_ranges_format(explanation->port_ranges, explanation->port_range_count);
	if (!ports)
		return refuse(invocation, "out of memory");

	printf("connection %s from %s", protocol_name(flow->protocol, number),
	       cidr_format_address(&flow->source, text));
	if (flow->source_port)
		printf(" port %u", flow->source_port);
	printf(" to %s\n", cidr_format_address(&flow->destination, text));
	printf("verdict    %s%s%s, %s\n",
	       invocation->colour ? (translated ? "\033[32m" : "\033[36m") : "",
	       policy_verdict_name(explanation->verdict), invocation->colour ? "\033[0m" : "",
	       outcome(explanation->verdict));
	print_reason(client, flow, explanation);
	if (explanation->has_address)
		print_address(explanation);
	if (translated && protocol_has_ports(flow->protocol)) {
		print_filled(printf("ports      "), *ports ? ports : "any");
		putchar('\n');
	}
	if (explanation->output_interface)
		printf("interface  %s\n", if_indextoname(explanation->output_interface, name) ?
		       name : "(gone)");
	printf("generation %" PRIu64 "\n", explanation->generation);
	free(ports);
	return EXIT_DONE;
}

static json_t *decider_json(const struct client_explanation *explanation)
{
	const struct policy_entry *entry = &explanation->entry;
	char text[CIDR_TEXT_MAX];
	json_t *decider;

	if (!explanation->has_entry)
		return NULL;
	decider = json_pack("{s:s, s:s, s:s}", "cidr", cidr_format(&entry->cidr, text),
			    "action", policy_action_name(entry->action),
			    "origin", policy_origin_name(entry->origin));
	detail_json(decider, "", entry->detail);
	return decider;
}

static int explain_json(const struct client_flow *flow,
			const struct client_explanation *explanation)
{
	bool translated = explanation->verdict == IPMASQ_VERDICT_MASQUERADE ||
			  explanation->verdict == IPMASQ_VERDICT_SNAT;
	char source[CIDR_TEXT_MAX], destination[CIDR_TEXT_MAX], address[CIDR_TEXT_MAX];
	char name[IF_NAMESIZE];
	char number[PROTOCOL_TEXT_MAX];

	return print_json(json_pack("{s:s, s:s, s:s, s:s, s:b, s:o?, s:s?, s:o, s:s?, s:I, s:I}",
		"source", cidr_format_address(&flow->source, source),
		"destination", cidr_format_address(&flow->destination, destination),
		"protocol", protocol_name(flow->protocol, number),
		"verdict", policy_verdict_name(explanation->verdict),
		"translated", (int)translated,
		"entry", decider_json(explanation),
		"source_address", explanation->has_address ?
			cidr_format_address(&explanation->address, address) : NULL,
		"to_ports", port_ranges_json(explanation->port_ranges,
						explanation->port_range_count),
		"interface", explanation->output_interface ?
			if_indextoname(explanation->output_interface, name) : NULL,
		"interface_index", (json_int_t)explanation->output_interface,
		"generation", (json_int_t)explanation->generation));
}

static int run(const struct invocation *invocation, int argc, char **argv)
{
	struct arguments arguments = { .invocation = invocation, .next = argv + 1 };
	struct client_explanation explanation;
	struct client_flow flow = { .protocol = IPPROTO_TCP };
	struct client *client;
	int result;
	int error;

	(void)argc;
	result = read_flow(&arguments, &flow);
	if (!result)
		result = connect_module(invocation, &client);
	if (result)
		return result;

	error = client_explain(client, &flow, &explanation);
	if (error)
		result = refuse_client(invocation, client, error);
	else if (invocation->json)
		result = explain_json(&flow, &explanation);
	else
		result = explain_text(invocation, client, &flow, &explanation);
	client_explanation_clear(&explanation);
	client_close(client);
	return result;
}

const struct command command_explain = {
	.name = "explain",
	.arguments = "SRC DST [dev IF] [proto tcp|udp|sctp|icmp|N] [sport N]",
	.summary = "say what would become of a connection, and why",
	.description =
		"Asks the module what it would decide for a new connection from the address\n"
		"SRC to the address DST. No packet is sent and nothing is counted.\n"
		"\n"
		"  dev IF   the interface it leaves by; the routing table's choice where it is\n"
		"           left out\n"
		"  proto P  tcp where it is left out\n"
		"  sport N  the source port that the connection has before translation\n"
		"\n"
		"Names the verdict (\"help stats\" lists them), the prefix that decided and who\n"
		"wrote it, and the source address and ports that the far side would see. Routing\n"
		"rules that look at marks or at the interface a packet came by cannot be known.\n"
		"\n"
		"  ipmasqctl explain 10.1.0.5 8.8.8.8\n"
		"  ipmasqctl explain 10.1.0.5 169.254.169.254 dev eth0 proto udp\n",
	.run = run,
};
