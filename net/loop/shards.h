// SPDX-License-Identifier: Apache-2.0
// Shards: N threads, each with one Loop. A session, a room, a stream lives on exactly one; they
// talk by Loop::post.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "net/loop/loop.h"

namespace net {

class Shards {
 public:
  explicit Shards(std::size_t count);  // threads start at start()
  ~Shards();                           // stop() and join()

  void start();
  void stop();  // any thread; loops end after what is already posted
  void join();

  std::size_t size() const { return loops_.size(); }
  Loop& operator[](std::size_t shard) { return *loops_[shard]; }
  // The home of a key: a bare JID, a domain. Stable for the life of the process.
  std::size_t home(std::string_view key) const;

 private:
  std::vector<std::unique_ptr<Loop>> loops_;
  struct Threads;
  std::unique_ptr<Threads> threads_;
};

}  // namespace net
