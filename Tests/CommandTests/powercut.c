// Records what a process does to the files below one folder, so that a power cut can be acted out afterwards.
//
//   POWERCUT_UNDER=folder   which files; its name ends without a slash
//   POWERCUT_LOG=file       a record for each call, in the order in which they were made
//   POWERCUT_AT=n           SIGKILL after the nth record, counted from 1
//
// A record is a struct record, then its two names, then its bytes. Memory that is mapped is not seen: SQLite maps its
// `-shm` alone, which no power cut leaves behind.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct record {
  int64_t call;   // its letter: Write, Truncate, Sync, Create, Link, Rename, Unlink
  int64_t file;   // the inode; of names that of the folder's sync: 0
  int64_t offset; // of a write; of a truncation the length
  int64_t bytes, name_bytes, other_bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long at, made;
static int out = -1;
static const char *under;

__attribute__((constructor)) static void begin(void) {
  under = getenv("POWERCUT_UNDER");
  at = getenv("POWERCUT_AT") ? atol(getenv("POWERCUT_AT")) : 0;
  if (!under || !getenv("POWERCUT_LOG")) return;
  int file = (int)syscall(SYS_openat, AT_FDCWD, getenv("POWERCUT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  // Out of the way of those that the program counts.
  out = (int)syscall(SYS_fcntl, file, F_DUPFD_CLOEXEC, 200);
  syscall(SYS_close, file);
}

static void *next(void **place, const char *name) {
  if (!*place) *place = dlsym(RTLD_NEXT, name);
  return *place;
}

static int is_under(const char *path) {
  size_t length = under ? strlen(under) : 0;
  return length && !strncmp(path, under, length) && (path[length] == '/' || !path[length]);
}

static const char *path_of(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, 4095);
  path[count < 0 ? 0 : count] = 0;
  return path;
}

static int64_t inode_of(int descriptor) {
  struct stat facts;
  return fstat(descriptor, &facts) ? 0 : (int64_t)facts.st_ino;
}

static int64_t inode_at(const char *path) {
  struct stat facts;
  return stat(path, &facts) ? 0 : (int64_t)facts.st_ino;
}

static void put(const void *bytes, size_t count) {
  for (const char *rest = bytes; count;) {
    long done = syscall(SYS_write, out, rest, count);
    if (done <= 0) abort();
    rest += done, count -= (size_t)done;
  }
}

// Called with the lock held, after the call has succeeded.
static void note(char call, int64_t file, int64_t offset, const char *name, const char *other, const void *bytes, size_t count) {
  if (out < 0) return;
  struct record record = {call, file, offset, (int64_t)count, name ? (int64_t)strlen(name) : 0, other ? (int64_t)strlen(other) : 0};
  put(&record, sizeof record);
  if (name) put(name, strlen(name));
  if (other) put(other, strlen(other));
  put(bytes, count);
  if (++made == at) kill(getpid(), SIGKILL);
}

#define WRAP(type, name, parameters, arguments, file, is_seen, did)   \
  type name parameters {                                              \
    static void *place;                                               \
    type(*real) parameters = (type(*) parameters)next(&place, #name); \
    char path[4096];                                                  \
    (void)path;                                                       \
    if (!is_under(file)) return real arguments;                       \
    pthread_mutex_lock(&lock);                                        \
    type result = real arguments;                                     \
    int kept = errno;                                                 \
    if (is_seen) did;                                                 \
    pthread_mutex_unlock(&lock);                                      \
    errno = kept;                                                     \
    return result;                                                    \
  }

#define WRAP_PWRITE(name, offset_t)                                                                           \
  WRAP(ssize_t, name, (int f, const void *b, size_t n, offset_t o), (f, b, n, o), path_of(f, path), result > 0, \
       note('W', inode_of(f), o, NULL, NULL, b, (size_t)result))
#define WRAP_TRUNCATE(name, offset_t)                                                       \
  WRAP(int, name, (int f, offset_t n), (f, n), path_of(f, path), !result, \
       note('T', inode_of(f), n, NULL, NULL, NULL, 0))
#define WRAP_SYNC(name) \
  WRAP(int, name, (int f), (f), path_of(f, path), !result, note('S', inode_of(f), 0, path, NULL, NULL, 0))

// Its place is known afterwards, also where the file is appended to.
WRAP(ssize_t, write, (int f, const void *b, size_t n), (f, b, n), path_of(f, path), result > 0,
     note('W', inode_of(f), lseek(f, 0, SEEK_CUR) - result, NULL, NULL, b, (size_t)result))
WRAP_PWRITE(pwrite, off_t)
WRAP_PWRITE(pwrite64, off64_t)
WRAP_TRUNCATE(ftruncate, off_t)
WRAP_TRUNCATE(ftruncate64, off64_t)
WRAP_SYNC(fsync)
WRAP_SYNC(fdatasync)
WRAP(int, unlink, (const char *p), (p), p, !result, note('U', 0, 0, p, NULL, NULL, 0))
WRAP(int, rename, (const char *p, const char *q), (p, q), q, !result, note('R', inode_at(q), 0, p, q, NULL, 0))
WRAP(int, link, (const char *p, const char *q), (p, q), q, !result, note('L', inode_at(q), 0, p, q, NULL, 0))

#define WRAP_OPEN(name)                                                       \
  int name(const char *p, int flags, ...) {                                   \
    static void *place;                                                       \
    int (*real)(const char *, int, ...) = next(&place, #name);                \
    mode_t mode = 0;                                                          \
    if (flags & (O_CREAT | O_TMPFILE)) {                                      \
      va_list list;                                                           \
      va_start(list, flags);                                                  \
      mode = va_arg(list, mode_t);                                            \
      va_end(list);                                                           \
    }                                                                         \
    if (!is_under(p)) return real(p, flags, mode);                            \
    pthread_mutex_lock(&lock);                                                \
    int makes = flags & O_CREAT && syscall(SYS_access, p, F_OK) != 0;         \
    int result = real(p, flags, mode);                                        \
    int kept = errno;                                                         \
    if (result >= 0 && makes) note('C', inode_of(result), 0, p, NULL, NULL, 0); \
    if (result >= 0 && !makes && flags & O_TRUNC) note('T', inode_of(result), 0, NULL, NULL, NULL, 0); \
    pthread_mutex_unlock(&lock);                                              \
    errno = kept;                                                             \
    return result;                                                            \
  }
WRAP_OPEN(open)
WRAP_OPEN(open64)
