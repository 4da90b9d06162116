/* Metrics: the two dialects of a page, what is counted, and who gets which. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "cli/metrics.h"
#include "cli/metrics_file.h"
#include "cli/metrics_http.h"
#include "flatline/metrics.h"
#include "unit.h"

static struct fl_metrics_interface interfaces[] = {
	{ .name = "eth0", .frames = 1500, .drops = 3, .is_up = true },
	{ .name = "a\"b\\c\nd\xff", .frames = 2 },
};
static struct fl_metrics_verdict verdicts[] = {
	{ .id = "auth-unanswered", .worst = FL_CRITICAL, .open = 2, .told = { [FL_CRITICAL] = 5 } },
	{ .id = "half-closed", .worst = FL_WARNING, .told = { [FL_CRITICAL] = 7 } },
	{ .id = "alive", .worst = FL_OK },
};

static struct fl_metrics example(void)
{
	return (struct fl_metrics){ .version = "0.1.0",
		                    .started = AT(0),
		                    .last_frame = AT(1500),
		                    .frames = UINT64_MAX,
		                    .tcp_packets = 900,
		                    .interfaces = interfaces,
		                    .n_interfaces = 2,
		                    .seen = 50,
		                    .evicted = 20,
		                    .verdicts = verdicts,
		                    .n_verdicts = 3,
		                    .least = FL_WARNING,
		                    .open = { [FL_CRITICAL] = 2 },
		                    .events = { [FL_EVENT_FOUND] = 5, [FL_EVENT_DROPS] = 1 },
		                    .memory = 4096,
		                    .memory_limit = 8192,
		                    .lag = 12 * FL_NS_PER_MS,
		                    .look = -1 };
}

static char *page(const struct fl_metrics *metrics, enum fl_metrics_format format)
{
	struct fl_text text;

	fl_text_init(&text);
	fl_metrics_write(&text, metrics, format);
	ck_assert(!text.failed);
	return text.data;
}

/* A line of the page, whole. */
static void has(const char *text, const char *line)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "\n%s\n", line);
	ck_assert_msg(strstr(text, wanted), "no line \"%s\" in\n%s", line, text);
}

START_TEST(numbers_are_in_base_units_and_whole)
{
	struct fl_metrics metrics = example();
	char *text = page(&metrics, FL_METRICS_TEXT);

	has(text, "flatline_build_info{version=\"0.1.0\"} 1");
	has(text, "flatline_start_time_seconds 1768381200.000000000");
	has(text, "flatline_last_frame_timestamp_seconds 1768381201.500000000");
	has(text, "flatline_frames_total 18446744073709551615");
	has(text, "flatline_interface_drops_total{interface=\"eth0\"} 3");
	has(text, "flatline_interface_up{interface=\"eth0\"} 1");
	has(text, "flatline_connections_seen_total 50");
	has(text, "flatline_connections 30");
	has(text, "flatline_open_connections{verdict=\"auth-unanswered\"} 2");
	has(text, "flatline_open_connections{verdict=\"alive\"} 0");
	has(text, "flatline_open_connections_by_severity{severity=\"critical\"} 2");
	has(text, "flatline_capture_lag_seconds 0.012000000");
	has(text, "flatline_look_duration_seconds 0.000000000");
	has(text, "flatline_events_total{event=\"found\"} 5");
	has(text, "flatline_events_total{event=\"device\"} 0");
	free(text);
	metrics.last_frame = FL_TIME_NONE;
	text = page(&metrics, FL_METRICS_TEXT);
	has(text, "flatline_last_frame_timestamp_seconds 0.000000000");
	free(text);
}
END_TEST

START_TEST(labels_are_escaped_and_utf_8)
{
	struct fl_metrics metrics = example();
	char *text = page(&metrics, FL_METRICS_TEXT);

	has(text, "flatline_interface_frames_total{interface=\"a\\\"b\\\\c d\xef\xbf\xbd\"} 2");
	has(text, "flatline_interface_up{interface=\"a\\\"b\\\\c d\xef\xbf\xbd\"} 0");
	free(text);
}
END_TEST

/* Every line of the page is a description, or a sample of what was described last, which is a counter exactly when its
 * samples' name ends in _total. Returns how many counters there are. */
static unsigned check_families(char *text, bool is_openmetrics)
{
	char name[128] = "", kind[16] = "";
	unsigned counters = 0;

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		size_t length = strcspn(line, "{ ");
		bool is_total = length > 6 && strncmp(line + length - 6, "_total", 6) == 0;

		if (strcmp(line, "# EOF") == 0)
			continue;
		if (sscanf(line, "# HELP %127s", name) == 1)
			continue;
		if (line[0] == '#') {
			char again[128];

			ck_assert_int_eq(sscanf(line, "# TYPE %127s %15s", again, kind), 2);
			ck_assert_str_eq(again, name);
			counters += strcmp(kind, "counter") == 0;
			continue;
		}
		ck_assert_msg(is_total == (strcmp(kind, "counter") == 0), "%s is a %s", line, kind);
		length -= is_total && is_openmetrics ? 6 : 0;
		ck_assert_msg(strlen(name) == length && strncmp(line, name, length) == 0, "%s is below %s", line, name);
	}
	return counters;
}

START_TEST(counters_end_in_total_and_openmetrics_describes_them_without)
{
	struct fl_metrics metrics = example();
	char *text = page(&metrics, FL_METRICS_TEXT), *open = page(&metrics, FL_METRICS_OPENMETRICS);

	has(text, "# TYPE flatline_frames_total counter");
	has(open, "# TYPE flatline_frames counter");
	has(open, "flatline_frames_total 18446744073709551615");
	has(open, "# TYPE flatline_connections gauge");
	ck_assert_ptr_null(strstr(text, "# EOF"));
	ck_assert_str_eq(open + strlen(open) - 7, "\n# EOF\n");
	ck_assert_uint_eq(check_families(text, false), check_families(open, true));
	free(text);
	free(open);
}
END_TEST

START_TEST(verdicts_that_can_be_told_are_there_before_they_are)
{
	struct fl_metrics metrics = example();
	char *text = page(&metrics, FL_METRICS_TEXT);

	has(text, "flatline_verdicts_total{verdict=\"auth-unanswered\",severity=\"warning\"} 0");
	has(text, "flatline_verdicts_total{verdict=\"auth-unanswered\",severity=\"critical\"} 5");
	ck_assert_ptr_null(strstr(text, "verdict=\"auth-unanswered\",severity=\"notice\""));
	has(text, "flatline_verdicts_total{verdict=\"half-closed\",severity=\"critical\"} 7"); /* it was told */
	ck_assert_ptr_null(strstr(text, "verdict=\"alive\",severity"));
	free(text);
}
END_TEST

START_TEST(openmetrics_is_for_those_who_ask_for_it)
{
	static const struct {
		const char *accept;
		bool is_openmetrics;
	} rows[] = {
		{ NULL, false },
		{ "", false },
		{ "*/*", false },
		{ "text/plain", false },
		{ "application/openmetrics-text", true },
		{ "Application/OpenMetrics-Text; version=1.0.0; charset=utf-8", true },
		{ "application/openmetrics-textual", false },
		{ "text/html, application/openmetrics-text", true },
		{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  true },
		{ "application/openmetrics-text;q=0", false },
		{ "application/openmetrics-text; q=0.000, text/plain", false },
		{ "application/openmetrics-text;q=0.4,text/plain;q=0.5", false },
		{ "application/openmetrics-text;q=0.5,text/plain;q=0.50", true },
		{ "application/openmetrics-text;q=0.4;", true },
		{ "application/openmetrics-text;q=0.123456789", true },
		{ ",,;q=,", false },
		{ "text/plain;q=", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(metrics_http_format(rows[i].accept) ==
		                      (rows[i].is_openmetrics ? FL_METRICS_OPENMETRICS : FL_METRICS_TEXT),
		              "Accept: %s", rows[i].accept);
}
END_TEST

START_TEST(addresses_that_are_none_are_refused)
{
	static const char *const none[] = { "",
		                            "9810",
		                            ":9810",
		                            "127.0.0.1",
		                            "127.0.0.1:",
		                            "[::1]",
		                            "[::1:9810",
		                            "::1:9810",
		                            "127.0.0.1:0",
		                            "127.0.0.1:65536",
		                            "127.0.0.1:x",
		                            "localhost:1",
		                            "[::1]:9810x",
		                            "127.0.0.1:+1",
		                            "[]:1" };
	struct fl_error error;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ck_assert_msg(!metrics_http_open(none[i], &error), "\"%s\"", none[i]);
#ifdef HAVE_MICROHTTPD
		ck_assert_msg(strstr(error.message, none[i]) && strstr(error.message, "--metrics-listen takes"), "%s",
		              error.message);
#else
		ck_assert_ptr_nonnull(strstr(error.message, "built without libmicrohttpd"));
#endif
	}
}
END_TEST

static void read_file(const char *path, char *ret_text, size_t size)
{
	FILE *file = fopen(path, "r");

	ck_assert_ptr_nonnull(file);
	ret_text[fread(ret_text, 1, size - 1, file)] = '\0';
	fclose(file);
}

START_TEST(the_last_page_is_in_the_file_and_nothing_beside_it)
{
	char folder[] = "/tmp/flatline-metrics.XXXXXX", path[48], beside[64], link[64], text[64];
	struct fl_error error;
	struct metrics_file *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x.prom", folder);
	snprintf(beside, sizeof(beside), "%s.new", path);
	snprintf(link, sizeof(link), "%s/link.prom", folder);
	fclose(fopen(path, "w"));
	fclose(fopen(beside, "w")); /* an earlier run was killed */
	ck_assert_int_eq(symlink(path, link), 0);
	file = metrics_file_open(link, &error);
	ck_assert_ptr_nonnull(file);
	ck_assert(metrics_file_start(file, &error));
	metrics_file_put(file, "first\n", 6);
	metrics_file_put(file, "second\n", 7);
	metrics_file_free(file, 10000);
	read_file(path, text, sizeof(text));
	ck_assert_str_eq(text, "second\n");
	ck_assert_int_ne(access(beside, F_OK), 0);
	ck_assert_ptr_null(metrics_file_open("/nowhere/x.prom", &error));
	ck_assert_str_eq(error.message, "cannot be written: No such file or directory");
	ck_assert_ptr_null(metrics_file_open(folder, &error));
	ck_assert_ptr_null(metrics_file_open("/dev/null", &error)); /* it would be one no more */
	unlink(link);
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

UNIT_MAIN("metrics", numbers_are_in_base_units_and_whole, labels_are_escaped_and_utf_8,
          counters_end_in_total_and_openmetrics_describes_them_without,
          verdicts_that_can_be_told_are_there_before_they_are, openmetrics_is_for_those_who_ask_for_it,
          addresses_that_are_none_are_refused, the_last_page_is_in_the_file_and_nothing_beside_it)
