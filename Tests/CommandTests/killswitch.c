// Ends the process with SIGKILL at a chosen system call, as a power cut would, between any two effects.
//
//   KILLSWITCH_AT=n   the nth call, counted from 1 over all threads, of those below
//   KILLSWITCH_LATE   set: after the call instead of before it
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long at;
static int late;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("KILLSWITCH_AT");
  at = text ? atol(text) : 0;
  late = getenv("KILLSWITCH_LATE") != NULL;
}

static void *next(void **place, const char *name) {
  if (!*place) *place = dlsym(RTLD_NEXT, name);
  return *place;
}

#define WRAP(type, name, parameters, arguments)                         \
  type name parameters {                                                \
    static void *place;                                                 \
    type(*real) parameters = (type(*) parameters)next(&place, #name);   \
    long call = at ? atomic_fetch_add(&calls, 1) + 1 : 0;               \
    if (at && call == at && !late) kill(getpid(), SIGKILL);             \
    type result = real arguments;                                       \
    if (at && call == at && late) kill(getpid(), SIGKILL);              \
    return result;                                                      \
  }

WRAP(ssize_t, write, (int f, const void *b, size_t n), (f, b, n))
WRAP(ssize_t, writev, (int f, const struct iovec *v, int n), (f, v, n))
WRAP(ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o))
WRAP(ssize_t, pwrite64, (int f, const void *b, size_t n, off64_t o), (f, b, n, o))
WRAP(int, fsync, (int f), (f))
WRAP(int, fdatasync, (int f), (f))
WRAP(int, ftruncate, (int f, off_t n), (f, n))
WRAP(int, ftruncate64, (int f, off64_t n), (f, n))
WRAP(int, unlink, (const char *p), (p))
WRAP(int, rename, (const char *p, const char *q), (p, q))
WRAP(int, link, (const char *p, const char *q), (p, q))
WRAP(int, flock, (int f, int o), (f, o))
WRAP(int, connect, (int f, const struct sockaddr *a, socklen_t n), (f, a, n))
WRAP(ssize_t, send, (int f, const void *b, size_t n, int o), (f, b, n, o))
WRAP(ssize_t, recv, (int f, void *b, size_t n, int o), (f, b, n, o))
