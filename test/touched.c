// Preloaded into a process and its children: writes a line to $TOUCHED for each socket but local ones, each name that is
// looked up, and each file or folder that is made, opened for writing, renamed to or removed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void say(const char *what, int folder, const char *path) {
  char line[9000], base[4100] = "";
  const char *log = getenv("TOUCHED");
  if (log == NULL) return;
  if (path[0] != '/') {
    if (folder == AT_FDCWD) {
      if (getcwd(base, 4096) == NULL) base[0] = 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      ssize_t length = readlink(link, base, 4096);
      base[length > 0 ? length : 0] = 0;
    }
    strcat(base, "/");
  }
  int size = snprintf(line, sizeof line, "%s\t%s%s\n", what, base, path);
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  int file = real(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file >= 0) {
    if (write(file, line, size) < 0) _exit(9);
    close(file);
  }
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define MODE(last) \
  va_list list; va_start(list, last); mode_t mode = (mode_t)va_arg(list, int); va_end(list)
#define IS_WRITE(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & O_CREAT))

int open(const char *path, int flags, ...) { MODE(flags); REAL(open); if (IS_WRITE(flags)) say("open", AT_FDCWD, path); return real(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags); REAL(open64); if (IS_WRITE(flags)) say("open", AT_FDCWD, path); return real(path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags); REAL(openat); if (IS_WRITE(flags)) say("open", at, path); return real(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags); REAL(openat64); if (IS_WRITE(flags)) say("open", at, path); return real(at, path, flags, mode); }
FILE *fopen(const char *path, const char *how) { REAL(fopen); if (strpbrk(how, "wa+")) say("open", AT_FDCWD, path); return real(path, how); }
FILE *fopen64(const char *path, const char *how) { REAL(fopen64); if (strpbrk(how, "wa+")) say("open", AT_FDCWD, path); return real(path, how); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); say("mkdir", AT_FDCWD, path); return real(path, mode); }
int rename(const char *from, const char *to) { REAL(rename); say("rename", AT_FDCWD, to); return real(from, to); }
int unlink(const char *path) { REAL(unlink); say("unlink", AT_FDCWD, path); return real(path); }
int link(const char *from, const char *to) { REAL(link); say("link", AT_FDCWD, to); return real(from, to); }
int symlink(const char *from, const char *to) { REAL(symlink); say("symlink", AT_FDCWD, to); return real(from, to); }
int socket(int domain, int type, int protocol) {
  REAL(socket);
  char text[32];
  snprintf(text, sizeof text, "/%d", domain);
  if (domain != AF_UNIX) say("socket", AT_FDCWD, text);
  return real(domain, type, protocol);
}
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  REAL(getaddrinfo);
  say("lookup", AT_FDCWD, name ? name : "");
  return real(name, service, hints, found);
}
