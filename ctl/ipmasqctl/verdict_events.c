// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tracepoint ipmasq:ipmasq_verdict, through a perf buffer for each processor.
 * Unlike an instance in tracefs it is gone with the process, however that ends,
 * and the module pays for the tracepoint only as long. The kernel drops events
 * where the buffers are full, and says how many: nothing waits for the reader. It
 * wakes the reader when a buffer is half full and not for each event, so that a
 * busy node pays for few wakeups; what comes before that is looked for ten times a
 * second.
 */
#include "verdict_events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/ipmasq.h>

#define EVENT "events/ipmasq/ipmasq_verdict"

/* Of a processor's buffer: room for about 700 events. */
#define BUFFER_SIZE (64 * 1024)

/* How long an event may wait for others before it is read. */
#define WAIT_MILLISECONDS 100

/* Of a record: what is in front of the raw data, and that. */
#define RECORD_MAX 256

/* A format file has a line of some hundred bytes for each field. */
#define FORMAT_MAX 4096

/**
 * struct field - where a field is in the raw data of an event
 * @name: as the tracepoint calls it
 * @offset: bytes before it
 * @size: bytes
 */
struct field {
	const char *name;
	unsigned int offset;
	unsigned int size;
};

enum {
	FIELD_VERDICT,
	FIELD_ORIGIN,
	FIELD_PREFIX_LEN,
	FIELD_SOURCE,
	FIELD_DESTINATION,
	FIELDS
};

/**
 * struct buffer - one processor's events
 * @descriptor: of perf_event_open(), -1 where the processor is off
 * @page: the shared header, followed by BUFFER_SIZE bytes; MAP_FAILED for none
 * @end: up to where events are read this time
 * @event: the oldest that nobody has taken
 * @has_event: there is one
 */
struct buffer {
	int descriptor;
	struct perf_event_mmap_page *page;
	uint64_t end;
	struct verdict_event event;
	bool has_event;
};

struct verdict_events {
	struct field fields[FIELDS];
	struct buffer *buffers;
	struct pollfd *polled;
	size_t count;
	size_t page_size;
};

static int fail(char **error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(char **error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(error, format, arguments) < 0)
		*error = NULL;
	va_end(arguments);
	return code;
}

/* A file of the event, as text. Tracefs may be at either of two places. */
static int read_file(const char *name, char *text, size_t size)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	FILE *file = NULL;
	char path[128];
	size_t length;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]) && !file; i++) {
		snprintf(path, sizeof(path), "%s/" EVENT "/%s", places[i], name);
		file = fopen(path, "re");
	}
	if (!file)
		return -errno;
	length = fread(text, 1, size - 1, file);
	text[length] = '\0';
	fclose(file);
	return 0;
}

/* "field:u8 verdict;	offset:12;	size:1;	signed:0;" */
static int find_field(const char *format, struct field *field)
{
	char wanted[40];
	const char *found;

	snprintf(wanted, sizeof(wanted), " %s", field->name);
	for (found = format; (found = strstr(found, wanted)); found++) {
		const char *end = found + strlen(wanted);

		/* An array has its size behind the name. */
		if (*end == '[')
			end += strcspn(end, ";");
		if (sscanf(end, "; offset:%u; size:%u;", &field->offset, &field->size) == 2)
			return 0;
	}
	return -EPROTO;
}

static int read_format(struct verdict_events *events, uint64_t *id, char **error)
{
	static const struct field known[FIELDS] = {
		[FIELD_VERDICT] = { .name = "verdict" },
		[FIELD_ORIGIN] = { .name = "origin" },
		[FIELD_PREFIX_LEN] = { .name = "prefix_len" },
		[FIELD_SOURCE] = { .name = "source" },
		[FIELD_DESTINATION] = { .name = "destination" },
	};
	static const unsigned int sizes[FIELDS] = { 1, 1, 2, 16, 16 };
	char text[FORMAT_MAX];
	int failed;
	int i;

	failed = read_file("id", text, sizeof(text));
	if (failed == -ENOENT)
		return fail(error, failed, "there is no tracepoint ipmasq:ipmasq_verdict: the module is not loaded, or tracefs is not mounted (mount -t tracefs tracefs /sys/kernel/tracing)");
	if (failed)
		return fail(error, failed, "cannot read the tracepoint: %s", strerror(-failed));
	*id = strtoull(text, NULL, 10);
	failed = read_file("format", text, sizeof(text));
	if (failed)
		return fail(error, failed, "cannot read the tracepoint: %s", strerror(-failed));
	for (i = 0; i < FIELDS; i++) {
		events->fields[i] = known[i];
		if (find_field(text, &events->fields[i]) || events->fields[i].size != sizes[i])
			return fail(error, -EPROTO,
				    "the tracepoint has no field \"%s\" as this tool knows it",
				    known[i].name);
	}
	return 0;
}

/* The kernel filters, so that other namespaces' events cost no copy. */
static int set_filter(int descriptor, uint8_t verdict)
{
	struct stat namespace;
	char filter[80];
	int length;

	if (stat("/proc/self/ns/net", &namespace))
		return -errno;
	length = snprintf(filter, sizeof(filter), "netns == %lu",
			  (unsigned long)namespace.st_ino);
	if (verdict)
		snprintf(filter + length, sizeof(filter) - length, " && verdict == %u", verdict);
	return ioctl(descriptor, PERF_EVENT_IOC_SET_FILTER, filter) ? -errno : 0;
}

static int open_buffer(struct verdict_events *events, size_t processor, uint64_t id,
		       uint8_t verdict)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attributes),
		.config = id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
		/* Of the clocks that a tracepoint may use, the one to convert from. */
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		.watermark = 1,
		.wakeup_watermark = BUFFER_SIZE / 2,
		.disabled = 1,
	};
	struct buffer *buffer = &events->buffers[processor];
	int failed;

	buffer->descriptor = syscall(SYS_perf_event_open, &attributes, -1, (int)processor, -1,
				     PERF_FLAG_FD_CLOEXEC);
	if (buffer->descriptor < 0)
		/* A processor that is switched off. */
		return errno == ENODEV ? 0 : -errno;
	buffer->page = mmap(NULL, events->page_size + BUFFER_SIZE, PROT_READ | PROT_WRITE,
			    MAP_SHARED, buffer->descriptor, 0);
	if (buffer->page == MAP_FAILED)
		return -errno;
	failed = set_filter(buffer->descriptor, verdict);
	if (failed)
		return failed;
	if (ioctl(buffer->descriptor, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	events->polled[processor].fd = buffer->descriptor;
	events->polled[processor].events = POLLIN;
	return 0;
}

static int prepare(struct verdict_events *events)
{
	long processors = sysconf(_SC_NPROCESSORS_CONF);
	size_t i;

	events->page_size = (size_t)sysconf(_SC_PAGESIZE);
	events->count = processors > 0 ? (size_t)processors : 1;
	events->buffers = calloc(events->count, sizeof(*events->buffers));
	events->polled = calloc(events->count + 2, sizeof(*events->polled));
	if (!events->buffers || !events->polled) {
		events->count = 0;
		return -ENOMEM;
	}
	for (i = 0; i < events->count; i++) {
		events->buffers[i].descriptor = -1;
		events->buffers[i].page = MAP_FAILED;
		events->polled[i].fd = -1;
	}
	return 0;
}

/**
 * verdict_events_open() - begin to listen to this network namespace's decisions
 * @events: set on success; verdict_events_close() ends it
 * @verdict: only this one, 0 for all
 * @error: set to one line for a person, which the caller frees; NULL where there
 *	was no memory for it
 *
 * Needs CAP_PERFMON, or CAP_SYS_ADMIN before Linux 5.8 (perf_event_open(2)), and
 * tracefs.
 *
 * Return: 0 or a negative errno.
 */
int verdict_events_open(struct verdict_events **events, uint8_t verdict, char **error)
{
	struct verdict_events *made = calloc(1, sizeof(*made));
	uint64_t id;
	size_t i;
	int failed;

	*error = NULL;
	if (!made)
		return -ENOMEM;
	failed = prepare(made);
	if (!failed)
		failed = read_format(made, &id, error);
	for (i = 0; i < made->count && !failed; i++) {
		failed = open_buffer(made, i, id, verdict);
		if (failed == -EACCES || failed == -EPERM)
			fail(error, failed, "the kernel lets nobody trace without CAP_PERFMON");
		else if (failed)
			fail(error, failed, "cannot listen to the tracepoint: %s",
			     strerror(-failed));
	}
	if (failed)
		verdict_events_close(made);
	else
		*events = made;
	return failed;
}

/**
 * verdict_events_wait() - wait for events
 * @events: from verdict_events_open()
 * @stop: a descriptor that ends the waiting as soon as it can be read; so does
 *	a reader of standard output that goes away
 *
 * Return: 1 when it is time to look for events, 0 for the end, or a negative errno.
 */
int verdict_events_wait(struct verdict_events *events, int stop)
{
	struct pollfd *ends = &events->polled[events->count];

	ends[0] = (struct pollfd) { .fd = stop, .events = POLLIN };
	ends[1] = (struct pollfd) { .fd = STDOUT_FILENO, .events = 0 };
	while (poll(events->polled, events->count + 2, WAIT_MILLISECONDS) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return !ends[0].revents && !ends[1].revents;
}

/* IPv4 comes as IPv6 with IPv4 mapped into it (RFC 4291, 2.5.5.2). */
static void take_address(const unsigned char *from, struct cidr *address)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool ipv4 = memcmp(from, mapped, sizeof(mapped)) == 0;

	memset(address, 0, sizeof(*address));
	address->family = ipv4 ? AF_INET : AF_INET6;
	address->prefix_len = ipv4 ? 32 : 128;
	memcpy(address->address, ipv4 ? from + 12 : from, ipv4 ? 4 : 16);
}

static bool parse_event(const struct verdict_events *events, const unsigned char *raw,
			size_t size, struct verdict_event *event)
{
	const struct field *fields = events->fields;
	int16_t length;
	int i;

	for (i = 0; i < FIELDS; i++) {
		if (fields[i].offset + fields[i].size > size)
			return false;
	}
	event->verdict = raw[fields[FIELD_VERDICT].offset];
	event->origin = raw[fields[FIELD_ORIGIN].offset];
	memcpy(&length, raw + fields[FIELD_PREFIX_LEN].offset, sizeof(length));
	take_address(raw + fields[FIELD_SOURCE].offset, &event->source);
	take_address(raw + fields[FIELD_DESTINATION].offset, &event->destination);
	event->has_prefix = length >= 0 && length <= event->destination.prefix_len;
	if (event->has_prefix) {
		event->prefix = event->destination;
		event->prefix.prefix_len = (uint8_t)length;
		cidr_mask(&event->prefix);
	}
	return true;
}

/* From the ring into one piece. */
static void copy_out(const unsigned char *ring, uint64_t from, void *to, size_t size)
{
	size_t start = from % BUFFER_SIZE;
	size_t first = size < BUFFER_SIZE - start ? size : BUFFER_SIZE - start;

	memcpy(to, ring + start, first);
	memcpy((unsigned char *)to + first, ring, size - first);
}

/* struct { header; u64 time; u32 size; char data[size]; } */
static bool parse_sample(const struct verdict_events *events, const unsigned char *record,
			 size_t length, struct verdict_event *event)
{
	const size_t head = sizeof(struct perf_event_header) + sizeof(uint64_t) + sizeof(uint32_t);
	uint32_t size;

	if (length < head)
		return false;
	memcpy(&event->time, record + sizeof(struct perf_event_header), sizeof(event->time));
	memcpy(&size, record + head - sizeof(size), sizeof(size));
	return size <= length - head && parse_event(events, record + head, size, event);
}

/* The next event of a buffer, if there is one before its end. */
static void fill_event(const struct verdict_events *events, struct buffer *buffer,
		       uint64_t *lost)
{
	const unsigned char *ring = (const unsigned char *)buffer->page + events->page_size;
	uint64_t tail = buffer->page->data_tail;
	unsigned char record[RECORD_MAX];
	struct perf_event_header header;

	while (!buffer->has_event && tail < buffer->end) {
		uint64_t count;

		copy_out(ring, tail, &header, sizeof(header));
		if (header.size < sizeof(header))
			break;
		if (header.size <= sizeof(record)) {
			copy_out(ring, tail, record, header.size);
			if (header.type == PERF_RECORD_LOST) {
				/* struct { header; u64 id; u64 lost; } */
				memcpy(&count, record + sizeof(header) + 8, sizeof(count));
				*lost += count;
			} else if (header.type == PERF_RECORD_SAMPLE) {
				buffer->has_event = parse_sample(events, record, header.size,
								 &buffer->event);
			}
		}
		tail += header.size;
	}
	__atomic_store_n(&buffer->page->data_tail, tail, __ATOMIC_RELEASE);
}

/* Of all processors' events the oldest, NULL when all are read. */
static struct buffer *find_oldest(struct verdict_events *events, uint64_t *lost)
{
	struct buffer *oldest = NULL;
	size_t i;

	for (i = 0; i < events->count; i++) {
		struct buffer *buffer = &events->buffers[i];

		if (buffer->page == MAP_FAILED)
			continue;
		if (!buffer->has_event)
			fill_event(events, buffer, lost);
		if (buffer->has_event &&
		    (!oldest || buffer->event.time < oldest->event.time))
			oldest = buffer;
	}
	return oldest;
}

/* What to add to the monotonic clock for the time of day, which may be set. */
static int64_t time_of_day_offset(void)
{
	struct timespec monotonic;
	struct timespec real;

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &real);
	return ((int64_t)real.tv_sec - monotonic.tv_sec) * 1000000000 +
	       real.tv_nsec - monotonic.tv_nsec;
}

/**
 * verdict_events_read() - take the events that are there, the oldest first
 * @events: from verdict_events_open()
 * @take: called for each
 * @data: handed to @take
 * @lost: grows by the events that found no room
 *
 * Those that come meanwhile are left for the next call, so that it ends.
 *
 * Return: false when @take ended it.
 */
bool verdict_events_read(struct verdict_events *events, verdict_taker take, void *data,
			 uint64_t *lost)
{
	int64_t offset = time_of_day_offset();
	struct buffer *oldest;
	size_t i;

	for (i = 0; i < events->count; i++) {
		struct buffer *buffer = &events->buffers[i];

		if (buffer->page != MAP_FAILED)
			buffer->end = __atomic_load_n(&buffer->page->data_head, __ATOMIC_ACQUIRE);
	}
	while ((oldest = find_oldest(events, lost))) {
		oldest->has_event = false;
		oldest->event.time += (uint64_t)offset;
		if (!take(&oldest->event, data))
			return false;
	}
	return true;
}

/**
 * verdict_events_close() - the opposite of verdict_events_open()
 * @events: is freed
 */
void verdict_events_close(struct verdict_events *events)
{
	size_t i;

	for (i = 0; i < events->count; i++) {
		if (events->buffers[i].page != MAP_FAILED)
			munmap(events->buffers[i].page, events->page_size + BUFFER_SIZE);
		if (events->buffers[i].descriptor >= 0)
			close(events->buffers[i].descriptor);
	}
	free(events->polled);
	free(events->buffers);
	free(events);
}
