// SPDX-License-Identifier: Apache-2.0
// Fleet: many clients on one poller: logs them in, has them enter and leave rooms, counts
// presences, and hands group messages to whoever watches. Any client that is lost ends the run
// (Failed).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/load/client.h"

namespace bench {

// Accounts of the generator: bench0, bench1 …, one password.
Account account(const Target& target, std::size_t index);

// What stands in an occupant's address: room <tag>-7@service, nick n12.
struct Origin {
  std::uint32_t room = 0;
  std::uint32_t nick = 0;
};
std::optional<Origin> read_origin(std::string_view from);

class Fleet final : private Client::Owner {
 public:
  // By room number: the clients that enter it. The first one creates it.
  using Rooms = std::vector<std::vector<std::size_t>>;

  // Its rooms have names that no other fleet's have, on this server or in an earlier run.
  Fleet(Poller& poller, const Target& target);

  // Adds `count` clients (the next accounts) and waits until they are online.
  void log_in(std::size_t count, const Login& login = {});
  // All enter, at most `window` entering at a time. Rooms are new: created first and unlocked.
  // Returns when every occupant has as many presences as there are occupants; more than that is
  // Failed.
  void enter(const Rooms& rooms, std::size_t window);
  // All leave at once; returns when all have seen themselves gone.
  void leave(const Rooms& rooms);
  void close_all();

  std::size_t size() const { return clients_.size(); }
  Client& client(std::size_t index) { return *clients_[index]; }
  Poller& poller() { return poller_; }
  std::string room_jid(std::size_t room) const;
  // Called for each message of type groupchat or error; empty = ignored.
  std::function<void(Client&, const Stanza&)> on_message;
  // If set, called for a client's own presence in a room, which is then expected at any time.
  std::function<void(Client&, const Origin&, bool inside)> on_self;

 private:
  struct Entry {
    std::size_t client, room;
  };
  void enter_all(const std::vector<Entry>& entries, std::size_t window);
  void unlock(const std::vector<Entry>& creators);
  void check_presences(const std::vector<std::size_t>& before, const Rooms& rooms) const;
  void wait(const char* what, const std::function<bool()>& done);

  void on_online(Client& client) override;
  void on_stanza(Client& client, const Stanza& stanza) override;
  void on_lost(Client& client, std::string_view why) override;
  void on_presence(Client& client, const Stanza& stanza);

  Poller& poller_;
  Target target_;
  std::string tag_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t online_ = 0;
  std::size_t presences_ = 0;      // available ones from rooms
  std::vector<std::size_t> seen_;  // the same by client
  std::size_t entered_ = 0, left_ = 0, unlocked_ = 0;
  bool leaving_ = false;
};

}  // namespace bench
