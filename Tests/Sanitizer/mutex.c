// Tells the thread sanitizer of Swift's Mutex where threads wait for it.
//
// Swift's Mutex on Linux is a futex (SE-0433): free, it is taken and given back by atomic operations of
// the caller's own code, which the sanitizer sees; contended, the kernel hands it over within the
// runtime's library, which is not sanitized, and what the mutex guards looks like a race. Preloaded,
// this stands before the two functions of the library that wait and hand over, and says what they do.
//
// Built and preloaded by `make tsan`. The names are those of the runtime's binary interface, Swift 6.0
// and later: Synchronization._MutexHandle._lockSlow(UInt32) and ._unlockSlow().
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// The sanitizer's, which are there only in programs that it was built into.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT void unlock_slow(SELF void *mutex) __asm__(UNLOCK);

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
  SWIFT void (*next)(uint32_t, SELF void *) = dlsym(RTLD_NEXT, LOCK);
  next(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF void *mutex) {
  SWIFT void (*next)(SELF void *) = dlsym(RTLD_NEXT, UNLOCK);
  if (__tsan_release) __tsan_release(mutex);
  next(mutex);
}
