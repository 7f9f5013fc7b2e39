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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "library.h"
#include "listener.h"
#include "log.h"

#define LIBRARY "libmicrohttpd.so.12"

/* A few scrapers and probes. Those of the node itself, such as the kubelet's, have
 * places of their own, so nobody else keeps them out. Whoever comes when all places are
 * taken gets that of the oldest connection: one that is served is so at once.
 */
#define PLACES_OWN 64
#define PLACES_FOREIGN 32
#define PLACES_OF_ADDRESS 16
#define PLACES (PLACES_OWN + PLACES_FOREIGN + 8)	/* some that are about to end */

/* For one request, which is all that a connection serves. */
#define REQUEST_TIME (10 * NANOSECONDS_PER_SECOND)
#define CONNECTION_MEMORY (16 * 1024)

/**
 * struct place - a connection
 * @descriptor: libmicrohttpd's, -1 for a place that is free
 * @own: it comes from the node itself
 * @ending: it was shut down, and goes when libmicrohttpd notices
 * @began: when it was accepted
 * @peer: who is at the other end
 */
struct place {
	int descriptor;
	bool own;
	bool ending;
	int64_t began;
	union listener_address peer;
};

/**
 * struct http - the server
 * @listener: accepts its connections
 * @server: libmicrohttpd's
 * @loop: the loop that it is in
 * @source: its epoll set
 * @timeout: when it wants to be called though nothing arrived
 * @deadline: when the oldest connection has had its time
 * @places: the connections
 * @arriving: the place of the connection that libmicrohttpd is being given
 * @answer: makes the pages
 * @data: for @answer
 */
struct http {
	struct listener listener;
	struct MHD_Daemon *server;
	struct loop *loop;
	struct loop_source source;
	struct timer timeout;
	struct timer deadline;
	struct place places[PLACES];
	struct place *arriving;
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
	f(add_connection)						\
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
	log_line(LOG_ERR, "metrics are not served: --http-address needs a library: %s", error);
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
	CALL(add_response_header)(response, "Connection", "close");
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

/* libmicrohttpd tells of the begin and the end of each connection. */
static void notified(void *data, struct MHD_Connection *connection, void **context,
		     enum MHD_ConnectionNotificationCode code)
{
	struct http *http = data;
	struct place *place = *context;

	(void)connection;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*context = http->arriving;
	else if (place)
		place->descriptor = -1;
}

static void end_place(struct place *place)
{
	shutdown(place->descriptor, SHUT_RDWR);
	place->ending = true;
}

static bool same_host(const union listener_address *a, const union listener_address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->ipv4.sin_addr.s_addr == b->ipv4.sin_addr.s_addr;
	return !memcmp(&a->ipv6.sin6_addr, &b->ipv6.sin6_addr, sizeof(a->ipv6.sin6_addr));
}

/* Whether a connection comes from the node itself: what it sends to one of its addresses
 * has that address for a source, unless a program chose another. No other host can have
 * such a connection: the kernel drops packets with a local source that come from outside
 * (fib_validate_source(), net/ipv4/fib_frontend.c), and the answers never leave the node.
 */
static bool is_own(int descriptor, const union listener_address *peer)
{
	union listener_address local = { 0 };
	socklen_t length = sizeof(local);

	return !getsockname(descriptor, &local.any, &length) && same_host(&local, peer);
}

static struct place *older(struct place *a, struct place *b)
{
	return !a || b->began < a->began ? b : a;
}

/* Ends the connection that has to make way for one from @peer, if one has to. */
static void make_room(struct http *http, bool own, const union listener_address *peer)
{
	struct place *oldest = NULL, *oldest_of_peer = NULL;
	unsigned int count = 0, count_of_peer = 0;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		struct place *place = &http->places[i];

		if (place->descriptor < 0 || place->ending || place->own != own)
			continue;
		count++;
		oldest = older(oldest, place);
		if (own || !same_host(&place->peer, peer))
			continue;
		count_of_peer++;
		oldest_of_peer = older(oldest_of_peer, place);
	}
	if (count_of_peer >= PLACES_OF_ADDRESS)
		end_place(oldest_of_peer);
	else if (count >= (own ? PLACES_OWN : PLACES_FOREIGN))
		end_place(oldest);
}

static struct place *free_place(struct http *http)
{
	size_t i;

	for (i = 0; i < PLACES; i++) {
		if (http->places[i].descriptor < 0)
			return &http->places[i];
	}
	return NULL;
}

/* Ends those that have had their time, and waits for the next. */
static void deadline(void *data)
{
	struct http *http = data;
	int64_t now = monotonic_now();
	struct place *oldest = NULL;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		struct place *place = &http->places[i];

		if (place->descriptor < 0 || place->ending)
			continue;
		if (now - place->began >= REQUEST_TIME)
			end_place(place);
		else
			oldest = older(oldest, place);
	}
	if (oldest)
		timer_set(&http->deadline, oldest->began + REQUEST_TIME - now);
	run(http);
}

static void accepted(int descriptor, const union listener_address *peer, socklen_t length,
		     void *data)
{
	struct http *http = data;
	bool own = is_own(descriptor, peer);
	struct place *place;

	make_room(http, own, peer);
	place = free_place(http);
	if (!place) {
		close(descriptor);
		return;
	}
	*place = (struct place) {
		.descriptor = descriptor, .own = own, .began = monotonic_now(), .peer = *peer,
	};
	http->arriving = place;
	/* Closes the connection where it fails. */
	if (CALL(add_connection)(http->server, descriptor, &peer->any, length) != MHD_YES)
		place->descriptor = -1;
	if (!http->deadline.armed)
		timer_set(&http->deadline, REQUEST_TIME);
	run(http);
}

static int start(struct http *http)
{
	const union MHD_DaemonInfo *epoll;

	http->server = CALL(start_daemon)(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
		MHD_USE_ERROR_LOG, 0, NULL, NULL, handle, http,
		MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, notified, http,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)PLACES,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_END);
	if (!http->server)
		return -ENOMEM;
	epoll = CALL(get_daemon_info)(http->server, MHD_DAEMON_INFO_EPOLL_FD);
	if (!epoll)
		return -EIO;
	http->source = (struct loop_source) {
		.descriptor = epoll->epoll_fd,
		.ready = run,
		.data = http,
	};
	return loop_add(http->loop, &http->source);
}

/**
 * http_open() - get ready to serve
 * @http: to fill, freed with http_close()
 * @loop: the loop that serves
 * @text: ADDRESS:PORT, which listener_address_valid() takes; borrowed
 * @answer: makes the pages
 * @data: for @answer
 *
 * What needs a system call that the filter does not allow is done here; serving
 * begins with http_try().
 *
 * Return: 0 or a negative errno, after a line in the log.
 */
int http_open(struct http **http, struct loop *loop, const char *text, http_answer answer,
	      void *data)
{
	struct http *made;
	int result;
	size_t i;

	result = load_library();
	if (result)
		return result;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->loop = loop;
	made->answer = answer;
	made->data = data;
	made->timeout.source.descriptor = -1;
	made->deadline.source.descriptor = -1;
	for (i = 0; i < PLACES; i++)
		made->places[i].descriptor = -1;

	result = listener_open(&made->listener, loop, text, accepted, made);
	if (!result)
		result = timer_open(&made->timeout, loop, run, made);
	if (!result)
		result = timer_open(&made->deadline, loop, deadline, made);
	if (!result)
		result = start(made);
	if (result) {
		log_line(LOG_ERR, "metrics are not served on %s: %s", text, strerror(-result));
		http_close(made);
		return result;
	}
	*http = made;
	return 0;
}

/**
 * http_try() - serve, if that is possible by now
 * @http: from http_open(); NULL for none, for which there is nothing to do
 *
 * Return: 0, or a negative errno where another attempt may succeed, after a line in
 * the log for each other reason.
 */
int http_try(struct http *http)
{
	return http ? listener_try(&http->listener) : 0;
}

/**
 * http_error() - why nothing is served
 * @http: from http_open(), or NULL
 *
 * Return: a positive errno, 0 where it is served or nobody wants it.
 */
int http_error(const struct http *http)
{
	return http ? http->listener.error : 0;
}

/**
 * http_close() - stop to serve
 * @http: is freed; may be NULL
 */
void http_close(struct http *http)
{
	if (!http)
		return;
	listener_close(&http->listener);
	timer_close(&http->deadline, http->loop);
	timer_close(&http->timeout, http->loop);
	if (http->server) {
		/* Its epoll set goes with it, and so leaves the loop. */
		CALL(stop_daemon)(http->server);
	}
	free(http);
}
