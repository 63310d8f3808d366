// SPDX-License-Identifier: Apache-2.0
// A keeper on a shard of its own, with fakes around it. The test's thread hands stanzas in and
// looks at what came out.
#pragma once

#include <memory>
#include <string>

#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "src/rooms/keeper.h"
#include "tests/support/fakes.h"
#include "tests/unit/src/rooms/fakes.h"

namespace tests {

muc::ServiceConfig rooms_config();
// A stanza from `who`@localhost/x; `text` is XML with `to`.
xmpp::Element stanza_from(const std::string& who, const std::string& text);
std::string join_text(const std::string& room, const std::string& nick,
                      const std::string& history = "");

class KeeperWorld {
 public:
  struct Options {
    std::size_t worker_threads = 1, worker_queue = 100;
    server::BacklogLimits backlog = {};
  };
  KeeperWorld() : KeeperWorld(Options()) {}
  explicit KeeperWorld(const Options& options);
  ~KeeperWorld();

  // Handled when it returns; what the handling asked of workers may still be under way.
  void handle(const std::string& who, const std::string& text, base::Receipt receipt = {});
  void say(const std::string& who, const std::string& room, const std::string& body,
           const std::string& id = "");
  void join(const std::string& who, const std::string& room, const std::string& history = "");
  void leave(const std::string& who, const std::string& room);
  void on_shard(const std::function<void()>& task);
  // All that was posted to the shard is done.
  void sync() {
    on_shard([] {});
  }
  void settle(record::Outcome outcome = record::Outcome::durable);
  // A room with romeo and juliet inside, everything on record and said; the output is empty, and
  // the recorder settles by hand from here.
  void open_room(const std::string& room);

  FakeStore store;
  FakeRecorder recorder{store};
  FakeOutput output;
  FakeLog log;
  FakeClock clock;
  SeededRandom random;
  server::Door door;
  server::RoomMeters::Shard meters;
  std::unique_ptr<net::Workers> workers;
  net::Shards shards{1};
  std::unique_ptr<server::Keeper> keeper;
};

}  // namespace tests
