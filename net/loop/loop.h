// SPDX-License-Identifier: Apache-2.0
// Loop: one libuv loop and what belongs to its thread: timers, the mailbox, the end-of-iteration
// work. Everything here is called on the loop's own thread unless it says "any thread".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/task.h"
#include "base/time.h"

namespace net {

// Counters of one loop; read from any thread (relaxed).
struct LoopStats {
  std::uint64_t iterations = 0;
  std::uint64_t slow_iterations = 0;  // over 10 ms
  std::uint64_t mailbox_tasks = 0;
  std::uint64_t socket_reads = 0;   // reads that brought bytes
  std::uint64_t socket_writes = 0;  // system calls that were tried, not connections flushed
};

class Loop {
 public:
  Loop();
  ~Loop();  // after run() returned
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();   // until stop(); closes every handle before it returns
  void stop();  // any thread; what is already posted still runs, open connections end silently

  // Any thread. Tasks run in the order posted; all that waits runs in one wake-up. After stop()
  // tasks are destroyed without running.
  void post(base::Task task);

  base::Time now() const;  // monotonic, as of the start of the iteration
  LoopStats stats() const;
  // Called on the loop's thread after an iteration of over 10 ms, with its length. One line of log.
  void on_slow_iteration(std::function<void(base::Micros)> callback);

  void* native();  // uv_loop_t*, for net/ only

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A timer that dies with its owner: after destruction or stop() the callback never runs. Precision
// one millisecond.
class Timer {
 public:
  explicit Timer(Loop& loop);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(base::Micros delay, std::function<void()> callback);  // once; restarts a running one
  void repeat(base::Micros period, std::function<void()> callback);
  void stop();
  bool active() const;

 private:
  struct Handle;
  Handle* handle_;  // freed by libuv's close callback
};

}  // namespace net
