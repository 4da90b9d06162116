/* A live run reads what strangers send, so it keeps no right that it does not need: once the interfaces are open it
 * becomes an ordinary user, no capability is left, and none can be got again. What the kernel was asked for is looked
 * up afterwards: a container in which less was done than asked for must not go unnoticed. */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LIBCAPNG
#include <cap-ng.h>
#endif

/* LeakSanitizer looks at its own process at the end, which one that is not dumpable refuses. */
#ifdef FL_SANITIZERS
enum { dumpable = 1 };
#else
enum { dumpable = 0 };
#endif

struct sets {
	uint64_t effective, permitted, inheritable;
};

static void take_user(struct privileges *privileges, const struct passwd *entry)
{
	privileges->uid = entry->pw_uid;
	privileges->gid = entry->pw_gid;
	snprintf(privileges->user, sizeof(privileges->user), "%s", entry->pw_name);
}

/* A number of a user or group other than root's in the environment; false when there is none. */
static bool read_id(const char *name, id_t *ret_id)
{
	const char *text = secure_getenv(name);
	char *end;
	unsigned long value;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*end || errno || value == 0 || value >= (id_t)-1)
		return false;
	*ret_id = (id_t)value;
	return true;
}

/* Who called sudo. */
static bool take_caller(struct privileges *privileges)
{
	const struct passwd *entry;

	if (!read_id("SUDO_UID", &privileges->uid))
		return false;
	entry = getpwuid(privileges->uid);
	if (entry)
		take_user(privileges, entry);
	else
		snprintf(privileges->user, sizeof(privileges->user), "%lu", (unsigned long)privileges->uid);
	return entry || read_id("SUDO_GID", &privileges->gid);
}

static bool choose_as_root(struct privileges *privileges, const char *user, struct fl_error *reterr)
{
	const struct passwd *entry;

	if (!user && take_caller(privileges)) {
		privileges->changes_user = true;
		return true;
	}
	entry = getpwnam(user ? user : "nobody");
	if (!entry && user) {
		fl_error_set(reterr, NULL, 0, "--user: there is no user \"%s\"", user);
		return false;
	}
	if (!entry || (!user && entry->pw_uid == 0)) {
		fl_error_set(reterr, NULL, 0, "started as root, and there is no user \"nobody\": name one with --user");
		return false;
	}
	take_user(privileges, entry);
	privileges->changes_user = entry->pw_uid != 0;
	return true;
}

/* Who is not root can be nobody else. */
static bool choose_as_user(struct privileges *privileges, const char *user, struct fl_error *reterr)
{
	const struct passwd *entry = user ? getpwnam(user) : getpwuid(geteuid());

	if (entry)
		take_user(privileges, entry);
	else
		snprintf(privileges->user, sizeof(privileges->user), "%lu", (unsigned long)geteuid());
	if (!user || (entry && entry->pw_uid == geteuid()))
		return true;
	if (!entry)
		fl_error_set(reterr, NULL, 0, "--user: there is no user \"%s\"", user);
	else
		fl_error_set(reterr, NULL, 0, "--user: only root can go on as %s", user);
	return false;
}

bool privileges_choose(struct privileges *ret_privileges, const char *user, bool keeps_net_raw, struct fl_error *reterr)
{
	*ret_privileges = (struct privileges){ .keeps_net_raw = keeps_net_raw };
	if (geteuid() != getuid()) {
		/* Options and environment would be those of a stranger. */
		fl_error_set(reterr, NULL, 0, "not made to be set-user-ID: give it cap_net_raw with setcap(8)");
		return false;
	}
	return geteuid() == 0 ? choose_as_root(ret_privileges, user, reterr)
	                      : choose_as_user(ret_privileges, user, reterr);
}

/* Takes the answer apart, in which each set is two words. */
static bool read_sets(struct sets *ret_sets)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, words) != 0)
		return false;
	*ret_sets = (struct sets){ .effective = words[0].effective | (uint64_t)words[1].effective << 32,
		                   .permitted = words[0].permitted | (uint64_t)words[1].permitted << 32,
		                   .inheritable = words[0].inheritable | (uint64_t)words[1].inheritable << 32 };
	return true;
}

/* Whether the bounding set can be changed: not by one that was only given CAP_NET_RAW. */
static bool may_change_bounds(void)
{
	struct sets sets;

	return read_sets(&sets) && (sets.effective & (uint64_t)1 << CAP_SETPCAP);
}

#ifdef HAVE_LIBCAPNG
static bool become(const struct privileges *privileges, bool clears_bounds)
{
	int flags = CAPNG_CLEAR_AMBIENT, uid = -1, gid = -1;

	capng_clear(CAPNG_SELECT_ALL);
	if (privileges->keeps_net_raw && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW) != 0)
		return false;
	if (clears_bounds)
		flags |= CAPNG_CLEAR_BOUNDING;
	if (privileges->changes_user) {
		flags |= CAPNG_DROP_SUPP_GRP;
		uid = (int)privileges->uid;
		gid = (int)privileges->gid;
	}
	return capng_change_id(uid, gid, (capng_flags_t)flags) == 0;
}
#else
static bool write_sets(const struct privileges *privileges)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (privileges->keeps_net_raw)
		words[0].effective = words[0].permitted = 1u << CAP_NET_RAW;
	return syscall(SYS_capset, &header, words) == 0;
}

static bool become(const struct privileges *privileges, bool clears_bounds)
{
	for (unsigned long i = 0; clears_bounds && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0)
			return false;
	}
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* a kernel before 4.3 has none */
	if (privileges->changes_user && (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setgroups(0, NULL) != 0 ||
	                                 setresgid(privileges->gid, privileges->gid, privileges->gid) != 0 ||
	                                 setresuid(privileges->uid, privileges->uid, privileges->uid) != 0 ||
	                                 prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0))
		return false;
	return write_sets(privileges);
}
#endif

/* What of the user that it was is left; NULL when nothing is. */
static const char *remains_of_user(const struct privileges *privileges)
{
	uid_t uid = privileges->uid, real_uid, effective_uid, saved_uid;
	gid_t gid = privileges->gid, real_gid, effective_gid, saved_gid;

	if (!privileges->changes_user)
		return NULL;
	if (getresuid(&real_uid, &effective_uid, &saved_uid) != 0 || real_uid != uid || effective_uid != uid ||
	    saved_uid != uid)
		return "the user";
	if (getresgid(&real_gid, &effective_gid, &saved_gid) != 0 || real_gid != gid || effective_gid != gid ||
	    saved_gid != gid)
		return "the group";
	return getgroups(0, NULL) == 0 ? NULL : "supplementary groups";
}

static const char *remains_of_capabilities(const struct privileges *privileges, bool clears_bounds)
{
	uint64_t kept = privileges->keeps_net_raw ? (uint64_t)1 << CAP_NET_RAW : 0;
	struct sets sets;

	if (!read_sets(&sets) || sets.effective != kept || sets.permitted != kept || sets.inheritable != 0)
		return "capabilities";
	for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
		if (clears_bounds && prctl(PR_CAPBSET_READ, i, 0, 0, 0) != 0)
			return "the bounding set of capabilities";
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) > 0)
			return "ambient capabilities";
	}
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return "a way to new privileges";
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == dumpable ? NULL : "the right of others to look into its memory";
}

bool privileges_drop(const struct privileges *privileges, struct fl_error *reterr)
{
	bool clears_bounds = may_change_bounds();
	const char *remains;

	/* Not dumpable: a core, or a debugger of that user's, would show what was captured. */
	if (!become(privileges, clears_bounds) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0) != 0) {
		fl_error_set(reterr, NULL, 0, "cannot go on as user %s without privileges: %s (see --user)",
		             privileges->user, strerror(errno));
		return false;
	}
	remains = remains_of_user(privileges);
	if (!remains)
		remains = remains_of_capabilities(privileges, clears_bounds);
	if (remains)
		fl_error_set(reterr, NULL, 0, "privileges were not given up: the kernel kept %s", remains);
	return !remains;
}

bool privileges_leave(const struct privileges *privileges)
{
	struct privileges others = *privileges;

	bool clears_bounds = others.uid == 0 && may_change_bounds(); /* else root gets all back with its next program */

	others.keeps_net_raw = false;
	return become(&others, clears_bounds) && !remains_of_user(&others);
}
