// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Making the kernel hold what the configuration wants, and leaving it alone
 * when it does already.
 *
 * Every policy has a generation, so one request tells whether anything
 * happened since the last look: as long as the generation is the one that was
 * found or left as wanted, nothing is read and nothing is written. After any
 * other change the config entries and the settings are compared, and replaced
 * in one step if they differ. Static entries and the switch that turns the
 * policy off are the operator's and are never touched.
 */
#include "reconcile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "loop.h"

/* Times to begin again when another writer comes in between. */
#define ATTEMPTS_MAX 10

/* A repair may be followed at once by another process's next change: two programs
 * that both know better. In each stretch of time only so many looks at the kernel's
 * entries and so much work are done, and nothing between that and the end of the
 * stretch. While that is not enough, stretches get longer and have fewer looks.
 */
#define STRETCH_MIN NANOSECONDS_PER_SECOND
#define STRETCH_MAX (60 * NANOSECONDS_PER_SECOND)
#define STRETCH_GROWTH 4
#define STRETCH_LOOKS 200
#define STRETCH_LOOKS_LONG 5
#define STRETCH_WORK_SHARE 4		/* a quarter of the time */

/* A run of repairs ends with a pause. Its first ones are logged with what was changed,
 * unless they follow one another faster than anybody types or scripts, then each
 * hundredth, thousandth and so on with their number.
 */
#define RUN_PAUSE NANOSECONDS_PER_SECOND
#define RUN_FAST (10 * NANOSECONDS_PER_MILLISECOND)
#define RUN_LINES 10
#define RUN_SUMMARY_MIN 100

/* Differences of one drift that go to the log. */
#define DIFFERENCES_LOGGED 5

/**
 * reconcile_open() - begin without a connection
 * @reconciler: to fill
 */
void reconcile_open(struct reconciler *reconciler)
{
	*reconciler = (struct reconciler) { .events = -1, .stretch_length = STRETCH_MIN };
}

/**
 * reconcile_disconnect() - let go of the connection
 * @reconciler: after reconcile_open()
 *
 * What is known of the kernel's policy is forgotten with it: after the module
 * was loaded anew generations begin anew.
 */
void reconcile_disconnect(struct reconciler *reconciler)
{
	client_close(reconciler->client);
	reconciler->client = NULL;
	reconciler->events = -1;
	reconciler->generation = 0;
	reconciler->in_force = false;
}

/**
 * reconcile_close() - the opposite of reconcile_open()
 * @reconciler: the policy in the kernel stays
 */
void reconcile_close(struct reconciler *reconciler)
{
	reconcile_disconnect(reconciler);
}

static int connection_failed(struct reconciler *reconciler, int error)
{
	bool missing = error == -ENOTSUP;
	bool differs = error == -EPROTONOSUPPORT;

	if (!missing && !differs)
		reconciler->errors++;
	if (!(missing && reconciler->module_missing) && !(differs && reconciler->module_differs))
		log_line(LOG_ERR, "%s", client_error(reconciler->client));
	reconciler->module_missing = missing;
	reconciler->module_differs = differs;
	reconcile_disconnect(reconciler);
	return error;
}

/**
 * reconcile_connect() - have a connection, with its events
 * @reconciler: after reconcile_open(); one that has a connection keeps it
 *
 * A failure is logged; that the module is missing, or of another version, only once.
 *
 * Return: 0, -ENOTSUP where the module is not loaded, or another negative errno.
 */
int reconcile_connect(struct reconciler *reconciler)
{
	int result;

	if (reconciler->client)
		return 0;
	result = client_open(&reconciler->client);
	if (result)
		return connection_failed(reconciler, result);
	/* Before the policy is read for the first time, so that a change after
	 * that is never missed.
	 */
	result = client_subscribe(reconciler->client, &reconciler->events);
	if (result)
		return connection_failed(reconciler, result);
	reconciler->module_missing = false;
	reconciler->module_differs = false;
	reconciler->connections++;
	return 0;
}

/**
 * reconcile_read_events() - take all events that are there
 * @reconciler: any
 *
 * Return: whether somebody else changed something since, so that reconcile()
 * must look.
 */
bool reconcile_read_events(struct reconciler *reconciler)
{
	uint64_t expected = reconciler->generation + 1;
	struct client_event event;
	int result;

	if (!reconciler->client)
		return false;
	while (!(result = client_next_event(reconciler->client, &event)) ||
	       result == -ENOBUFS) {
		if (result) {
			reconciler->other_touched = true;
			reconciler->static_only = false;
			continue;
		}
		if (event.command == IPMASQ_CMD_PORTS_EXHAUSTED && reconciler->exhausted)
			reconciler->exhausted(&event.exhaustion, reconciler->exhausted_data);
		if (event.command != IPMASQ_CMD_POLICY_CHANGED)
			continue;
		/* Our own, or one that the last look had in it already. */
		if (event.generation && event.generation <= reconciler->generation)
			continue;
		if (!reconciler->other_touched) {
			reconciler->other_touched = true;
			reconciler->static_only = true;
			expected = reconciler->generation + 1;
		}
		reconciler->other_port = event.port_id;
		if (event.origin != IPMASQ_ORIGIN_STATIC || event.generation != expected)
			reconciler->static_only = false;
		reconciler->static_generation = event.generation;
		expected = event.generation + 1;
	}
	if (result != -EAGAIN) {
		reconciler->errors++;
		log_line(LOG_ERR, "%s", client_error(reconciler->client));
		reconcile_disconnect(reconciler);
		return true;
	}
	return reconciler->other_touched;
}

/* Who is behind a netlink port. libnl puts the process into the low 22 bits,
 * the kernel takes it as it is; a short-lived process is gone by now.
 */
static void describe_writer(uint32_t port, char *text, size_t room)
{
	char path[64], name[32];
	FILE *file;

	/* The time of an entry was over. */
	if (!port) {
		snprintf(text, room, "the kernel");
		return;
	}
	snprintf(text, room, "netlink port %" PRIu32, port);
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/comm", port & 0x3fffff);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		snprintf(text, room, "%s, process %" PRIu32, name, port & 0x3fffff);
	}
	fclose(file);
}

static void log_difference(const struct policy_entry *wanted, const struct policy_entry *present,
			   void *data)
{
	char text[CIDR_TEXT_MAX];
	size_t *logged = data;

	if ((*logged)++ >= DIFFERENCES_LOGGED)
		return;
	if (!present)
		log_line(LOG_WARNING, "drift: %s %s was removed, it is put back",
			 policy_action_name(wanted->action), cidr_format(&wanted->cidr, text));
	else if (!wanted)
		log_line(LOG_WARNING, "drift: %s %s was added, it is taken out",
			 policy_action_name(present->action), cidr_format(&present->cidr, text));
	else if (wanted->action != present->action)
		log_line(LOG_WARNING, "drift: %s was changed from %s to %s, it is changed back",
			 cidr_format(&wanted->cidr, text), policy_action_name(wanted->action),
			 policy_action_name(present->action));
	else
		log_line(LOG_WARNING, "drift: %s %s was given %s, it is changed back",
			 policy_action_name(wanted->action), cidr_format(&wanted->cidr, text),
			 present->detail && present->detail->timeout ? "a timeout" :
			 "other source addresses");
}

static void log_settings(const struct policy_settings *wanted,
			 const struct policy_settings *present)
{
	int i;

	for (i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &setting_table[i];

		if (!policy_setting_named(wanted, (enum setting)i) ||
		    policy_setting_equal(wanted, present, (enum setting)i))
			continue;
		if (row->policy_flag)
			log_line(LOG_WARNING, "drift: %s was switched %s, it is switched back",
				 row->name, present->flags & row->policy_flag ? "on" : "off");
		else
			log_line(LOG_WARNING, "drift: %s was changed, it is changed back",
				 row->name);
	}
}

static void log_details(struct reconciler *reconciler, const struct policy *wanted,
			const struct policy *present, const struct client_status *status)
{
	char writer[80] = "somebody";
	size_t differences = 0;

	if (reconciler->other_port)
		describe_writer(reconciler->other_port, writer, sizeof(writer));
	reconciler->run_lines++;
	if (!status->generation) {
		log_line(LOG_WARNING, "drift: the policy was removed by %s, it is put back", writer);
		return;
	}
	log_line(LOG_WARNING,
		 "drift: generation %" PRIu64 " by %s is not what the configuration says",
		 status->generation, writer);
	if (!policy_settings_equal(&wanted->settings, &status->settings)) {
		log_settings(&wanted->settings, &status->settings);
		reconciler->run_lines++;
	}
	policy_compare(wanted, present, log_difference, &differences);
	if (differences > DIFFERENCES_LOGGED)
		log_line(LOG_WARNING, "drift: and %zu more entries",
			 differences - DIFFERENCES_LOGGED);
	reconciler->run_lines += differences;
}

static bool is_power_of_ten(unsigned long number)
{
	while (number && number % 10 == 0)
		number /= 10;
	return number == 1;
}

static void log_drift(struct reconciler *reconciler, const struct policy *wanted,
		      const struct policy *present, const struct client_status *status)
{
	int64_t now = monotonic_now();
	bool fast = now - reconciler->last_repair < RUN_FAST;

	if (now - reconciler->last_repair > RUN_PAUSE) {
		reconciler->run_lines = 0;
		reconciler->run_repairs = 0;
	}
	reconciler->last_repair = now;
	reconciler->run_repairs++;
	if (!fast && reconciler->run_lines < RUN_LINES)
		log_details(reconciler, wanted, present, status);
	else if (reconciler->run_repairs >= RUN_SUMMARY_MIN &&
		 is_power_of_ten(reconciler->run_repairs))
		log_line(LOG_WARNING,
			 "drift: another process keeps changing the config entries: they were restored %lu times",
			 reconciler->run_repairs);
}

static unsigned int looks_allowed(const struct reconciler *reconciler)
{
	return reconciler->stretch_length > STRETCH_MIN ? STRETCH_LOOKS_LONG : STRETCH_LOOKS;
}

static void begin_stretch(struct reconciler *reconciler, int64_t now, bool spent)
{
	int64_t end = reconciler->stretch_begin + reconciler->stretch_length;

	/* Longer after one that was spent, as short as ever after a pause of the same
	 * length.
	 */
	if (spent && now < end + reconciler->stretch_length) {
		reconciler->stretch_length *= STRETCH_GROWTH;
		if (reconciler->stretch_length > STRETCH_MAX)
			reconciler->stretch_length = STRETCH_MAX;
	} else if (now >= end + reconciler->stretch_length) {
		reconciler->stretch_length = STRETCH_MIN;
	}
	reconciler->stretch_begin = now;
	reconciler->stretch_looks = 0;
	reconciler->stretch_repairs = 0;
	reconciler->stretch_work = 0;
	reconciler->stretch_logged = false;
}

/* Whether the kernel's entries may be looked at for another process's change now; if
 * not, @reconciler->wait says when.
 */
static bool may_look(struct reconciler *reconciler)
{
	int64_t now = monotonic_now();
	int64_t end = reconciler->stretch_begin + reconciler->stretch_length;
	bool spent = reconciler->stretch_looks >= looks_allowed(reconciler) ||
		     reconciler->stretch_work > reconciler->stretch_length / STRETCH_WORK_SHARE;

	if (!reconciler->stretch_looks || now >= end)
		begin_stretch(reconciler, now, spent);
	else if (spent) {
		reconciler->wait = end - now;
		if (!reconciler->stretch_logged)
			log_line(LOG_ERR,
				 "drift: another process keeps changing the config entries: they were restored %u times in %" PRId64 " ms; the next look is in %" PRId64 " ms",
				 reconciler->stretch_repairs,
				 (now - reconciler->stretch_begin) / NANOSECONDS_PER_MILLISECOND,
				 reconciler->wait / NANOSECONDS_PER_MILLISECOND);
		reconciler->stretch_logged = true;
		/* What comes after the wait belongs to the same run. */
		reconciler->last_repair = end;
		return false;
	}
	reconciler->stretch_looks++;
	return true;
}

/* What one look at the kernel showed. */
struct look {
	struct client_status status;
	struct policy present;
	uint64_t generation;
};

static void look_clear(struct look *look)
{
	client_status_clear(&look->status);
	policy_clear(&look->present);
}

/* The switch is the operator's and in no file: it stays as it is, and is logged. */
static void note_switch(struct reconciler *reconciler, const struct client_status *status)
{
	bool off = status->generation && !(status->settings.flags & IPMASQ_FLAG_ENABLED);

	if (off == reconciler->switched_off)
		return;
	reconciler->switched_off = off;
	if (off)
		log_line(LOG_WARNING,
			 "the policy is switched off, nothing is masqueraded: \"ipmasqctl set enabled on\" switches it on");
	else
		log_line(LOG_INFO, "the policy is switched on");
}

/* Reads as little as is needed to know: -EALREADY says that the kernel holds
 * what is wanted, 0 that it does not, -EBUSY that @reconciler->wait must pass first.
 */
static int look_at_kernel(struct reconciler *reconciler, const struct policy *wanted,
			  uint64_t serial, struct look *look)
{
	bool same_wanted = reconciler->generation && reconciler->serial == serial;
	bool settings_equal;
	int result;

	result = client_policy_get(reconciler->client, &look->status);
	if (result)
		return result;
	note_switch(reconciler, &look->status);
	look->generation = look->status.generation;
	if (!look->generation)
		return same_wanted && !may_look(reconciler) ? -EBUSY : 0;
	if (same_wanted && look->generation == reconciler->generation)
		return -EALREADY;
	settings_equal = policy_settings_equal(&wanted->settings, &look->status.settings);
	if (same_wanted && settings_equal && reconciler->static_only &&
	    reconciler->static_generation == look->generation)
		return -EALREADY;
	if (same_wanted && !may_look(reconciler))
		return -EBUSY;
	result = client_list(reconciler->client, IPMASQ_ORIGIN_CONFIG, NULL, &look->present,
			     &look->generation);
	if (result)
		return result;
	/* The settings belong to another generation: begin again. */
	if (look->generation != look->status.generation)
		return -ESTALE;
	if (settings_equal && !policy_compare(wanted, &look->present, NULL, NULL))
		return -EALREADY;
	return 0;
}

/* Another policy is wanted and nobody is known to have touched the last one:
 * the kernel refuses with -ESTALE if somebody did, so there is no need to look.
 */
static int replace_unseen(struct reconciler *reconciler, const struct policy *wanted,
			  uint64_t serial)
{
	int result = client_replace(reconciler->client, IPMASQ_ORIGIN_CONFIG, wanted,
				    reconciler->generation, &reconciler->generation, NULL, NULL);

	if (!result) {
		reconciler->serial = serial;
		reconciler->writes++;
	}
	return result;
}

static void note_drift(struct reconciler *reconciler, const struct policy *wanted,
		       const struct look *look)
{
	reconciler->stretch_repairs++;
	reconciler->drifts++;
	log_drift(reconciler, wanted, &look->present, &look->status);
}

/* Looks, and writes if there is need to. Where @last, other writers came in between
 * so often that it writes without a look.
 */
static int attempt(struct reconciler *reconciler, const struct policy *wanted, uint64_t serial,
		   bool last, bool *written)
{
	bool drift = reconciler->generation && reconciler->serial == serial;
	struct look look = { 0 };
	int64_t begin;
	int result;

	result = look_at_kernel(reconciler, wanted, serial, &look);
	if (last && (result == -ESTALE || result == -EINTR))
		result = 0;
	if (result)
		goto out;
	if (drift)
		note_drift(reconciler, wanted, &look);
	begin = monotonic_now();
	/* What another process does to the config entries meanwhile is drift too. */
	result = client_replace(reconciler->client, IPMASQ_ORIGIN_CONFIG, wanted,
				drift || last ? 0 : look.generation, &look.generation, NULL, NULL);
	reconciler->stretch_work += monotonic_now() - begin;
	if (!result) {
		*written = true;
		reconciler->writes++;
		reconciler->repairs += drift;
		reconciler->repaired = drift;
		reconciler->first = !look.status.generation;
	}
out:
	if (!result || result == -EALREADY) {
		reconciler->generation = look.generation;
		reconciler->serial = serial;
		result = 0;
	}
	look_clear(&look);
	return result;
}

/* Whether a refusal means that this kernel has no IPv6. That does not change while it
 * runs, so the first such refusal is logged and IPv6 is not asked for again.
 */
static bool lacks_ipv6(struct reconciler *reconciler, const struct policy *wanted, int result)
{
	if (result != -EAFNOSUPPORT || reconciler->no_ipv6 ||
	    !(wanted->settings.flags & IPMASQ_FLAG_IPV6))
		return false;
	reconciler->no_ipv6 = true;
	log_line(LOG_WARNING,
		 "enableIPv6 has no effect, this kernel has no IPv6; only IPv4 is masqueraded");
	return true;
}

/**
 * reconcile() - make the kernel hold what is wanted
 * @reconciler: after reconcile_open(); connects if it is not connected
 * @wanted: sorted, without duplicates
 * @serial: another one for each other @wanted
 *
 * A kernel without IPv6 holds @wanted without the flag for it.
 *
 * Return: what came of it. A failure is logged.
 */
enum reconcile_result reconcile(struct reconciler *reconciler, const struct policy *wanted,
				uint64_t serial)
{
	/* A shallow copy: its lists and entries are still those of @wanted. */
	struct policy possible = *wanted;
	unsigned int attempts = 0;
	bool written = false;
	bool reduced;
	int result;

	reconciler->repaired = false;
	reconciler->first = false;
	do {
		if (reconciler->no_ipv6)
			possible.settings.flags &= ~IPMASQ_FLAG_IPV6;
		result = reconcile_connect(reconciler);
		if (result)
			return result == -ENOTSUP ? RECONCILE_NO_MODULE : RECONCILE_FAILED;
		if (!attempts && reconciler->generation && reconciler->serial != serial) {
			result = replace_unseen(reconciler, &possible, serial);
			written = !result;
		} else {
			result = attempt(reconciler, &possible, serial,
					 attempts == ATTEMPTS_MAX - 1, &written);
		}
		/* Unloaded, and perhaps loaded again: the next round will tell. */
		if (result == -ENOTSUP)
			reconcile_disconnect(reconciler);
		reduced = lacks_ipv6(reconciler, wanted, result);
	} while ((reduced || result == -ESTALE || result == -EINTR || result == -ENOTSUP) &&
		 ++attempts < ATTEMPTS_MAX);

	reconciler->in_force = !result;
	if (result == -EBUSY)
		return RECONCILE_LATER;
	if (result) {
		reconciler->errors++;
		log_line(LOG_ERR, "%s", reconciler->client ? client_error(reconciler->client) :
			 "the kernel module comes and goes");
		reconcile_disconnect(reconciler);
		return RECONCILE_FAILED;
	}
	reconciler->other_touched = false;
	reconciler->other_port = 0;
	return written ? RECONCILE_WRITTEN : RECONCILE_IN_FORCE;
}
