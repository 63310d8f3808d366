// SPDX-License-Identifier: Apache-2.0
// For tests of net/: blocking clients in the test's thread, a server on shards, and waiting for a
// condition.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/loop/shards.h"
#include "net/tcp/connection.h"
#include "net/tcp/listener.h"

namespace tests {

// Asks again until it holds or ten seconds are over.
template <class F>
bool eventually(F condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    ::poll(nullptr, 0, 1);
  }
  return condition();
}

// Runs f on the loop's thread and gives what it returns.
template <class F>
auto on_loop(net::Loop& loop, F f) {
  std::packaged_task<decltype(f())()> task(std::move(f));
  auto answer = task.get_future();
  loop.post(std::move(task));
  return answer.get();
}

// Works for longer than a loop lets one connection keep the others waiting.
void fill_a_slice();

// A blocking TCP client on loopback. Every call gives up after ten seconds.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes);   // all of it
  std::string receive(std::size_t n);  // exactly n, fewer at the end
  bool ended();                        // the next read gives the end or an error
  void end_sending();
  unsigned segments_with_data() const;  // that the kernel received
  int fd() const { return fd_; }

 private:
  int fd_;
};

// One connection and what happened to it. Everything but the atomics and received() belongs to the
// loop's thread.
class Peer final : public net::Connection::Handler {
 public:
  virtual ~Peer() = default;

  std::function<void(Peer&, std::string_view)> reader;
  std::function<void(Peer&)> secured;
  std::function<void(Peer&)> ending;
  std::unique_ptr<net::Connection> connection;
  std::atomic<bool> established{false};
  std::atomic<bool> closed{false};
  std::atomic<int> closed_calls{0};
  std::atomic<net::CloseReason> reason{};

  std::string received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  std::size_t received_bytes() const {
    const std::lock_guard lock(mutex_);
    return received_.size();
  }

  void on_read(std::string_view bytes) override;
  void on_tls_established() override;
  void on_closed(net::CloseReason reason) override;

 private:
  mutable std::mutex mutex_;
  std::string received_;
};

// Shards with one listener whose every connection becomes a Peer, prepared by `prepare`.
class Server {
 public:
  explicit Server(std::size_t shards = 1, std::function<void(Peer&)> prepare = {});
  ~Server();

  std::uint16_t port() const { return listener_->port(); }
  net::Loop& loop(std::size_t shard = 0) { return shards_[shard]; }
  net::Shards& shards() { return shards_; }
  Peer& peer(std::size_t n = 0);  // waits for the n-th connection
  std::size_t peers();
  void stop();

 private:
  net::Shards shards_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::function<void(Peer&)> prepare_;
  std::unique_ptr<net::Listener> listener_;
};

}  // namespace tests
