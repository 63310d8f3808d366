// SPDX-License-Identifier: Apache-2.0
// Signals: the process's signals as callbacks on a loop, for as long as the object lives.
//
//   net::Signals signals(loop);
//   signals.on(SIGTERM, [&] { server.stop(); });
#pragma once

#include <functional>
#include <vector>

#include "net/loop.h"

namespace net {

class Signals {
 public:
  explicit Signals(Loop& loop);  // on the loop's thread, or before it runs
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // The callback runs on the loop's thread. False if the signal cannot be caught.
  bool on(int signal_number, std::function<void()> callback);

 private:
  struct Handle;
  Loop& loop_;
  std::vector<Handle*> handles_;  // each freed by libuv's close callback
};

}  // namespace net
