// SPDX-License-Identifier: Apache-2.0
// Poller: a level-triggered epoll loop, for the generator's thousands of sockets. One thread.
#pragma once

#include <cstdint>
#include <functional>

#include "bench/cpu.h"

namespace bench {

class Poller {
 public:
  class Handler {
   public:
    // EPOLLIN, EPOLLOUT … May come once more after remove(), within the same batch.
    virtual void on_ready(std::uint32_t events) = 0;

   protected:
    ~Handler() = default;
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // `handler` must live until remove(fd).
  void add(int fd, Handler& handler);
  void watch(int fd, Handler& handler, bool writing);  // reading always, writing if asked
  void remove(int fd);

  // After that point run() and run_for() throw Failed: whatever a server does, the run ends.
  void give_up_at(Clock::time_point when) { give_up_ = when; }

  // Handles events until done() says so (true) or the deadline passes (false). done() is asked
  // before the first wait and after each batch; it may also act. `wake`, if given, says when it
  // wants to be asked even without events.
  bool run(const std::function<bool()>& done, Clock::time_point deadline,
           const std::function<Clock::time_point()>& wake = {});
  // Handles events for that long.
  void run_for(std::chrono::milliseconds time);

 private:
  void handle_batch(Clock::time_point until);

  int epoll_ = -1;
  Clock::time_point give_up_ = Clock::time_point::max();
};

}  // namespace bench
