// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The HTTP server: libmicrohttpd without a thread of its own, its epoll set
 * inside the daemon's.
 *
 * The library is loaded only when an address is given. It brings ten others
 * for TLS, which would more than double the daemon's memory and delay its
 * first policy for nothing where nobody asks. The build for the container image defines
 * IPMASQ_LINKED: it links libseccomp and a libmicrohttpd without TLS.
 */
#include "http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "library.h"
#include "log.h"

#define LIBRARY "libmicrohttpd.so.12"

/* A few scrapers and probes; whoever holds a connection idle loses it, and no
 * address gets all of them.
 */
#define CONNECTIONS_MAX 32
#define CONNECTIONS_OF_ADDRESS_MAX 24
#define CONNECTION_TIMEOUT_SECONDS 10
#define CONNECTION_MEMORY (16 * 1024)

/**
 * struct http - the server
 * @server: libmicrohttpd's
 * @loop: the loop that it is in
 * @source: its epoll set
 * @timeout: when it wants to be called though nothing arrived
 * @answer: makes the pages
 * @data: for @answer
 */
struct http {
	struct MHD_Daemon *server;
	struct loop *loop;
	struct loop_source source;
	struct timer timeout;
	http_answer answer;
	void *data;
};

#ifdef IPMASQ_LINKED
#define CALL(name) MHD_##name
static int load_library(void)
{
	return 0;
}
#else
#define FUNCTIONS(f)							\
	f(start_daemon) f(stop_daemon) f(get_daemon_info) f(run)	\
	f(get_timeout) f(create_response_from_buffer)			\
	f(add_response_header) f(queue_response) f(destroy_response)

#define DECLARE(name) static __typeof__(MHD_##name) *loaded_##name;
FUNCTIONS(DECLARE)

#define CALL(name) loaded_##name

static int load_library(void)
{
#define FUNCTION(name) { "MHD_" #name, &loaded_##name },
	static const struct library_function functions[] = { FUNCTIONS(FUNCTION) };
	const char *error = library_load(LIBRARY, functions,
					 sizeof(functions) / sizeof(functions[0]));

	if (!error)
		return 0;
	log_line(LOG_ERR, "--http-address needs a library: %s", error);
	return -ELIBACC;
}
#endif

__attribute__((format(printf, 2, 0)))
static void log_library(void *data, const char *format, va_list arguments)
{
	char text[256];

	(void)data;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\n")] = '\0';
	log_line(LOG_DEBUG, "http: %s", text);
}

static void page_text(struct http_page *page, unsigned int status, const char *text)
{
	page->status = status;
	page->type = "text/plain; charset=utf-8";
	page->text = strdup(text);
	page->length = page->text ? strlen(text) : 0;
}

static enum MHD_Result send_page(struct MHD_Connection *connection, struct http_page *page)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	response = CALL(create_response_from_buffer)(page->length, page->text,
						     MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(page->text);
		return MHD_NO;
	}
	CALL(add_response_header)(response, "Content-Type", page->type);
	CALL(add_response_header)(response, "Cache-Control", "no-store");
	CALL(add_response_header)(response, "X-Content-Type-Options", "nosniff");
	if (page->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		CALL(add_response_header)(response, "Allow", "GET, HEAD");
	result = CALL(queue_response)(connection, page->status, response);
	CALL(destroy_response)(response);
	return result;
}

/* Called first with the head of a request, then at its end. */
static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	static const char seen;
	struct http_page page = { 0 };
	struct http *http = data;

	(void)version;
	(void)upload;
	if (!*request) {
		*request = (void *)&seen;
		return MHD_YES;
	}
	if (*upload_size) {
		/* A body is read and forgotten. */
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		page_text(&page, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	else
		http->answer(url, &page, http->data);
	if (!page.status)
		page_text(&page, MHD_HTTP_NOT_FOUND,
			  "there are /metrics, /healthz, /readyz and /config\n");
	return send_page(connection, &page);
}

static void run(void *data)
{
	struct http *http = data;
	unsigned MHD_LONG_LONG milliseconds;

	CALL(run)(http->server);
	if (CALL(get_timeout)(http->server, &milliseconds) == MHD_YES)
		timer_set(&http->timeout, (int64_t)milliseconds * NANOSECONDS_PER_MILLISECOND);
	else
		timer_stop(&http->timeout);
}

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

/* Whether there are IPv6 sockets: not with ipv6.disable=1. */
static bool has_ipv6(void)
{
	int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0)
		return errno != EAFNOSUPPORT;
	close(descriptor);
	return true;
}

/* "127.0.0.1:9100", "[::1]:9100", or ":9100" for every address. */
static int parse_address(const char *text, union address *address)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	unsigned long port;
	size_t length;
	char *end;

	memset(address, 0, sizeof(*address));
	if (!colon || colon[1] < '0' || colon[1] > '9')
		return -EINVAL;
	port = strtoul(colon + 1, &end, 10);
	if (*end || !port || port > 65535)
		return -EINVAL;
	length = (size_t)(colon - text);
	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
		address->any.sa_family = AF_INET6;
	} else {
		address->any.sa_family = length || !has_ipv6() ? AF_INET : AF_INET6;
	}
	if (length >= sizeof(host))
		return -EINVAL;
	/* Without a host it stays all zero, which is every address. */
	memcpy(host, text, length);
	host[length] = '\0';
	if (address->any.sa_family == AF_INET) {
		address->ipv4.sin_port = htons((uint16_t)port);
		return !length || inet_pton(AF_INET, host, &address->ipv4.sin_addr) == 1 ?
		       0 : -EINVAL;
	}
	address->ipv6.sin6_port = htons((uint16_t)port);
	return !length || inet_pton(AF_INET6, host, &address->ipv6.sin6_addr) == 1 ? 0 : -EINVAL;
}

static void start(struct http *http, const union address *address)
{
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;

	if (address->any.sa_family == AF_INET6)
		flags |= MHD_USE_DUAL_STACK;
	http->server = CALL(start_daemon)(flags, 0, NULL, NULL, handle, http,
		MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
		MHD_OPTION_SOCK_ADDR, &address->any,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_OF_ADDRESS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)CONNECTION_TIMEOUT_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
		MHD_OPTION_END);
}

/**
 * http_open() - begin to serve
 * @http: to fill, freed with http_close()
 * @loop: the loop that serves
 * @text: ADDRESS:PORT
 * @answer: makes the pages
 * @data: for @answer
 *
 * Return: 0 or a negative errno, after a line in the log.
 */
int http_open(struct http **http, struct loop *loop, const char *text, http_answer answer,
	      void *data)
{
	const union MHD_DaemonInfo *epoll;
	union address address;
	struct http *made;
	int result;

	if (parse_address(text, &address)) {
		log_line(LOG_ERR,
			 "--http-address is \"%s\", expected ADDRESS:PORT, [ADDRESS]:PORT or :PORT",
			 text);
		return -EINVAL;
	}
	result = load_library();
	if (result)
		return result;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->loop = loop;
	made->answer = answer;
	made->data = data;

	errno = 0;
	start(made, &address);
	if (!made->server) {
		result = errno ? -errno : -EIO;
		log_line(LOG_ERR, "--http-address %s: %s", text, strerror(-result));
		goto free_http;
	}
	epoll = CALL(get_daemon_info)(made->server, MHD_DAEMON_INFO_EPOLL_FD);
	if (!epoll) {
		result = -EIO;
		goto stop_server;
	}
	made->source = (struct loop_source) {
		.descriptor = epoll->epoll_fd,
		.ready = run,
		.data = made,
	};
	result = timer_open(&made->timeout, loop, run, made);
	if (result)
		goto stop_server;
	result = loop_add(loop, &made->source);
	if (result)
		goto close_timeout;
	*http = made;
	return 0;

close_timeout:
	timer_close(&made->timeout, loop);
stop_server:
	CALL(stop_daemon)(made->server);
free_http:
	free(made);
	return result;
}

/**
 * http_close() - stop to serve
 * @http: is freed; may be NULL
 */
void http_close(struct http *http)
{
	if (!http)
		return;
	loop_remove(http->loop, &http->source);
	timer_close(&http->timeout, http->loop);
	CALL(stop_daemon)(http->server);
	free(http);
}
