/* Packets are made by strangers: should one of them ever take over the process, there is little that it can do. The
 * kernel (seccomp) lets it read what it captures, write what it writes, and get memory, and ends it at any other call:
 * no program is run, no connection made, no memory made executable. Calls are named as libseccomp names them, those of
 * all architectures and C libraries in one list: what this one lacks is passed over. */
#include "sandbox.h"

#if defined(HAVE_SECCOMP) && !defined(FL_SANITIZERS)

#include <errno.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The C library's own needs are in here: what malloc, stdio, qsort, a new thread's first steps and abort() call. */
static const char *const always[] = {
	"brk",
	"munmap",
	"mremap",
	"madvise",
	/* time */
	"clock_gettime",
	"clock_gettime64",
	"clock_getres",
	"clock_getres_time64",
	"gettimeofday",
	"time",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"nanosleep",
	"alarm",
	"setitimer",
	/* waiting */
	"poll",
	"ppoll",
	"ppoll_time64",
	"futex",
	"futex_time64",
	"restart_syscall",
	/* signals, threads and the end */
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigreturn",
	"getpid",
	"gettid",
	"set_robust_list",
	"rseq",
	"sched_yield",
	"sched_getaffinity",
	"exit",
	"exit_group",
	/* files: a rotation opens one by its name */
	"read",
	"readv",
	"pread64",
	"write",
	"writev",
	"pwrite64",
	"close",
	"lseek",
	"_llseek",
	"open",
	"openat",
	"fstat",
	"fstat64",
	"newfstatat",
	"fstatat64",
	"stat",
	"stat64",
	"statx",
	"fcntl",
	"fcntl64",
	/* what the kernel knows */
	"getrandom",
	"uname",
	"sysinfo",
	"getrlimit",
	"ugetrlimit",
	/* the interfaces that are open; setsockopt() takes the ring apart when one vanished */
	"recv",
	"recvfrom",
	"recvmsg",
	"getsockname",
	"getsockopt",
	"setsockopt",
};

static const char *const of_devices[] = {
	"bind",   "send",      "sendto",     "sendmsg",  "sendmmsg",   "recvmmsg",   "eventfd",  "eventfd2",
	"access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64", "getdents",
};

static const char *const of_http[] = {
	"accept",    "accept4",    "getpeername", "shutdown",     "send",     "sendto",          "sendmsg",
	"sendfile",  "sendfile64", "select",      "_newselect",   "pselect6", "pselect6_time64", "epoll_create1",
	"epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2",
};

static const char *const of_files[] = {
	"fchmod",          "fchmodat",  "fsync",      "fdatasync", "ftruncate",  "ftruncate64", "fallocate",
	"sync_file_range", "rename",    "renameat",   "renameat2", "link",       "linkat",      "unlink",
	"unlinkat",        "mkdir",     "mkdirat",    "getdents",  "getdents64", "flock",       "umask",
	"access",          "faccessat", "faccessat2", "readlink",  "readlinkat", "getcwd",      "lstat",
	"lstat64",         "statfs",    "statfs64",   "fstatfs",   "fstatfs64",
};

/* A terminal is asked for what it is, an interface whether it is up. */
static const unsigned long requests[] = { TCGETS, TIOCGWINSZ, FIONREAD, SIOCGIFFLAGS, SIOCGIFINDEX, SIOCGIFNAME };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* 0, or a negative error number; `n` conditions, all of which must hold. */
static int allow(scmp_filter_ctx filter, const char *name, unsigned n, const struct scmp_arg_cmp *conditions)
{
	int number = seccomp_syscall_resolve_name(name);
	int problem = number == __NR_SCMP_ERROR ? 0 /* younger than the library */
	                                        : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, n, conditions);

	return problem == -EDOM ? 0 : problem; /* not on this architecture */
}

static int allow_all(scmp_filter_ctx filter, const char *const names[], size_t count)
{
	int problem = 0;

	for (size_t i = 0; i < count && !problem; i++)
		problem = allow(filter, names[i], 0, NULL);
	return problem;
}

/* Those bits of an argument have that value, whatever a C library leaves in the upper half of an int. */
static int allow_bits(scmp_filter_ctx filter, const char *name, unsigned argument, uint64_t mask, uint64_t value)
{
	struct scmp_arg_cmp condition = { argument, SCMP_CMP_MASKED_EQ, mask, value };

	return allow(filter, name, 1, &condition);
}

static int allow_memory(scmp_filter_ctx filter)
{
	static const char *const names[] = { "mmap", "mmap2", "mprotect" };
	int problem = 0;

	for (size_t i = 0; i < LENGTH(names) && !problem; i++)
		problem = allow_bits(filter, names[i], 2, PROT_EXEC, 0);
	return problem;
}

/* TCGETS2, which younger C libraries ask a terminal with; its size is part of it, and each architecture's own. */
static int allow_tcgets2(scmp_filter_ctx filter)
{
	return allow_bits(filter, "ioctl", 1, 0xffff, 0x542a);
}

static int allow_requests(scmp_filter_ctx filter, bool reopens_devices)
{
	int problem = allow_tcgets2(filter);

	for (size_t i = 0; i < LENGTH(requests) && !problem; i++)
		problem = allow_bits(filter, "ioctl", 1, 0xffffffff, requests[i]);
	/* SIOC..., of which those that change something need a right that is gone */
	if (!problem && reopens_devices)
		problem = allow_bits(filter, "ioctl", 1, 0xffffff00, 0x8900);
	return problem;
}

/* Of sockets, one that asks for an interface's flags, and those that libpcap opens. Where all calls of sockets are one
 * (socketcall) the kernel cannot look at the arguments, and the rules are as wide as that. */
static int allow_sockets(scmp_filter_ctx filter, bool reopens_devices)
{
	static const int families[] = { AF_INET, AF_INET6, AF_PACKET, AF_NETLINK, AF_UNIX };
	const struct scmp_arg_cmp datagrams[] = { { 0, SCMP_CMP_EQ, AF_INET, 0 },
		                                  { 1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_DGRAM } };
	int problem = allow(filter, "socket", LENGTH(datagrams), datagrams);

	for (size_t i = 0; reopens_devices && i < LENGTH(families) && !problem; i++)
		problem = allow_bits(filter, "socket", 0, 0xffffffff, (uint64_t)families[i]);
	return problem;
}

/* Signals to itself (abort), limits that are read and not set, and names: for memory (glibc.mem.decorate_maps), and the
 * one that a thread gives itself when it begins, which may be after the filter. */
static int allow_rest(scmp_filter_ctx filter)
{
	const uint64_t set_vma = 0x53564d41; /* PR_SET_VMA, since Linux 5.17 */
	int problem = allow_bits(filter, "tgkill", 0, 0xffffffff, (uint64_t)getpid());

	if (!problem)
		problem = allow_bits(filter, "prlimit64", 2, UINT64_MAX, 0);
	if (!problem)
		problem = allow_bits(filter, "prctl", 0, 0xffffffff, PR_SET_NAME);
	return problem ? problem : allow_bits(filter, "prctl", 0, 0xffffffff, set_vma);
}

static int fill(scmp_filter_ctx filter, const struct sandbox_settings *settings)
{
	int problem = allow_all(filter, always, LENGTH(always));

	if (!problem && settings->reopens_devices)
		problem = allow_all(filter, of_devices, LENGTH(of_devices));
	if (!problem && settings->serves_http)
		problem = allow_all(filter, of_http, LENGTH(of_http));
	if (!problem && settings->writes_files)
		problem = allow_all(filter, of_files, LENGTH(of_files));
	if (!problem)
		problem = allow_memory(filter);
	if (!problem)
		problem = allow_requests(filter, settings->reopens_devices);
	if (!problem)
		problem = allow_sockets(filter, settings->reopens_devices);
	return problem ? problem : allow_rest(filter);
}

/* Calls of another ABI (32 bits, x32) end the process, too. All threads get the filter, or none does. */
static int load(scmp_filter_ctx filter)
{
	int problem = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (!problem)
		problem = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1);
	if (!problem)
		problem = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!problem)
		problem = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	return problem ? problem : seccomp_load(filter);
}

static bool kernel_has_seccomp(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 || errno != EINVAL;
}

bool sandbox_enter(const struct sandbox_settings *settings, struct fl_error *reterr)
{
	scmp_filter_ctx filter;
	int problem;

	if (!kernel_has_seccomp()) {
		fprintf(stderr, "flatline: this kernel has no seccomp: system calls are not restricted\n");
		return true;
	}
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	problem = filter ? fill(filter, settings) : -ENOMEM;
	if (!problem)
		problem = load(filter);
	seccomp_release(filter);
	if (problem)
		fl_error_set(reterr, NULL, 0, "system calls cannot be restricted: %s (--no-sandbox goes on without)",
		             strerror(-problem));
	return problem == 0;
}

const char *sandbox_state(void)
{
	return "yes";
}

#else

bool sandbox_enter(const struct sandbox_settings *settings, struct fl_error *reterr)
{
	(void)settings;
	(void)reterr;
	return true;
}

const char *sandbox_state(void)
{
#ifdef FL_SANITIZERS
	return "no (sanitizers)";
#else
	return "no";
#endif
}

#endif
