// SPDX-License-Identifier: Apache-2.0
// Checkpointer: brings what stands in the write-ahead log of an SQLite database into the database,
// on a thread and a connection of its own, while the writer goes on. Without it a third of the
// writer's time goes there. It holds nobody up and reports nothing: what it cannot do is left to
// the writer's own checkpoint (sqlite/engine.cpp).
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace db {

class Checkpointer {
 public:
  explicit Checkpointer(std::string path);
  ~Checkpointer();  // after the checkpoint under way
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // The log has so many pages now, none of which is in the database for certain. Any thread.
  void note(int pages) noexcept;

 private:
  void run();

  const std::string path_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_at_ = 0;  // pages in the log when the last checkpoint was asked for
  bool asked_ = false, ending_ = false;
  std::thread thread_;  // from the first time on that there is something to do
};

}  // namespace db
