// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "core/format.h"
#include "lib/error.h"
#include "lib/file.h"
#include "sources/module_errors.h"

bool module_is_loaded(void)
{
	char path[PATH_MAX];

	return file_path(path, "/proc/" VMTRACE_DIR) == 0 && access(path, F_OK) == 0;
}

int module_not_loaded(struct error *error)
{
	char path[PATH_MAX];

	file_path(path, "/proc/" VMTRACE_DIR);
	return error_set(error, -ENODEV,
			 "%s: not found: is the module loaded? try: sudo insmod vmtrace.ko", path);
}

int module_mismatch(struct error *error, int err, const char *path, const char *what)
{
	return error_set(error, err,
			 "%s: %s: do the versions of tool and module match? see 'vmtrace version'",
			 path, what);
}

int module_explain_proc(struct error *error, int err, const char *file)
{
	char path[PATH_MAX];
	bool of_all = strcmp(file, VMTRACE_SUMMARY) == 0 || strcmp(file, VMTRACE_TOTAL) == 0;

	file_path(path, "/proc/" VMTRACE_DIR "/%s", file);
	if (err == -EACCES && !of_all)
		return error_set(
			error, err,
			"%s: not permitted: pid %s belongs to another user or is not dumpable: "
			"run as that user or with CAP_PERFMON",
			path, file);
	if (err == -EACCES)
		return error_set(error, err,
				 "%s: not permitted: it has the faults of all users: try as root",
				 path);
	if (err != -ENOENT && err != -ESRCH)
		return error_set(error, err,
				 "%s: %s: is vmtrace loaded and intact? see 'sudo dmesg'", path,
				 strerror(-err));
	if (!module_is_loaded())
		return module_not_loaded(error);
	if (of_all)
		return module_mismatch(error, -ENOENT, path, "not found");
	return error_set(
		error, -ENOENT,
		"%s: not found: no such process, or it is not tracked because it took no fault "
		"since the module was loaded: check with 'ps -p %s'",
		path, file);
}
