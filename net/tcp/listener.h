// SPDX-License-Identifier: Apache-2.0
// Listener: accepts TCP connections on one address. The first shard accepts and hands descriptors
// to all shards in turn. What is accepted has TCP_NODELAY, and notices that its peer is gone: a
// silent one is probed, one that takes nothing more is given up.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/loop/loop.h"
#include "net/loop/shards.h"
#include "net/tcp/connection.h"

namespace net {

// When a peer counts as gone (its network, its power): after that long without a word from its
// kernel. An idle one answers the probes, which is all the keeping alive there is.
struct PeerPatience {
  int idle_seconds = 60;  // without traffic, then the first probe
  int probe_seconds = 15;
  int probes = 4;                       // unanswered: gone
  unsigned unacknowledged_ms = 120000;  // sent, and not acknowledged
};

// "127.0.0.1:5222", "[::1]:5222"; the error is a sentence.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;  // 0: the system chooses (tests)
  std::string option;      // "c2s": named where the address turns out to be wrong
};
base::Result<Endpoint, std::string> parse_endpoint(const std::string& text);
bool is_loopback(const Endpoint& endpoint);

class Listener {
 public:
  // `accept(shard, connection)` runs on that shard's thread, reading paused until the handler is
  // set.
  using Accept = std::function<void(std::size_t shard, std::unique_ptr<Connection> connection)>;

  // Opens at once (so the error can be reported at start-up), accepts once the shards run. At most
  // 16 accepts per iteration. When descriptors run out (EMFILE) it sheds the waiting connection
  // with a reserve descriptor and goes on; it never spins.
  static base::Result<std::unique_ptr<Listener>, std::string> open(Shards& shards,
                                                                   const Endpoint& endpoint,
                                                                   Accept accept);
  // The shards must still exist. A callback that runs on a shard just now still ends.
  ~Listener();   // after the shards have joined, or after close()
  void close();  // any thread: accepts no more
  std::uint16_t port() const;

  struct Impl;
  explicit Listener(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace net
