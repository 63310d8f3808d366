// SPDX-License-Identifier: Apache-2.0
#include "net/loop/workers.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "net/loop/thread_setup.h"

namespace net {

struct Workers::Impl {
  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      ready.wait(lock, [this] { return ending || !tasks.empty(); });
      if (tasks.empty()) return;
      auto task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      task = {};
      lock.lock();
    }
  }

  std::mutex mutex;
  std::condition_variable ready;
  std::deque<base::Task> tasks;
  std::size_t queue_max = 0;
  bool ending = false;
  std::vector<std::thread> threads;
};

Workers::Workers(std::size_t threads, std::size_t queue_max) : impl_(std::make_unique<Impl>()) {
  impl_->queue_max = queue_max;
  for (std::size_t i = 0; i < threads; ++i) {
    impl_->threads.emplace_back([impl = impl_.get(), i] {
      set_up_thread("worker-" + std::to_string(i));
      impl->work();
    });
  }
}

Workers::~Workers() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->ending = true;
  }
  impl_->ready.notify_all();
  for (auto& thread : impl_->threads) thread.join();
}

bool Workers::submit(base::Task task) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->ending || impl_->tasks.size() >= impl_->queue_max) return false;
    impl_->tasks.push_back(std::move(task));
  }
  impl_->ready.notify_one();
  return true;
}

std::size_t Workers::queued() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->tasks.size();
}

}  // namespace net
