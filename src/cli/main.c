/* flatline: reads packet captures and says of every TCP connection why it went quiet. Only this folder prints on
 * standard error and decides how the program ends. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <json-c/json.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include "analyze.h"
#include "check.h"
#include "diff.h"
#include "live.h"
#include "options.h"
#include "report.h"
#include "sandbox.h"
#include "words.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

static int print_version(void)
{
	printf("flatline %s\n", PACKAGE_VERSION);
	printf("with %s\n", pcap_lib_version());
	printf("with json-c %s\n", json_c_version());
#ifdef HAVE_ZLIB
	printf("reads gzip: yes\n");
#else
	printf("reads gzip: no\n");
#endif
#ifdef HAVE_ZSTD
	printf("reads zstd: yes\n");
#else
	printf("reads zstd: no\n");
#endif
#ifdef HAVE_LIBCAPNG
	printf("drops privileges: by libcap-ng\n");
#else
	printf("drops privileges: yes\n");
#endif
	printf("restricts system calls: %s\n", sandbox_state());
#ifdef HAVE_MICROHTTPD
	printf("metrics over HTTP: yes\n");
#else
	printf("metrics over HTTP: no\n");
#endif
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INPUT;
}

/* Who started it may have closed them: nothing that is opened later is to be taken for one of them. */
static bool have_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd < 0 || close(fd) == 0;
}

int main(int argc, char **argv)
{
	struct options options;
	struct fl_error error;

	if (!have_standard_descriptors())
		return EXIT_USAGE;
	if (options_read(&options, argc, argv, &error)) {
		complain(&error);
		return EXIT_USAGE;
	}
	switch (options.command) {
	case COMMAND_HELP: options_help(stdout); return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INPUT;
	case COMMAND_VERSION: return print_version();
	case COMMAND_EXPLAIN: return explain_run(&options);
	case COMMAND_LIST: return list_run(&options);
	case COMMAND_CHECK: return check_run(&options);
	case COMMAND_DIFF: return diff_run(&options);
	case COMMAND_LIVE: return options.lists_interfaces ? live_list() : live_run(&options);
	case COMMAND_REPORT: return report_run(&options);
	default: return analyze_run(&options);
	}
}
