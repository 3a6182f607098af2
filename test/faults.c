// Preloaded into a process: counts its calls on files below $FAULT_UNDER by kind, and lets one of them fail.
// $FAULT: kind:n:errno lets the n-th call of a kind fail (from 1). $FAULT_LOG: a file that gets a line per call.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN, READ, CREATE, WRITE, SYNC, TRUNCATE, RENAME, LINK, UNLINK, MKDIR, KINDS };
static const char *names[] = {"open", "read", "create", "write", "sync", "truncate", "rename", "link", "unlink", "mkdir"};
static int counts[KINDS];

static int is_under(const char *path) {
  const char *under = getenv("FAULT_UNDER");
  return under != NULL && strncmp(path, under, strlen(under)) == 0;
}

static int is_file_under(int file) {
  char link[64], path[4097];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, 4096);
  if (length < 0) return 0;
  path[length] = 0;
  return is_under(path);
}

/** Calls are counted anew whenever $FAULT changes. */
static void begin(const char *fault) {
  static char last[64];
  if (strncmp(last, fault, sizeof last - 1) == 0) return;
  strncpy(last, fault, sizeof last - 1);
  memset(counts, 0, sizeof counts);
}

/** Whether this call shall fail; errno is set then. */
static int fails(enum kind kind) {
  begin(getenv("FAULT") == NULL ? "" : getenv("FAULT"));
  int n = __sync_add_and_fetch(&counts[kind], 1);
  const char *log = getenv("FAULT_LOG"), *fault = getenv("FAULT");
  if (log != NULL) {
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    ssize_t (*real_write)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    int file = real_open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file >= 0) {
      real_write(file, names[kind], strlen(names[kind]));
      real_write(file, "\n", 1);
      close(file);
    }
  }
  if (fault == NULL) return 0;
  char wanted[32];
  int at, error;
  if (sscanf(fault, "%31[^:]:%d:%d", wanted, &at, &error) != 3) return 0;
  if (strcmp(wanted, names[kind]) != 0 || at != n) return 0;
  errno = error;
  return 1;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define MODE(last) \
  va_list list; va_start(list, last); mode_t mode = (mode_t)va_arg(list, int); va_end(list)
#define OPENS(flags) (((flags) & O_ACCMODE) == O_RDONLY ? OPEN : CREATE)

int open(const char *path, int flags, ...) { MODE(flags); REAL(open); return is_under(path) && fails(OPENS(flags)) ? -1 : real(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags); REAL(open64); return is_under(path) && fails(OPENS(flags)) ? -1 : real(path, flags, mode); }
#define ON_FILE(kind, name, types, values) name types { REAL(name); return is_file_under(file) && fails(kind) ? -1 : real values; }
ssize_t ON_FILE(READ, read, (int file, void *bytes, size_t size), (file, bytes, size))
ssize_t ON_FILE(READ, pread, (int file, void *bytes, size_t size, off_t at), (file, bytes, size, at))
ssize_t ON_FILE(READ, pread64, (int file, void *bytes, size_t size, off64_t at), (file, bytes, size, at))
ssize_t ON_FILE(READ, readv, (int file, const struct iovec *parts, int count), (file, parts, count))
ssize_t ON_FILE(READ, preadv, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
ssize_t ON_FILE(READ, preadv64, (int file, const struct iovec *parts, int count, off64_t at), (file, parts, count, at))
ssize_t ON_FILE(WRITE, write, (int file, const void *bytes, size_t size), (file, bytes, size))
ssize_t ON_FILE(WRITE, pwrite, (int file, const void *bytes, size_t size, off_t at), (file, bytes, size, at))
ssize_t ON_FILE(WRITE, pwrite64, (int file, const void *bytes, size_t size, off64_t at), (file, bytes, size, at))
ssize_t ON_FILE(WRITE, writev, (int file, const struct iovec *parts, int count), (file, parts, count))
ssize_t ON_FILE(WRITE, pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
ssize_t ON_FILE(WRITE, pwritev64, (int file, const struct iovec *parts, int count, off64_t at), (file, parts, count, at))
int ON_FILE(SYNC, fsync, (int file), (file))
int ON_FILE(SYNC, fdatasync, (int file), (file))
int ON_FILE(TRUNCATE, ftruncate, (int file, off_t size), (file, size))
int ON_FILE(TRUNCATE, ftruncate64, (int file, off64_t size), (file, size))
#define ON_PATH(kind, path, name, types, values) int name types { REAL(name); return is_under(path) && fails(kind) ? -1 : real values; }
ON_PATH(RENAME, to, rename, (const char *from, const char *to), (from, to))
ON_PATH(LINK, to, link, (const char *from, const char *to), (from, to))
ON_PATH(UNLINK, path, unlink, (const char *path), (path))
ON_PATH(MKDIR, path, mkdir, (const char *path, mode_t mode), (path, mode))
