// SPDX-License-Identifier: Apache-2.0
// Server: answers GET and HEAD on the shards, and nothing else: no bodies, no state, no TLS.
// Listeners are somebody else's; they hand connections in. It ends after the shards have joined and
// before their loops are destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "net/http/head.h"
#include "net/http/hosts.h"
#include "net/http/response.h"
#include "net/loop/shards.h"
#include "net/tcp/connection.h"

namespace net::http {

struct Limits {
  std::size_t connections = 64;  // one more is closed without a word
  HeadLimits head;
  base::Micros request = base::seconds(10);  // from its first byte (or connecting) to its last
  base::Micros idle = base::seconds(75);     // between two requests
  // Of pipelined requests. What is not read yet waits in the peer's kernel.
  std::size_t unread_bytes = 65536;
  std::size_t unsent_bytes = 262144;
};

class Server {
 public:
  // The page at a path, null: there is none. On any shard's thread; must not block.
  using Pages = std::function<std::optional<Response>(std::string_view path)>;

  Server(Shards& shards, const base::Clock& clock, Hosts hosts, Pages pages,
         const Limits& limits = Limits());
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void accept(std::size_t shard, std::unique_ptr<Connection> connection);  // on its thread

  std::size_t connections() const;  // any thread
  std::uint64_t requests() const;   // answered; any thread
  std::uint64_t refusals() const;   // of them by another status than 200, and connections too many

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace net::http
