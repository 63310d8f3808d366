// SPDX-License-Identifier: Apache-2.0
// For net/ only. Mailbox: many producers, one consumer that takes everything at once. The first
// task into an empty box wakes the consumer; after close() nothing more comes in. The consumer is
// woken under the lock: when it has seen the box closed, nobody is still about to wake it, and what
// it is woken by may go.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "base/task.h"

namespace net {

class Mailbox {
 public:
  // A refused task stays with the caller, who destroys it outside the lock.
  template <class Wake>
  void put(base::Task& task, const Wake& wake) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    tasks_.push_back(std::move(task));
    if (tasks_.size() == 1) wake();
  }

  struct Batch {
    std::vector<base::Task> tasks;
    bool last = false;  // the box is closed: nothing comes after these
  };
  // `into` lends its memory to the box.
  void take(Batch& into) {
    into.tasks.clear();
    const std::lock_guard lock(mutex_);
    into.tasks.swap(tasks_);
    into.last = closed_;
  }

  template <class Wake>
  void close(const Wake& wake) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(closed_, true)) wake();
  }

 private:
  std::mutex mutex_;
  std::vector<base::Task> tasks_;
  bool closed_ = false;
};

}  // namespace net
