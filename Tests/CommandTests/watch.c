// Watches what a process does to the files below one folder: notes it, ends the process there, or lets it fail.
//
//   WATCH_UNDER=folder             which files; its name ends without a slash
//   WATCH_LOG=file                 a line for each call: its name and the path; of link and rename both paths
//   WATCH_KILL=n                   SIGKILL at the nth such call that changes something, counted from 1
//   WATCH_LATE                     set: after the call instead of before it
//   WATCH_FAIL=call:ending:errno:n from the nth such call on a path of that ending it fails, and those after it
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls, fits;
static long kill_at, fail_from;
static int late, out = -1, fail_with;
static const char *under;
static char fail_call[32], fail_ending[128];

__attribute__((constructor)) static void begin(void) {
  under = getenv("WATCH_UNDER");
  late = getenv("WATCH_LATE") != NULL;
  if (getenv("WATCH_KILL")) kill_at = atol(getenv("WATCH_KILL"));
  if (getenv("WATCH_LOG")) out = (int)syscall(SYS_openat, AT_FDCWD, getenv("WATCH_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out >= 0) out = (int)syscall(SYS_fcntl, out, F_DUPFD_CLOEXEC, 200);
  if (getenv("WATCH_FAIL")) sscanf(getenv("WATCH_FAIL"), "%31[^:]:%127[^:]:%d:%ld", fail_call, fail_ending, &fail_with, &fail_from);
}

static void *next(void **place, const char *name) {
  if (!*place) *place = dlsym(RTLD_NEXT, name);
  return *place;
}

static const char *path_of(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, 4095);
  path[count < 0 ? 0 : count] = 0;
  return path;
}

static int ends(const char *path, const char *ending) {
  size_t all = strlen(path), part = strlen(ending);
  return all >= part && !strcmp(path + all - part, ending);
}

// Whether the call is to fail; notes it, and ends the process before it.
static int enter(const char *name, const char *path, const char *other, int changes, long *mine) {
  *mine = 0;
  if (!under || strncmp(path, under, strlen(under))) return 0;
  if (!strncmp(name, fail_call, sizeof fail_call) && ends(path, fail_ending) && atomic_fetch_add(&fits, 1) + 1 >= fail_from) return errno = fail_with, 1;
  if (out >= 0) {
    char line[9000];
    int count = snprintf(line, sizeof line, "%s %s %s\n", name, path, other ? other : "");
    syscall(SYS_write, out, line, count);
  }
  if (!changes) return 0;
  *mine = atomic_fetch_add(&calls, 1) + 1;
  if (*mine == kill_at && !late) kill(getpid(), SIGKILL);
  return 0;
}
static void leave(long mine) {
  if (mine && mine == kill_at && late) kill(getpid(), SIGKILL);
}

#define WRAP(type, name, label, parameters, arguments, file, other, changes) \
  type name parameters {                                                     \
    static void *place;                                                      \
    type(*real) parameters = (type(*) parameters)next(&place, #name);        \
    char path[4096];                                                         \
    long mine;                                                               \
    (void)path;                                                              \
    if (enter(label, file, other, changes, &mine)) return -1;                \
    type result = real arguments;                                            \
    int kept = errno;                                                        \
    leave(mine);                                                             \
    errno = kept;                                                            \
    return result;                                                           \
  }

WRAP(ssize_t, write, "write", (int f, const void *b, size_t n), (f, b, n), path_of(f, path), NULL, 1)
WRAP(ssize_t, pwrite, "write", (int f, const void *b, size_t n, off_t o), (f, b, n, o), path_of(f, path), NULL, 1)
WRAP(ssize_t, pwrite64, "write", (int f, const void *b, size_t n, off64_t o), (f, b, n, o), path_of(f, path), NULL, 1)
WRAP(ssize_t, pread, "read", (int f, void *b, size_t n, off_t o), (f, b, n, o), path_of(f, path), NULL, 0)
WRAP(ssize_t, pread64, "read", (int f, void *b, size_t n, off64_t o), (f, b, n, o), path_of(f, path), NULL, 0)
WRAP(int, fsync, "sync", (int f), (f), path_of(f, path), NULL, 1)
WRAP(int, fdatasync, "sync", (int f), (f), path_of(f, path), NULL, 1)
WRAP(int, ftruncate, "truncate", (int f, off_t n), (f, n), path_of(f, path), NULL, 1)
WRAP(int, ftruncate64, "truncate", (int f, off64_t n), (f, n), path_of(f, path), NULL, 1)
WRAP(int, unlink, "unlink", (const char *p), (p), p, NULL, 1)
WRAP(int, mkdir, "mkdir", (const char *p, mode_t m), (p, m), p, NULL, 1)
WRAP(int, rename, "rename", (const char *p, const char *q), (p, q), p, q, 1)
WRAP(int, link, "link", (const char *p, const char *q), (p, q), p, q, 1)
WRAP(int, flock, "flock", (int f, int o), (f, o), path_of(f, path), NULL, 1)

#define WRAP_OPEN(name)                                               \
  int name(const char *p, int flags, ...) {                           \
    static void *place;                                               \
    int (*real)(const char *, int, ...) = next(&place, #name);        \
    mode_t mode = 0;                                                  \
    if (flags & (O_CREAT | O_TMPFILE)) {                              \
      va_list list;                                                   \
      va_start(list, flags);                                          \
      mode = va_arg(list, mode_t);                                    \
      va_end(list);                                                   \
    }                                                                 \
    long mine;                                                        \
    int makes = flags & O_CREAT && syscall(SYS_access, p, F_OK) != 0; \
    if (enter(makes ? "create" : "open", p, NULL, makes, &mine)) return -1; \
    int result = real(p, flags, mode);                                \
    int kept = errno;                                                 \
    leave(mine);                                                      \
    errno = kept;                                                     \
    return result;                                                    \
  }
WRAP_OPEN(open)
WRAP_OPEN(open64)

#define WRAP_FCNTL(name)                                              \
  int name(int f, int command, ...) {                                 \
    static void *place;                                               \
    int (*real)(int, int, ...) = next(&place, #name);                 \
    va_list list;                                                     \
    va_start(list, command);                                          \
    void *value = va_arg(list, void *);                               \
    va_end(list);                                                     \
    char path[4096];                                                  \
    long mine;                                                        \
    int unlocks = command == F_SETLK && ((struct flock *)value)->l_type == F_UNLCK; \
    if (command == F_SETLK && enter(unlocks ? "unlock" : "lock", path_of(f, path), NULL, 0, &mine)) return -1; \
    return real(f, command, value);                                   \
  }
WRAP_FCNTL(fcntl)
WRAP_FCNTL(fcntl64)
