/* Preloaded into a program under test: writes down, in their order, the calls that change files below a directory,
 * and can make the disk full or kill the program at the n-th of them. Linux, glibc. Built by scenario/writelog.py.
 *
 * FAULT_DIR   the directory (absolute, resolved)
 * FAULT_LOG   where the record goes; none is written when it is not set
 * FAULT_KILL  SIGKILL before the call of this number, counted from 1
 * fault_full(n): after n more of the calls that need space every further one fails with ENOSPC; -1: there is space.
 *
 * Record: one byte what, then little-endian u32 length of name, of other, of data, u64 at, then the three.
 * C create, W write, T truncate, S sync, D sync of a directory, U unlink, R rename, L link, O said (standard output),
 * X something this file cannot follow.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define MOST 4096

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char *paths[MOST];
static int log_fd = -1;
static char inside[PATH_MAX];
static long done, kill_at, left = -1;
static int full;

__attribute__((constructor)) static void start(void) {
  const char *where = getenv("FAULT_DIR"), *log = getenv("FAULT_LOG"), *killing = getenv("FAULT_KILL");
  if (where) snprintf(inside, sizeof inside, "%s/", where);
  if (log) log_fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (killing) kill_at = atol(killing);
}

void fault_full(long n) {
  full = n >= 0;
  left = n;
}

static const char *name_of(const char *path, char *room) {
  if (!inside[0] || !path) return NULL;
  if (path[0] != '/') {
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here)) return NULL;
    if (snprintf(room, PATH_MAX, "%s/%s", here, path) >= PATH_MAX) return NULL;
  } else {
    snprintf(room, PATH_MAX, "%s", path);
  }
  size_t most = strlen(inside);
  if (!strncmp(room, inside, most)) return room + most;
  return !strncmp(room, inside, most - 1) && strlen(room) == most - 1 ? "" : NULL;
}

static const char *name_at(int directory, const char *path, char *room) {
  return path && (path[0] == '/' || directory == AT_FDCWD) ? name_of(path, room) : NULL;
}

static void put(const void *data, size_t size) {
  while (size) {
    ssize_t some = REAL(write)(log_fd, data, size);
    if (some < 0) abort();
    data = (const char *)data + some;
    size -= (size_t)some;
  }
}

static void note(char what, const char *name, const char *other, const void *data, size_t size, uint64_t at) {
  if (log_fd < 0) return;
  uint32_t sizes[3] = {(uint32_t)strlen(name), (uint32_t)strlen(other), (uint32_t)size};
  put(&what, 1);
  put(sizes, sizeof sizes);
  put(&at, sizeof at);
  put(name, sizes[0]);
  put(other, sizes[1]);
  put(data, size);
}

static int is_shared_memory(const char *name) {
  size_t size = strlen(name);
  return size > 4 && !strcmp(name + size - 4, "-shm");
}

/* Before each call that changes something; -1 when it must fail for want of space. */
static int about_to(int needs_space) {
  if (++done == kill_at) kill(getpid(), SIGKILL);
  if (full && needs_space && left-- <= 0) {
    left = 0;
    errno = ENOSPC;
    return -1;
  }
  return 0;
}

static const char *watched(int fd) {
  return fd >= 0 && fd < MOST && paths[fd] && !is_shared_memory(paths[fd]) ? paths[fd] : NULL;
}

static void forget(int fd) {
  if (fd >= 0 && fd < MOST) {
    free(paths[fd]);
    paths[fd] = NULL;
  }
}

static void copy_name(int from, int to) {
  if (to < 0 || to >= MOST) return;
  forget(to);
  if (from >= 0 && from < MOST && paths[from]) paths[to] = strdup(paths[from]);
}

static int opened(int fd, const char *name, int was_there, int flags) {
  if (fd < 0 || fd >= MOST || !name) return fd;
  forget(fd);
  paths[fd] = strdup(name);
  if (is_shared_memory(name)) return fd;
  if (!was_there) {
    about_to(0);
    note('C', name, "", "", 0, 0);
  } else if (flags & O_TRUNC) {
    about_to(0);
    note('T', name, "", "", 0, 0);
  }
  return fd;
}

static int is_there(int directory, const char *path) {
  struct stat found;
  return !fstatat(directory, path, &found, AT_SYMLINK_NOFOLLOW);
}

#define OPEN(function, directory, signature, ...)                                        \
  int function signature {                                                               \
    mode_t mode = 0;                                                                     \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                               \
      va_list rest;                                                                      \
      va_start(rest, flags);                                                             \
      mode = va_arg(rest, mode_t);                                                       \
      va_end(rest);                                                                      \
    }                                                                                    \
    char room[PATH_MAX];                                                                 \
    pthread_mutex_lock(&lock);                                                           \
    const char *name = name_at(directory, path, room);                                   \
    int was_there = name ? is_there(directory, path) : 1;                                \
    int fd;                                                                              \
    if (name && !was_there && (flags & O_CREAT) && full && left <= 0) {                  \
      errno = ENOSPC;                                                                    \
      fd = -1;                                                                           \
    } else {                                                                             \
      fd = opened(REAL(function)(__VA_ARGS__, flags, mode), name, was_there, flags);     \
    }                                                                                    \
    pthread_mutex_unlock(&lock);                                                         \
    return fd;                                                                           \
  }

OPEN(open, AT_FDCWD, (const char *path, int flags, ...), path)
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...), path)
OPEN(openat, directory, (int directory, const char *path, int flags, ...), directory, path)
OPEN(openat64, directory, (int directory, const char *path, int flags, ...), directory, path)

int close(int fd) {
  pthread_mutex_lock(&lock);
  forget(fd);
  int result = REAL(close)(fd);
  pthread_mutex_unlock(&lock);
  return result;
}

int dup(int fd) {
  int made = REAL(dup)(fd);
  copy_name(fd, made);
  return made;
}

int dup2(int fd, int wanted) {
  int made = REAL(dup2)(fd, wanted);
  if (fd != wanted) copy_name(fd, made);
  return made;
}

int dup3(int fd, int wanted, int flags) {
  int made = REAL(dup3)(fd, wanted, flags);
  copy_name(fd, made);
  return made;
}

static ssize_t written(int fd, const void *data, ssize_t size, uint64_t at) {
  if (size > 0 && watched(fd)) note('W', watched(fd), "", data, (size_t)size, at);
  return size;
}

ssize_t write(int fd, const void *data, size_t size) {
  pthread_mutex_lock(&lock);
  ssize_t result = -1;
  if (fd == 1 && inside[0]) {
    result = REAL(write)(fd, data, size);
    if (result > 0) note('O', "", "", data, (size_t)result, 0);
  } else if (!watched(fd)) {
    result = REAL(write)(fd, data, size);
  } else if (!about_to(1)) {
    off_t at = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
    result = written(fd, data, REAL(write)(fd, data, size), (uint64_t)at);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

#define PWRITE(function, offset_type)                                                    \
  ssize_t function(int fd, const void *data, size_t size, offset_type at) {              \
    pthread_mutex_lock(&lock);                                                           \
    ssize_t result = -1;                                                                 \
    if (!watched(fd))                                                                    \
      result = REAL(function)(fd, data, size, at);                                       \
    else if (!about_to(1))                                                               \
      result = written(fd, data, REAL(function)(fd, data, size, at), (uint64_t)at);      \
    pthread_mutex_unlock(&lock);                                                         \
    return result;                                                                       \
  }

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATE(function, offset_type)                                                  \
  int function(int fd, offset_type size) {                                               \
    pthread_mutex_lock(&lock);                                                           \
    int result = -1;                                                                     \
    if (!watched(fd) || !about_to(0)) {                                                  \
      result = REAL(function)(fd, size);                                                 \
      if (!result && watched(fd)) note('T', watched(fd), "", "", 0, (uint64_t)size);     \
    }                                                                                    \
    pthread_mutex_unlock(&lock);                                                         \
    return result;                                                                       \
  }

TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(function)                                                                   \
  int function(int fd) {                                                                 \
    pthread_mutex_lock(&lock);                                                           \
    struct stat found;                                                                   \
    if (watched(fd)) about_to(0);                                                        \
    int result = REAL(function)(fd);                                                     \
    if (!result && watched(fd) && !fstat(fd, &found))                                    \
      note(S_ISDIR(found.st_mode) ? 'D' : 'S', watched(fd), "", "", 0, 0);               \
    pthread_mutex_unlock(&lock);                                                         \
    return result;                                                                       \
  }

SYNC(fsync)
SYNC(fdatasync)

static int gone(int result, const char *name) {
  if (!result && name && !is_shared_memory(name)) note('U', name, "", "", 0, 0);
  return result;
}

#define NAMED(kind, call, from, to)                                                      \
  {                                                                                      \
    char room[PATH_MAX], other_room[PATH_MAX];                                           \
    pthread_mutex_lock(&lock);                                                           \
    const char *name = from, *other = to;                                                \
    if (name || other) about_to(0);                                                      \
    int result = call;                                                                   \
    if (!result && name && other) note(kind, name, other, "", 0, 0);                     \
    else if (!result && (name || other)) note('X', "moved", "", "", 0, 0);               \
    pthread_mutex_unlock(&lock);                                                         \
    return result;                                                                       \
  }

int rename(const char *old, const char *new)
    NAMED('R', REAL(rename)(old, new), name_of(old, room), name_of(new, other_room))
int renameat(int a, const char *old, int b, const char *new)
    NAMED('R', REAL(renameat)(a, old, b, new), name_at(a, old, room), name_at(b, new, other_room))
int link(const char *old, const char *new)
    NAMED('L', REAL(link)(old, new), name_of(old, room), name_of(new, other_room))
int linkat(int a, const char *old, int b, const char *new, int flags)
    NAMED('L', REAL(linkat)(a, old, b, new, flags), name_at(a, old, room), name_at(b, new, other_room))

int unlink(const char *path) {
  char room[PATH_MAX];
  pthread_mutex_lock(&lock);
  const char *name = name_of(path, room);
  if (name) about_to(0);
  int result = gone(REAL(unlink)(path), name);
  pthread_mutex_unlock(&lock);
  return result;
}

int unlinkat(int directory, const char *path, int flags) {
  char room[PATH_MAX];
  pthread_mutex_lock(&lock);
  const char *name = name_at(directory, path, room);
  if (name) about_to(0);
  int result = gone(REAL(unlinkat)(directory, path, flags), name);
  pthread_mutex_unlock(&lock);
  return result;
}

/* Ways past all of this: said, so that no test believes an incomplete record. */

static void lost(int fd, const char *call) {
  if (watched(fd)) note('X', call, "", "", 0, 0);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  lost(fd, "writev");
  return REAL(writev)(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  lost(fd, "pwritev");
  return REAL(pwritev)(fd, parts, count, at);
}

ssize_t sendfile(int out, int in, off_t *at, size_t count) {
  lost(out, "sendfile");
  return REAL(sendfile)(out, in, at, count);
}

ssize_t sendfile64(int out, int in, off64_t *at, size_t count) {
  lost(out, "sendfile");
  return REAL(sendfile64)(out, in, at, count);
}

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned int flags) {
  lost(out, "copy_file_range");
  return REAL(copy_file_range)(in, from, out, to, size, flags);
}

void *mmap(void *place, size_t size, int protection, int flags, int fd, off_t at) {
  if ((flags & MAP_SHARED) && (protection & PROT_WRITE)) lost(fd, "mmap");
  return REAL(mmap)(place, size, protection, flags, fd, at);
}

void *mmap64(void *place, size_t size, int protection, int flags, int fd, off64_t at) {
  if ((flags & MAP_SHARED) && (protection & PROT_WRITE)) lost(fd, "mmap");
  return REAL(mmap64)(place, size, protection, flags, fd, at);
}
