// SPDX-License-Identifier: Apache-2.0
// For net/ only. Mailbox: many producers, one consumer that takes everything at once. The first
// task into an empty box asks for a wake-up; after close() nothing more comes in.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "base/task.h"

namespace net {

class Mailbox {
 public:
  enum class Put { first, queued, refused };

  // A refused task stays with the caller, who destroys it outside the lock.
  Put put(base::Task& task) {
    const std::lock_guard lock(mutex_);
    if (closed_) return Put::refused;
    tasks_.push_back(std::move(task));
    return tasks_.size() == 1 ? Put::first : Put::queued;
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

  // True for the first call.
  bool close() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(closed_, true);
  }

 private:
  std::mutex mutex_;
  std::vector<base::Task> tasks_;
  bool closed_ = false;
};

}  // namespace net
