# FL_COMPILER_FLAGS(FLAGS): adds to FL_CFLAGS those of FLAGS that the compiler takes without a word. -Werror makes clang
# refuse warnings that it does not know.
AC_DEFUN([FL_COMPILER_FLAGS], [
	for fl_flag in $1; do
		AC_MSG_CHECKING([whether $CC takes $fl_flag])
		fl_saved_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS $FL_CFLAGS $fl_flag -Werror"
		AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
			[AC_MSG_RESULT([yes]); FL_CFLAGS="$FL_CFLAGS $fl_flag"], [AC_MSG_RESULT([no])])
		CFLAGS=$fl_saved_CFLAGS
	done
])

# FL_LINKER_FLAGS(FLAGS): the same for FL_LDFLAGS, by linking.
AC_DEFUN([FL_LINKER_FLAGS], [
	for fl_flag in $1; do
		AC_MSG_CHECKING([whether the linker takes $fl_flag])
		fl_saved_CFLAGS=$CFLAGS
		fl_saved_LDFLAGS=$LDFLAGS
		CFLAGS="$CFLAGS $FL_CFLAGS -Werror"
		LDFLAGS="$LDFLAGS $FL_LDFLAGS $fl_flag"
		AC_LINK_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
			[AC_MSG_RESULT([yes]); FL_LDFLAGS="$FL_LDFLAGS $fl_flag"], [AC_MSG_RESULT([no])])
		CFLAGS=$fl_saved_CFLAGS
		LDFLAGS=$fl_saved_LDFLAGS
	done
])

# FL_NEED_FLAGS(FLAGS, MESSAGE): FLAGS for compiler and linker; configure ends with MESSAGE where they do not work.
AC_DEFUN([FL_NEED_FLAGS], [
	AC_MSG_CHECKING([whether $CC works with $1])
	fl_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS $FL_CFLAGS $1"
	AC_LINK_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
		[AC_MSG_RESULT([yes]); FL_CFLAGS="$FL_CFLAGS $1"; FL_LDFLAGS="$FL_LDFLAGS $1"],
		[AC_MSG_RESULT([no]); AC_MSG_ERROR([$2])])
	CFLAGS=$fl_saved_CFLAGS
])

# FL_OPTIONAL(NAME, WORD, MODULE, WHAT IT DOES): --with-WORD=yes|no|auto; HAVE_NAME in config.h and $have_WORD.
AC_DEFUN([FL_OPTIONAL], [
	have_$2=no
	AS_IF([test "$with_$2" != no], [
		PKG_CHECK_MODULES([$1], [$3], [have_$2=yes], [
			AS_IF([test "$with_$2" = yes], [AC_MSG_ERROR([--with-$2: $3 was not found])])
		])
	])
	AS_IF([test "$have_$2" = yes], [AC_DEFINE([HAVE_$1], [1], [Define to 1 when $3 is there: $4.])])
])

# FL_PYTHON: a python3 for the tests in $PYTHON, one that has jsonschema where there are several.
AC_DEFUN([FL_PYTHON], [
	AC_ARG_VAR([PYTHON], [python3 for the tests])
	AC_MSG_CHECKING([for python3])
	for fl_python in "$PYTHON" python3 /usr/bin/python3; do
		AS_IF([test "$fl_python" && $fl_python -c 'import jsonschema' 2>/dev/null], [PYTHON=$fl_python; break])
		AS_IF([test -z "$PYTHON" && $fl_python -c 'import json' 2>/dev/null], [PYTHON=$fl_python])
	done
	AC_MSG_RESULT([${PYTHON:-no}])
	AM_CONDITIONAL([HAVE_PYTHON], [test "$PYTHON"])
])

# FL_SYSTEMD_UNITS: where units go, in $systemdsystemunitdir: where systemd looks for those of packages, when we are
# installed as one; else below --prefix, of which systemd knows /usr/local, too. --without-systemdsystemunitdir: nowhere.
AC_DEFUN([FL_SYSTEMD_UNITS], [
	AC_ARG_WITH([systemdsystemunitdir],
		[AS_HELP_STRING([--with-systemdsystemunitdir=DIR], [install the unit for systemd there])],
		[], [with_systemdsystemunitdir=auto])
	systemdsystemunitdir=
	AS_CASE([$with_systemdsystemunitdir],
		[no], [],
		[auto | yes], [
			AS_IF([test "$prefix" = /usr], [PKG_CHECK_VAR([FL_SYSTEMD], [systemd], [systemdsystemunitdir])])
			systemdsystemunitdir=${FL_SYSTEMD:-'${prefix}/lib/systemd/system'}
		],
		[systemdsystemunitdir=$with_systemdsystemunitdir])
	AC_SUBST([systemdsystemunitdir])
	AM_CONDITIONAL([SYSTEMD_UNITS], [test "$systemdsystemunitdir"])
])
