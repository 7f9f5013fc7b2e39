/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPMASQD_HTTP_H
#define IPMASQD_HTTP_H

#include <stddef.h>

#include "loop.h"

struct http;

/**
 * struct http_page - the answer to a request
 * @status: HTTP status
 * @type: content type, a constant
 * @text: content; allocated, freed by the server
 * @length: bytes in @text
 */
struct http_page {
	unsigned int status;
	const char *type;
	char *text;
	size_t length;
};

/* Called for each GET and HEAD with the path alone. Leaves page as it is for a
 * path that there is not.
 */
typedef void (*http_answer)(const char *path, struct http_page *page, void *data);

int http_open(struct http **http, struct loop *loop, const char *address, http_answer answer,
	      void *data);
int http_try(struct http *http);
int http_error(const struct http *http);
void http_close(struct http *http);

#endif
