// SPDX-License-Identifier: Apache-2.0
#include "net/process.h"

#include <signal.h>
#include <sys/resource.h>

namespace net {

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const auto before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

void ignore_sigpipe() { signal(SIGPIPE, SIG_IGN); }

}  // namespace net
