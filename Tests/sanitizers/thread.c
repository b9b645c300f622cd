// What ThreadSanitizer has to be told of libraries that are not instrumented. It is linked into what is built with
// ThreadSanitizer and into nothing else. Each function here stands in front of a library's own of the same name, and
// goes on to that or to its POSIX equal; so nothing happens otherwise than without it, and no report is suppressed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>

void __tsan_acquire(void *);
void __tsan_release(void *);

// The library's own function of a name, once found kept in `*known`.
static void *next(void **known, const char *name) {
  void *function = __atomic_load_n(known, __ATOMIC_ACQUIRE);
  if (function) return function;
  function = dlsym(RTLD_NEXT, name);
  if (!function) {
    fprintf(stderr, "Tests/sanitizers/thread.c does not fit this version of Swift: it has no %s\n", name);
    abort();
  }
  __atomic_store_n(known, function, __ATOMIC_RELEASE);
  return function;
}

// MARK: Swift's mutex
//
// A free `Synchronization.Mutex` is locked by an atomic operation in the caller, which ThreadSanitizer sees. One that
// others want goes through these functions, which leave the rest to a futex. Without a word from here ThreadSanitizer
// reports whatever two threads do one after the other under a contended lock. Their names are part of the library's
// binary interface: Synchronization._MutexHandle._lockSlow(UInt32), ._tryLockSlow() -> Bool and ._unlockSlow().

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex

SWIFT void swift_lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool swift_try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void swift_unlock(SELF) __asm__(UNLOCK);

SWIFT void swift_lock(uint32_t thread, SELF) {
  static void *known;
  ((SWIFT void (*)(uint32_t, SELF))next(&known, LOCK))(thread, mutex);
  __tsan_acquire(mutex);
}

SWIFT bool swift_try_lock(SELF) {
  static void *known;
  const bool locked = ((SWIFT bool (*)(SELF))next(&known, TRY_LOCK))(mutex);
  if (locked) __tsan_acquire(mutex);
  return locked;
}

SWIFT void swift_unlock(SELF) {
  static void *known;
  __tsan_release(mutex);
  ((SWIFT void (*)(SELF))next(&known, UNLOCK))(mutex);
}

// MARK: Swift's continuations
//
// Swift's runtime tells ThreadSanitizer that a task is resumed, and that the task goes on if it does so by way of a
// queue. It does not say the latter when the continuation was resumed before the task came to wait (the first function
// here) or while it was about to (the second, by which a task goes on that was about to wait).

SWIFT void *swift_task_getCurrent(void);

static void acquire_current_task(void) {
  void *task = swift_task_getCurrent();
  if (task) __tsan_acquire(task);
}

__attribute__((swiftasynccall)) void swift_continuation_await(void *context) {
  static void *known;
  acquire_current_task();
  __attribute__((musttail)) return ((__attribute__((swiftasynccall)) void (*)(void *))next(&known, __func__))(context);
}

SWIFT void swift_task_enterThreadLocalContext(void *state) {
  static void *known;
  acquire_current_task();
  ((SWIFT void (*)(void *))next(&known, __func__))(state);
}

// MARK: C's threads
//
// librdkafka starts and locks its threads with the functions of C11. ThreadSanitizer knows those of POSIX alone, and a
// thread that it does not know crashes in it. In glibc they are the same things by other names.

static int result(int error) { return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error; }

struct start {
  thrd_start_t function;
  void *argument;
};

static void *run(void *argument) {
  const struct start start = *(struct start *)argument;
  free(argument);
  return (void *)(intptr_t)start.function(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument) {
  struct start *start = malloc(sizeof *start);
  if (!start) return thrd_nomem;
  *start = (struct start){function, argument};
  const int error = pthread_create(thread, NULL, run, start);
  if (error) free(start);
  return result(error);
}

int thrd_join(thrd_t thread, int *code) {
  void *value;
  const int error = pthread_join(thread, &value);
  if (!error && code) *code = (int)(intptr_t)value;
  return result(error);
}

int mtx_init(mtx_t *mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if (type & mtx_recursive) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return result(error);
}

int mtx_lock(mtx_t *mutex) { return result(pthread_mutex_lock((pthread_mutex_t *)mutex)); }
int mtx_unlock(mtx_t *mutex) { return result(pthread_mutex_unlock((pthread_mutex_t *)mutex)); }
void mtx_destroy(mtx_t *mutex) { pthread_mutex_destroy((pthread_mutex_t *)mutex); }

int cnd_init(cnd_t *condition) { return result(pthread_cond_init((pthread_cond_t *)condition, NULL)); }
int cnd_signal(cnd_t *condition) { return result(pthread_cond_signal((pthread_cond_t *)condition)); }
int cnd_broadcast(cnd_t *condition) { return result(pthread_cond_broadcast((pthread_cond_t *)condition)); }
void cnd_destroy(cnd_t *condition) { pthread_cond_destroy((pthread_cond_t *)condition); }

int cnd_wait(cnd_t *condition, mtx_t *mutex) {
  return result(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *time) {
  return result(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, time));
}

void call_once(once_flag *flag, void (*function)(void)) { pthread_once((pthread_once_t *)flag, function); }
