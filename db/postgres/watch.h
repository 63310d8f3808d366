// SPDX-License-Identifier: Apache-2.0
// Watch: ends the wait for a PostgreSQL that does not answer. libpq waits for an answer for ever,
// TCP keeps a connection alive whose other end is frozen, and the server's own time-outs are of no
// use then. One thread for all connections of the process, there as long as one of them is. For
// db/'s own files.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace db::postgres {

// Above the ten seconds after which the server itself ends a read.
constexpr std::chrono::seconds answers_within{12};

class Watch {
 public:
  class Watched {
   public:
    virtual ~Watched() = default;
    virtual void interrupt() noexcept = 0;  // called in Watch's thread

   protected:
    // The connection's own thread, around each wait for an answer.
    void begin_wait() noexcept;
    void end_wait() noexcept { since_us_ = 0; }

   private:
    friend class Watch;
    std::atomic<std::int64_t> since_us_{0};  // steady clock; 0: does not wait
  };

  static std::shared_ptr<Watch> of_process();
  Watch();
  ~Watch();
  // remove() returns when the thread is not in `watched` and will not be.
  void add(Watched& watched);
  void remove(Watched& watched);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::vector<Watched*> watched_;
  std::thread thread_;
};

}  // namespace db::postgres
