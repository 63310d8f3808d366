// SPDX-License-Identifier: Apache-2.0
// For net/ only. LoopCore: what a loop lends to the connections on it: shared buffers, the list of
// those with work for the end of the iteration, the list of those with a deadline.
//
// One iteration: timers → prepare (end of iteration) → poll, I/O callbacks → check (end of
// iteration) → close callbacks. Whatever timers queued leaves in prepare, whatever I/O queued
// leaves in check; in neither case does the loop wait in poll first.
#pragma once

#include <uv.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "net/loop/link.h"
#include "net/loop/loop.h"
#include "net/loop/mailbox.h"

namespace net {

// Has something to do at the end of the iteration.
class EndWork : public Link {
 public:
  virtual void end_of_iteration() = 0;

 protected:
  ~EndWork() = default;
};

// Wants to be asked every tick whether a deadline has passed.
class Ticked : public Link {
 public:
  virtual bool on_tick(base::Time now) = 0;  // false: no deadline is left. Must not destroy itself.

 protected:
  ~Ticked() = default;
};

class LoopCore {
 public:
  static constexpr std::size_t io_bytes = 65536;
  static constexpr std::size_t record_bytes = 16384;
  static constexpr base::Micros tick = base::milliseconds(20);
  static constexpr base::Micros flush_slice = base::milliseconds(4);
  static constexpr base::Micros slow = base::milliseconds(10);

  LoopCore();
  ~LoopCore();
  LoopCore(const LoopCore&) = delete;
  LoopCore& operator=(const LoopCore&) = delete;
  static LoopCore& of(Loop& loop);

  void run();
  void stop();
  void post(base::Task task);
  void at_end_of_iteration(EndWork& work) { work_.push_back(work); }
  void want_ticks(Ticked& item);
  base::Time now() const;
  LoopStats stats() const;

  uv_loop_t uv;
  std::function<void(base::Micros)> on_slow;
  std::array<char, io_bytes> read_buffer;    // filled by the socket, emptied in its callback
  std::array<char, record_bytes> plaintext;  // one decrypted record
  std::array<char, io_bytes> scratch;        // what leaves next
  std::string ciphertext;                    // lent to whoever encrypts
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> writes{0};

 private:
  void drain();
  void end_phase(base::Micros slice);
  void before_poll();
  void after_poll();
  void measure();
  void tick_all();
  void shut();
  template <class T>
  static LoopCore& from(T* handle) {
    return *static_cast<LoopCore*>(handle->loop->data);
  }

  uv_async_t wake_up_;
  uv_prepare_t prepare_;
  uv_check_t check_;
  uv_idle_t idle_;  // active while work is left over: poll does not wait then
  uv_timer_t ticker_;

  Mailbox mailbox_;
  Mailbox::Batch batch_;
  LinkList<EndWork> work_;
  LinkList<Ticked> ticked_;
  bool sliced_ = false;
  bool shut_ = false;

  std::uint64_t last_mark_ns_ = 0;
  std::uint64_t last_idle_ns_ = 0;
  std::atomic<std::uint64_t> iterations_{0};
  std::atomic<std::uint64_t> slow_iterations_{0};
  std::atomic<std::uint64_t> mailbox_tasks_{0};
};

struct Loop::Impl : LoopCore {};

}  // namespace net
