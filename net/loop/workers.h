// SPDX-License-Identifier: Apache-2.0
// Workers: a few threads for what may block (SQL reads, password hashing, disk). Bounded.
#pragma once

#include <cstddef>
#include <memory>

#include "base/task.h"

namespace net {

class Workers {
 public:
  Workers(std::size_t threads, std::size_t queue_max);
  ~Workers();  // finishes what was taken

  // Any thread. False when the queue is full (nothing was taken): answer with a `wait` error.
  // The task posts its own answer to the loop that asked.
  [[nodiscard]] bool submit(base::Task task);
  std::size_t queued() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
