/* --exec: what a program gets, what it may do, and what is told of it. The programs are scripts in a directory of the
 * test's own. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account.h"
#include "cli/hook_runner.h"
#include "cli/hooks.h"
#include "unit.h"

enum { patience_ms = 20000 };

static char directory[] = "/tmp/flatline-hooks.XXXXXX";

static void set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
}

static void tear_down(void)
{
	char command[64];

	snprintf(command, sizeof(command), "/bin/rm -r %s", directory);
	ck_assert_int_eq(system(command), 0);
}

/* A program of that name; it is run in the directory. */
static void script(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
}

static void nap(void)
{
	poll(NULL, 0, 10);
}

static char *contents(const char *name)
{
	static char text[hook_line_most + 1];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return text;
}

/* Until the file has so many bytes. */
static void wait_for(const char *name, size_t length)
{
	for (int waited = 0; strlen(contents(name)) < length; waited += 10) {
		ck_assert_msg(waited < patience_ms, "%s has %zu bytes", name, strlen(contents(name)));
		nap();
	}
}

/* The process that runs programs, and the capture's end of its socket. */
struct other {
	pid_t pid;
	int socket;
};

static struct other run(const char *path, int seconds)
{
	struct other other;
	int ends[2];

	ck_assert(hook_runner_socket(ends));
	other.pid = fork();
	if (other.pid == 0) {
		hook_runner_run(ends[1], path, seconds * FL_NS_PER_S);
		_exit(0);
	}
	close(ends[1]);
	other.socket = ends[0];
	return other;
}

static void send_line(const struct other *other, const char *line)
{
	ck_assert_int_eq(write(other->socket, line, strlen(line)), (int)strlen(line));
}

static void next_reply(const struct other *other, struct hook_reply *ret_reply)
{
	struct pollfd readable = { .fd = other->socket, .events = POLLIN };

	ck_assert_int_eq(poll(&readable, 1, patience_ms), 1);
	ck_assert_int_eq(read(other->socket, ret_reply, sizeof(*ret_reply)), (int)sizeof(*ret_reply));
}

static void expect_reply(const struct other *other, const char *message)
{
	struct hook_reply reply;

	next_reply(other, &reply);
	ck_assert_str_eq(reply.problem.message, message);
}

static void close_end(struct other *other)
{
	close(other->socket);
	other->socket = -1;
}

static void expect_end(const struct other *other)
{
	int status;

	for (int waited = 0; waitpid(other->pid, &status, WNOHANG) != other->pid; waited += 10) {
		ck_assert_msg(waited < patience_ms, "it does not end");
		nap();
	}
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
}

/* That it did all without a word. */
static void expect_silent_end(struct other *other)
{
	struct hook_reply reply;

	shutdown(other->socket, SHUT_WR);
	expect_end(other);
	ck_assert_int_eq(read(other->socket, &reply, sizeof(reply)), 0);
	close_end(other);
}

START_TEST(an_event_is_the_programs_input_to_its_last_byte)
{
	static char line[hook_line_most / 2];
	struct other other;

	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	script("hook", "#!/bin/sh\ncat > got\nprintf 'arguments: %s' $# >> got\n");
	other = run("./hook", 20);
	send_line(&other, line);
	wait_for("got", sizeof(line) - 1 + 12);
	ck_assert_int_eq(strncmp(contents("got"), line, sizeof(line) - 1), 0);
	ck_assert_str_eq(contents("got") + sizeof(line) - 1, "arguments: 0");
	expect_silent_end(&other);
}
END_TEST

START_TEST(one_that_does_not_read_is_no_problem)
{
	static char line[100000]; /* more than a pipe takes */
	struct other other;

	memset(line, 'x', sizeof(line) - 1);
	script("hook", "#!/bin/sh\nexec <&-\nsleep 0.1\necho >> done\n");
	other = run("./hook", 20);
	for (int i = 0; i < 3; i++)
		send_line(&other, line);
	wait_for("done", 3);
	expect_silent_end(&other);
}
END_TEST

/* This program as one that is run: shells and their like have handlers and masks of their own. */
static int print_signals(void)
{
	FILE *from = fopen("/proc/self/status", "r"), *to = fopen("signals", "w");
	char line[256];

	while (from && to && fgets(line, sizeof(line), from)) {
		if (strncmp(line, "SigBlk:", 7) == 0 || strncmp(line, "SigIgn:", 7) == 0)
			fputs(line, to);
	}
	if (from)
		fclose(from);
	return to && fclose(to) == 0 ? 0 : 1;
}

/* Whatever flatline was started with, ignores or blocks. */
START_TEST(a_program_finds_no_signal_ignored_or_blocked)
{
	unsigned long long blocked, ignored;
	char self[4096] = "";
	struct other other;
	sigset_t mask;

	ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof(self) - 1), 0);
	ck_assert_int_eq(symlink(self, "print-signals"), 0);
	signal(SIGINT, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	sigfillset(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	other = run("./print-signals", 20);
	sigemptyset(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	signal(SIGCHLD, SIG_DFL);
	send_line(&other, "{}\n");
	wait_for("signals", 2 * sizeof("SigBlk:\t0000000000000000"));
	ck_assert_int_eq(sscanf(contents("signals"), "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
	ck_assert_uint_eq(blocked, 0);
	ck_assert_uint_eq(ignored & 0x7fffffff, 0); /* above are two of the C library's own */
	expect_silent_end(&other);
}
END_TEST

START_TEST(a_program_has_a_session_and_no_other_descriptors)
{
	struct other other;

	script("hook", "#!/bin/sh\n"
	               "ls /proc/$$/fd > fds\n"
	               "[ \"$(readlink /proc/$$/fd/1)\" = \"$(readlink /proc/$$/fd/2)\" ] && echo output >> got\n"
	               "[ \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$ ] && echo session >> got\n"
	               "echo . >> got\n");
	ck_assert_int_eq(dup2(STDIN_FILENO, 7), 7);
	other = run("./hook", 20);
	send_line(&other, "{}\n");
	wait_for("got", sizeof("output\nsession\n.\n") - 1);
	ck_assert_str_eq(contents("got"), "output\nsession\n.\n");
	ck_assert_ptr_null(strpbrk(contents("fds"), "3456789")); /* from 10 on the shell has its own */
	expect_silent_end(&other);
}
END_TEST

START_TEST(how_it_ended_is_told)
{
	struct hook_reply reply;
	struct other other;

	script("hook", "#!/bin/sh\nread -r line\neval \"$line\"\n");
	other = run("./hook", 20);
	send_line(&other, "exit 0\n");
	send_line(&other, "exit 3\n");
	next_reply(&other, &reply);
	ck_assert_str_eq(reply.problem.message, "exited with 3");
	ck_assert_str_eq(reply.problem.file, "./hook");
	ck_assert_uint_eq(reply.dropped, 0);
	send_line(&other, "kill -9 $$\n");
	expect_reply(&other, "was ended by signal 9 (Killed)");
	script("hook", "echo a shell read it > got\n"); /* no "#!": that is for a shell, and none is asked */
	send_line(&other, "exit 0\n");
	expect_reply(&other, "cannot be run: Exec format error");
	unlink("hook");
	send_line(&other, "exit 0\n");
	expect_reply(&other, "cannot be run: No such file or directory");
	ck_assert_str_eq(contents("got"), "");
	expect_silent_end(&other);
}
END_TEST

static bool is_alive(const char *pid_file)
{
	return kill((pid_t)strtol(contents(pid_file), NULL, 10), 0) == 0;
}

static void expect_dead(const char *pid_file)
{
	ck_assert_int_gt(strtol(contents(pid_file), NULL, 10), 1);
	for (int waited = 0; is_alive(pid_file); waited += 10) {
		ck_assert_msg(waited < patience_ms, "%s lives", pid_file);
		nap();
	}
}

START_TEST(its_time_is_that_of_its_group)
{
	struct other other;

	/* The first of the group ends when it is asked to, the others want to be killed. */
	script("hook", "#!/bin/sh\n"
	               "trap 'echo >> asked; exit' TERM\n"
	               "(trap '' TERM; sleep 1000 & echo $! > child; wait; wait) &\n"
	               "echo $! > group\necho $$ > leader\nwait\n");
	other = run("./hook", 1);
	send_line(&other, "{}\n");
	wait_for("child", 2);
	expect_reply(&other, "took longer than 1 s, and was ended");
	expect_dead("leader");
	expect_dead("group");
	expect_dead("child");
	ck_assert_uint_eq(strlen(contents("asked")), 1);
	expect_silent_end(&other); /* and that it was killed is no more news */
}
END_TEST

START_TEST(a_daemon_that_it_leaves_behind_is_not_waited_for)
{
	struct other other;

	script("hook", "#!/bin/sh\nsleep 1000 &\necho $! >> daemons\necho >> done\n");
	other = run("./hook", 1);
	for (int i = 0; i < 2 * hooks_at_once; i++)
		send_line(&other, "{}\n");
	wait_for("done", 2 * hooks_at_once);
	expect_silent_end(&other);
	ck_assert(is_alive("daemons")); /* it ended in time: what it left is left alone */
	ck_assert_int_eq(system("kill $(cat daemons)"), 0);
}
END_TEST

START_TEST(what_finds_no_room_is_counted)
{
	const size_t sent = 100, room = hooks_at_once + hooks_waiting;
	struct hook_reply reply;
	struct other other;
	size_t dropped = 0;

	script("hook", "#!/bin/sh\necho >> begun\nwhile ! [ -e go ]; do sleep 0.05; done\necho >> done\n");
	other = run("./hook", 100);
	for (size_t i = 0; i < sent; i++)
		send_line(&other, "{}\n");
	while (dropped < sent - room) {
		next_reply(&other, &reply);
		ck_assert_str_eq(reply.problem.message, "");
		dropped += reply.dropped;
	}
	ck_assert_uint_eq(dropped, sent - room);
	wait_for("begun", hooks_at_once);
	ck_assert_uint_eq(strlen(contents("begun")), hooks_at_once);
	script("go", "");
	wait_for("done", room);
	expect_silent_end(&other);
	ck_assert_uint_eq(strlen(contents("done")), room);
}
END_TEST

START_TEST(what_runs_outlives_the_capture_and_its_signals)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE };
	struct other other;

	script("hook", "#!/bin/sh\necho >> begun\nwhile ! [ -e go ]; do sleep 0.05; done\necho >> done\n");
	other = run("./hook", 100);
	for (int i = 0; i < hooks_at_once + 2; i++)
		send_line(&other, "{}\n");
	wait_for("begun", hooks_at_once);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		ck_assert_int_eq(kill(other.pid, signals[i]), 0);
	close_end(&other);
	ck_assert_int_eq(waitpid(other.pid, NULL, WNOHANG), 0);
	script("go", "");
	expect_end(&other);
	ck_assert_uint_eq(strlen(contents("done")), hooks_at_once + 2);
}
END_TEST

/* Lines that were handed over count, also when the capture ended before it read what it was told. */
START_TEST(what_was_handed_over_is_run_although_replies_were_not_read)
{
	struct other other;

	script("hook", "#!/bin/sh\necho >> done\nexit 1\n");
	other = run("./hook", 20);
	send_line(&other, "{}\n");
	wait_for("done", 1);
	for (int waited = 0; recv(other.socket, NULL, 0, MSG_PEEK) != 0; waited += 10) {
		ck_assert_msg(waited < patience_ms, "no reply comes");
		nap();
	}
	kill(other.pid, SIGSTOP);
	send_line(&other, "{}\n");
	close_end(&other);
	kill(other.pid, SIGCONT);
	expect_end(&other);
	ck_assert_uint_eq(strlen(contents("done")), 2);
}
END_TEST

START_TEST(without_a_capture_it_stays_no_longer_than_its_time)
{
	struct other other;

	script("hook", "#!/bin/sh\necho >> begun\nexec sleep 1000\n");
	other = run("./hook", 1);
	for (int i = 0; i < 5 * hooks_at_once; i++)
		send_line(&other, "{}\n");
	wait_for("begun", hooks_at_once);
	close_end(&other);
	expect_end(&other);
	ck_assert_uint_lt(strlen(contents("begun")), 5 * hooks_at_once);
}
END_TEST

/* Standard error is a pipe that is full, and nobody reads it. */
START_TEST(output_that_nobody_reads_holds_up_its_program_alone)
{
	struct other other;
	int pipe_ends[2], saved = dup(STDERR_FILENO);

	ck_assert_int_eq(pipe2(pipe_ends, O_CLOEXEC), 0);
	dup2(pipe_ends[1], STDERR_FILENO);
	script("hook", "#!/bin/sh\nread -r line\neval \"$line\"\n");
	other = run("./hook", 1);
	dup2(saved, STDERR_FILENO);
	close(pipe_ends[1]);
	send_line(&other, "exec cat /dev/zero\n");
	expect_reply(&other, "took longer than 1 s, and was ended");
	send_line(&other, "exit 3\n");
	expect_reply(&other, "exited with 3");
	send_line(&other, "exec cat /dev/zero\n");
	close_end(&other);
	expect_end(&other);
	close(pipe_ends[0]);
}
END_TEST

static struct hooks *new_hooks(const char *program)
{
	struct fl_error error = { .message = "" };
	struct hooks *hooks = hooks_new(program, 20, NULL, &error);

	ck_assert_msg(hooks != NULL, "%s: %s", error.file, error.message);
	return hooks;
}

static void expect_refused(const char *program, const char *message)
{
	struct fl_error error = { .message = "" };

	ck_assert_ptr_null(hooks_new(program, 20, NULL, &error));
	ck_assert_str_eq(error.file, program);
	ck_assert_str_eq(error.message, message);
}

START_TEST(what_cannot_be_run_is_refused_at_the_start)
{
	int fd = open("data", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(setenv("PATH", "/nowhere:sub", 1), 0);
	expect_refused("./absent", "--exec cannot run it: No such file or directory");
	expect_refused("./data", "--exec cannot run it: Permission denied");
	expect_refused("./", "--exec cannot run it: it is no file");
	expect_refused("data", "--exec cannot run it: it is not in PATH");
	expect_refused("", "--exec cannot run it: it is not in PATH");
}
END_TEST

START_TEST(a_name_is_looked_for_in_path_and_is_nothing_but_a_name)
{
	static const char *const paths[] = { "/nowhere:sub", "sub:", ":sub" };
	struct fl_account account = gateway_account();
	struct fl_event event = { .kind = FL_EVENT_FOUND, .at = AT(0), .account = &account };
	struct hooks *hooks;

	mkdir("sub", 0755);
	mkdir("a;touch b", 0755); /* is no program, and passed over */
	script("sub/a;touch b", "#!/bin/sh\n/bin/cat > got\necho >> done\n");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		ck_assert_int_eq(setenv("PATH", paths[i], 1), 0);
		hooks = new_hooks("a;touch b");
		hooks_take(hooks, &event);
		wait_for("done", i + 1);
		hooks_free(hooks);
	}
	ck_assert_int_ne(access("b", F_OK), 0);
}
END_TEST

/* The event's line, as it is written to the output. */
START_TEST(only_critical_news_are_handed_over)
{
	struct fl_account account = gateway_account(), healthy = gateway_account();
	struct fl_event event = { .kind = FL_EVENT_FOUND, .at = AT(0), .account = &healthy };
	struct fl_incident incident = { "host-down", "10.1.0.9", NULL, 0, AT(0), "It is down." };
	struct fl_text wanted;
	struct hooks *hooks;

	script("hook", "#!/bin/sh\ncat >> got\n");
	hooks = new_hooks("./hook");
	healthy.verdict.severity = FL_WARNING;
	hooks_take(NULL, &event);
	hooks_take(hooks, &event);
	event.account = &account;
	event.kind = FL_EVENT_STATE;
	hooks_take(hooks, &event);
	event.kind = FL_EVENT_RECOVERED;
	hooks_take(hooks, &event);
	hooks_take(hooks, &(struct fl_event){ .kind = FL_EVENT_INCIDENT, .at = AT(0), .incident = &incident });
	event.kind = FL_EVENT_CHANGED;
	event.before = "app-silent";
	hooks_take(hooks, &event);
	fl_text_init(&wanted);
	fl_event_json(&wanted, &event);
	wait_for("got", wanted.length);
	nap();
	ck_assert_str_eq(contents("got"), fl_text_get(&wanted));
	ck_assert_uint_eq(hooks_dropped(hooks), 0);
	fl_text_deinit(&wanted);
	hooks_free(hooks);
}
END_TEST

static struct fl_error wait_for_problem(struct hooks *hooks)
{
	struct fl_error problem;

	for (int waited = 0; !hooks_problem(hooks, &problem); waited += 10) {
		ck_assert_msg(waited < patience_ms, "nothing is told");
		nap();
	}
	return problem;
}

/* A process that stands still is a socket that fills. */
START_TEST(the_capture_never_waits)
{
	struct fl_account account = gateway_account();
	struct fl_event event = { .kind = FL_EVENT_FOUND, .at = AT(0), .account = &account };
	struct hooks *hooks;
	uint64_t dropped;

	script("hook", "#!/bin/sh\nread line\nkill -STOP $PPID\necho >> stopped\nexit 4\n");
	hooks = new_hooks("./hook");
	hooks_take(hooks, &event);
	wait_for("stopped", 1);
	while (hooks_dropped(hooks) < 1000)
		hooks_take(hooks, &event);
	dropped = hooks_dropped(hooks);
	script("hook", "#!/bin/sh\necho $PPID > parent\nexit 5\n");
	ck_assert_int_eq(system("pkill -CONT -P $PPID -x flatline-hooks"), 0);
	ck_assert_str_eq(wait_for_problem(hooks).message, "exited with 4");
	ck_assert_str_eq(wait_for_problem(hooks).message, "exited with 5");
	for (int waited = 0; hooks_dropped(hooks) == dropped; waited += 10) {
		struct fl_error problem;

		ck_assert_msg(waited < patience_ms, "what the other side dropped is not told");
		hooks_problem(hooks, &problem);
		nap();
	}
	wait_for("parent", 2);
	kill((pid_t)strtol(contents("parent"), NULL, 10), SIGKILL);
	for (;;) {
		struct fl_error problem = wait_for_problem(hooks);

		if (strcmp(problem.message, "is not run any more: the process that did so is gone") == 0)
			break;
		ck_assert_str_eq(problem.message, "exited with 5");
	}
	dropped = hooks_dropped(hooks);
	hooks_take(hooks, &event);
	ck_assert_uint_eq(hooks_dropped(hooks), dropped); /* that was told once */
	ck_assert(!hooks_problem(hooks, &(struct fl_error){ .message = "" }));
	hooks_free(hooks);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = { an_event_is_the_programs_input_to_its_last_byte,
		                       one_that_does_not_read_is_no_problem,
		                       a_program_finds_no_signal_ignored_or_blocked,
		                       a_program_has_a_session_and_no_other_descriptors,
		                       how_it_ended_is_told,
		                       its_time_is_that_of_its_group,
		                       a_daemon_that_it_leaves_behind_is_not_waited_for,
		                       what_finds_no_room_is_counted,
		                       what_runs_outlives_the_capture_and_its_signals,
		                       what_was_handed_over_is_run_although_replies_were_not_read,
		                       without_a_capture_it_stays_no_longer_than_its_time,
		                       output_that_nobody_reads_holds_up_its_program_alone,
		                       what_cannot_be_run_is_refused_at_the_start,
		                       a_name_is_looked_for_in_path_and_is_nothing_but_a_name,
		                       only_critical_news_are_handed_over,
		                       the_capture_never_waits };
	Suite *suite;
	TCase *tcase;

	if (argc == 1 && strcmp(argv[0], "./print-signals") == 0)
		return print_signals();
	suite = suite_create("hooks");
	tcase = tcase_create("hooks");
	tcase_set_timeout(tcase, UNIT_TIMEOUT);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
