/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQ_JUDGE_H
#define IPMASQ_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "connections.h"

struct judge;

/* How a connection's translation disagrees with the policy in force. */
enum stale {
	STALE_NOT,
	STALE_UNTRANSLATED,	/* its source would be translated */
	STALE_TRANSLATED,	/* it would not */
	STALE_ADDRESS,		/* to another address */
	STALE_PORT,		/* to another source port */
};

/**
 * struct judgement - what would be decided for a connection now
 * @stale: how that differs from what was
 * @unsure: it may also be as the policy decides: that depends on a route, or on others
 *	who translate, of which nothing is known
 * @verdict: enum ipmasq_verdict; 0 where nobody had to be asked
 * @has_address: its source would be translated
 * @address: to this
 */
struct judgement {
	enum stale stale;
	bool unsure;
	uint8_t verdict;
	bool has_address;
	struct cidr address;
};

int judge_open(struct judge **judge, struct client *client);
void judge_close(struct judge *judge);
bool judge_competent(const struct judge *judge, const struct connection *connection);
int judge_interface(struct judge *judge, const struct connection *connection, const char **name);
int judge_connection(struct judge *judge, const struct connection *connection,
		     struct judgement *judgement);
const char *stale_name(enum stale stale);

#endif
