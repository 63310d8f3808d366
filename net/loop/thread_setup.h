// SPDX-License-Identifier: Apache-2.0
// For net/ only. Our threads: named for top and gdb; signals go to the main thread.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <string>

namespace net {

inline void set_up_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace net
