// SPDX-License-Identifier: Apache-2.0
// GivingUp: what waits for a database in a patient session is ended when nobody wants it any more.
// For db/'s own files.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "db/sql/sql.h"

namespace db {

class GivingUp {
 public:
  // `go_on` is asked twice a second on a thread of its own; null: nobody asks. The session must
  // outlive it.
  GivingUp(Session& session, const std::function<bool()>& go_on) {
    if (go_on)
      thread_ = std::jthread([&](const std::stop_token& over) { ask(session, go_on, over); });
  }
  GivingUp(const GivingUp&) = delete;
  GivingUp& operator=(const GivingUp&) = delete;

  bool given_up() const { return given_up_; }

 private:
  // Again and again: SQLite is interrupted only in what it does at that moment.
  void ask(Session& session, const std::function<bool()>& go_on, const std::stop_token& over) {
    std::mutex mutex;
    std::condition_variable_any ending;
    std::unique_lock lock(mutex);
    while (!ending.wait_for(lock, over, std::chrono::milliseconds(500),
                            [&] { return over.stop_requested(); })) {
      if (!given_up_ && go_on()) continue;
      given_up_ = true;
      session.interrupt();
    }
  }

  std::atomic<bool> given_up_{false};
  std::jthread thread_;
};

}  // namespace db
