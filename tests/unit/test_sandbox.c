/* What may be called once a live run is confined, and what ends it; each in a process of its own. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/sandbox.h"
#include "unit.h"

enum { page = 4096, was_refused = 99, failed = 1 };

typedef bool action(void);

static const struct sandbox_settings nothing;

/* How a process ends that is confined and then does that: its status as waitpid() tells it. */
static int end_of(const struct sandbox_settings *settings, action *act)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(!sandbox_enter(settings, NULL) ? was_refused : act() ? 0 : failed);
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

static bool is_killed(const struct sandbox_settings *settings, action *act)
{
	int status = end_of(settings, act);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static bool run_program(void)
{
	char *const none[] = { NULL };

	return execve("/nowhere", none, none) == 0;
}

static bool divide(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) >= 0;
}

static bool open_raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, 6) >= 0;
}

static bool open_stream(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool open_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) >= 0 || errno == EPERM;
}

static bool open_bluetooth_socket(void)
{
	return socket(AF_BLUETOOTH, SOCK_RAW, 0) >= 0;
}

static bool connect_somewhere(void)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	return connect(-1, &nowhere, sizeof(nowhere)) == 0;
}

static bool map_executable(void)
{
	return mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool make_executable(void)
{
	void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(memory, page, PROT_READ | PROT_EXEC) == 0;
}

static bool look_into_others(void)
{
	return syscall(SYS_ptrace, 16, 1, NULL, NULL) == 0;
}

static bool signal_others(void)
{
	return kill(1, 0) == 0;
}

static bool signal_a_thread_of_others(void)
{
	return syscall(SYS_tgkill, 1, 1, 0) == 0;
}

static bool change_what_it_is(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool raise_a_limit(void)
{
	struct rlimit limit = { 1, 1 };

	return syscall(SYS_prlimit64, 0, RLIMIT_CORE, &limit, NULL) == 0;
}

static bool type_on_a_terminal(void)
{
	return ioctl(0, TIOCSTI, "x") == 0;
}

START_TEST(what_a_run_never_needs_ends_it)
{
	static const struct {
		const char *name;
		action *act;
	} rows[] = {
		{ "execve", run_program },
		{ "clone", divide },
		{ "socket(SOCK_RAW)", open_raw_socket },
		{ "socket(SOCK_STREAM)", open_stream },
		{ "socket(AF_BLUETOOTH)", open_bluetooth_socket },
		{ "connect", connect_somewhere },
		{ "mmap(PROT_EXEC)", map_executable },
		{ "mprotect(PROT_EXEC)", make_executable },
		{ "ptrace", look_into_others },
		{ "kill", signal_others },
		{ "tgkill", signal_a_thread_of_others },
		{ "prctl", change_what_it_is },
		{ "prlimit64", raise_a_limit },
		{ "ioctl(TIOCSTI)", type_on_a_terminal },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(is_killed(&nothing, rows[i].act), "%s is not killed", rows[i].name);
}
END_TEST

static bool send_something(void)
{
	return sendto(-1, "x", 1, 0, NULL, 0) < 0;
}

static bool accept_somebody(void)
{
	return accept4(-1, NULL, NULL, SOCK_CLOEXEC) < 0;
}

static bool remove_a_file(void)
{
	return unlink("/nowhere/x") < 0;
}

static bool move_a_file(void)
{
	return rename("/nowhere/x", "/nowhere/y") < 0;
}

static bool bind_somewhere(void)
{
	return syscall(SYS_bind, -1, NULL, 0) < 0;
}

START_TEST(what_a_feature_calls_is_let_through_for_it_alone)
{
	static const struct {
		const char *name;
		struct sandbox_settings settings;
		action *act;
	} rows[] = {
		{ "a vanished interface", { .reopens_devices = true }, open_packet_socket },
		{ "its binding", { .reopens_devices = true }, bind_somewhere },
		{ "HTTP: accept", { .serves_http = true }, accept_somebody },
		{ "HTTP: send", { .serves_http = true }, send_something },
		{ "files: rename", { .writes_files = true }, move_a_file },
		{ "files: unlink", { .writes_files = true }, remove_a_file },
	};
	struct sandbox_settings all = { true, true, true };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(is_killed(&nothing, rows[i].act), "%s: it is not killed without", rows[i].name);
		ck_assert_msg(end_of(&rows[i].settings, rows[i].act) == 0, "%s: it fails with", rows[i].name);
	}
	ck_assert(is_killed(&all, run_program) && is_killed(&all, connect_somewhere) && is_killed(&all, divide));
	ck_assert(is_killed(&all, map_executable) && is_killed(&all, open_bluetooth_socket));
}
END_TEST

static bool write_a_file(void)
{
	FILE *file = fopen("/dev/null", "ae");
	struct iovec parts[] = { { (char[]){ "x" }, 1 }, { (char[]){ "y" }, 1 } };
	bool ok = file && fprintf(file, "%s\n", "a line") > 0 && fflush(file) == 0 &&
	          writev(fileno(file), parts, 2) == 2 && !isatty(fileno(file));

	return file && fclose(file) == 0 && ok;
}

/* As a terminal is asked by younger C libraries, and memory given names: refused or not, it is no reason to end. */
static bool do_as_younger_libraries(void)
{
	return syscall(SYS_ioctl, -1, 0x802c542a, NULL) < 0 && syscall(SYS_prctl, 0x53564d41, -1, 0, 0, 0) < 0;
}

/* A thread of a library's names itself when it first runs, which may be late. */
static bool take_a_name(void)
{
	return prctl(PR_SET_NAME, "another", 0, 0, 0) == 0;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Large blocks come from mmap(), one that grows from mremap(); many small ones move the break. */
static bool use_memory(void)
{
	const size_t many = 1 << 20;
	int *numbers = malloc(many * sizeof(*numbers)), *more;

	for (size_t i = 0; numbers && i < many; i++)
		numbers[i] = (int)(many - i);
	if (numbers)
		qsort(numbers, many, sizeof(*numbers), compare);
	more = numbers ? realloc(numbers, 16 * many * sizeof(*numbers)) : NULL;
	if (!more || more[0] != 1)
		return false;
	free(more);
	for (size_t i = 0; i < 10000; i++) {
		if (!(more = malloc(100)))
			return false;
		more[0] = 0;
	}
	return true;
}

static bool ask_for_flags(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 && close(fd) == 0;
}

static bool wait_a_little(void)
{
	struct timespec now, little = { 0, 1000 };
	struct rlimit limit;

	alarm(60);
	return poll(NULL, 0, 1) == 0 && nanosleep(&little, NULL) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	       clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0 && getrlimit(RLIMIT_STACK, &limit) == 0;
}

static bool fall(void)
{
	abort();
}

START_TEST(what_the_loop_and_the_c_library_call_is_let_through)
{
	int status;

	ck_assert_int_eq(end_of(&nothing, write_a_file), 0);
	ck_assert_int_eq(end_of(&nothing, do_as_younger_libraries), 0);
	ck_assert_int_eq(end_of(&nothing, take_a_name), 0);
	ck_assert_int_eq(end_of(&nothing, use_memory), 0);
	ck_assert_int_eq(end_of(&nothing, ask_for_flags), 0);
	ck_assert_int_eq(end_of(&nothing, wait_a_little), 0);
	/* What went wrong in the program itself must look like that. */
	status = end_of(&nothing, fall);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
END_TEST

struct other {
	int gate[2];
	bool is_bad;
};

static void *wait_at_gate(void *context)
{
	const struct other *other = context;
	char byte;

	if (read(other->gate[0], &byte, 1) == 1 && other->is_bad)
		run_program();
	free(malloc(100000)); /* in a thread's own arena */
	return NULL;
}

/* A thread that was there before is let go after. */
static int end_with_other(bool is_bad)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		struct other other = { .is_bad = is_bad };
		pthread_t thread;

		if (pipe(other.gate) != 0 || pthread_create(&thread, NULL, wait_at_gate, &other) != 0 ||
		    !sandbox_enter(&nothing, NULL) || write(other.gate[1], "x", 1) != 1)
			_exit(was_refused);
		_exit(pthread_join(thread, NULL) == 0 ? 0 : failed);
	}
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

START_TEST(threads_that_were_there_are_confined_too)
{
	int status = end_with_other(true);

	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	for (unsigned i = 0; i < 50; i++) /* also in the midst of their first steps */
		ck_assert_int_eq(end_with_other(false), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { what_a_run_never_needs_ends_it, what_a_feature_calls_is_let_through_for_it_alone,
		                       what_the_loop_and_the_c_library_call_is_let_through,
		                       threads_that_were_there_are_confined_too };

	if (strcmp(sandbox_state(), "yes") != 0 || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		printf("1..0 # SKIP no seccomp here (build: %s)\n", sandbox_state());
		return 0;
	}
	return unit_run(unit_suite("sandbox", tests, sizeof(tests) / sizeof(tests[0])));
}
