// SPDX-License-Identifier: Apache-2.0
#include "net/loop/shards.h"

#include <string>
#include <thread>

#include "net/loop/thread_setup.h"

namespace net {

struct Shards::Threads {
  std::vector<std::thread> running;
};

Shards::Shards(std::size_t count) : threads_(std::make_unique<Threads>()) {
  for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>());
}

Shards::~Shards() {
  stop();
  join();
}

void Shards::start() {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    threads_->running.emplace_back([loop = loops_[i].get(), i] {
      set_up_thread("shard-" + std::to_string(i));
      loop->run();
    });
  }
}

void Shards::stop() {
  for (auto& loop : loops_) loop->stop();
}

void Shards::join() {
  for (auto& thread : threads_->running) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t Shards::home(std::string_view key) const {
  return std::hash<std::string_view>{}(key) % loops_.size();
}

}  // namespace net
