// SPDX-License-Identifier: Apache-2.0
// A wall clock that a test sets under a running server, put before libc's by LD_PRELOAD: the file
// that HANSARD_TEST_CLOCK names holds by how many seconds it is off, in the machine's byte order.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *off;

__attribute__((constructor)) static void open_clock(void) {
  const char *name = getenv("HANSARD_TEST_CLOCK");
  const int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *off, PROT_READ, MAP_SHARED, fd, 0);
  if (fd >= 0) close(fd);
  if (at != MAP_FAILED) off = at;
}

int clock_gettime(clockid_t which, struct timespec *now) {
  const int result = (int)syscall(SYS_clock_gettime, which, now);
  if (result == 0 && which == CLOCK_REALTIME && off) now->tv_sec += *off;
  return result;
}
