// SPDX-License-Identifier: Apache-2.0
// Rooms and sessions on different shards: the room is on one, one of its people beside it, the
// others on the other shard.
#include "src/rooms/room_host.h"

#include <catch2/catch.hpp>
#include <future>

#include "tests/unit/src/rooms/fake_session.h"
#include "tests/unit/src/rooms/keeper_world.h"

namespace {

using tests::eventually;
using tests::FakeSession;
using tests::joined;
using tests::stanza_from;
using xmpp::Jid;

// A name whose home is that shard.
std::string name_on(const net::Shards& shards, std::size_t shard, const std::string& stem,
                    const std::string& domain) {
  for (int i = 0;; ++i) {
    const std::string name = stem + std::to_string(i);
    if (shards.home(name + "@" + domain) == shard) return name;
  }
}

struct TwoShards {
  explicit TwoShards(server::Door::Archive archive = {}) : door(recorder, std::move(archive), log) {
    for (const auto& session : {near, far, far_too}) {
      const std::size_t shard = router.home(session->jid());
      shards[shard].post([this, session] { router.add(session); });
    }
    host = std::make_unique<server::RoomHost>(
        tests::rooms_config(), server::RoomHost::Parts{shards, router, *workers, recorder, store,
                                                       clock, random, log, door});
    shards.start();
    host->start();
  }
  ~TwoShards() {
    store.let_reads();
    shards.stop();
    shards.join();
    workers.reset();
  }

  std::string local(const FakeSession& session) const { return std::string(session.jid().local()); }
  void on_shard(std::size_t shard, const std::function<void()>& task) {
    std::promise<void> done;
    shards[shard].post([&] {
      task();
      done.set_value();
    });
    REQUIRE(done.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  }
  // Nothing of what was handed in is under way between the shards any more.
  void sync() {
    for (int i = 0; i < 2; ++i)
      for (const std::size_t shard : {0u, 1u}) on_shard(shard, [] {});
  }
  void handle(const FakeSession& from, const std::string& text) {
    const std::size_t shard = router.home(from.jid());
    auto stanza = stanza_from(local(from), text);
    const auto to = xmpp::Jid::parse(stanza.attr("to"));
    on_shard(shard, [&] { host->handle(shard, *to, std::move(stanza), {}); });
  }
  void say(const FakeSession& from, const std::string& body) {
    handle(from, "<message type='groupchat' to='" + room + "@chat.localhost'><body>" + body +
                     "</body></message>");
  }
  void join(const FakeSession& who, const std::string& history = "") {
    handle(who, tests::join_text(room, local(who), history));
  }
  void all_enter() {
    recorder.settle_at_once(true);
    join(*near);
    REQUIRE(eventually([&] { return near->has("message:subject"); }));
    handle(*near, "<iq type='set' id='c' to='" + room +
                      "@chat.localhost'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                      "<x xmlns='jabber:x:data' type='submit'/></query></iq>");
    for (const auto& session : {far, far_too}) {
      join(*session);
      REQUIRE(eventually([&] { return session->has("message:subject"); }));
    }
    sync();
    recorder.settle_at_once(false);
    for (const auto& session : {near, far, far_too}) session->take();
  }
  void settle() {
    REQUIRE(eventually([&] { return recorder.waiting() > 0; }));
    recorder.settle();
    sync();
  }

  tests::FakeStore store;
  tests::FakeRecorder recorder{store};
  tests::FakeLog log;
  tests::FakeClock clock;
  tests::SeededRandom random;
  server::Door door;
  std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(1, 100);
  net::Shards shards{2};
  bridge::Router router{shards, "localhost"};
  const std::string room = name_on(shards, 0, "room", "chat.localhost");
  std::shared_ptr<FakeSession> session(std::size_t shard, const std::string& stem) const {
    return std::make_shared<FakeSession>(name_on(shards, shard, stem, "localhost") +
                                         "@localhost/x");
  }
  std::shared_ptr<FakeSession> near = session(0, "near");
  std::shared_ptr<FakeSession> far = session(1, "far");
  std::shared_ptr<FakeSession> far_too = session(1, "other");
  std::unique_ptr<server::RoomHost> host;
};

}  // namespace

TEST_CASE("room host: a broadcast reaches every shard once, and every seat there") {
  TwoShards world;
  world.all_enter();
  world.say(*world.far, "hello");
  world.sync();
  CHECK(joined(world.near->got()) == "");
  CHECK(joined(world.far_too->got()) == "");

  REQUIRE(world.recorder.waiting() == 1);
  const auto before = world.shards[1].stats().mailbox_tasks;
  world.recorder.settle();
  world.on_shard(0, [] {});
  std::uint64_t after = 0;
  world.on_shard(1, [&] { after = world.shards[1].stats().mailbox_tasks; });
  for (const auto& session : {world.near, world.far, world.far_too})
    CHECK(joined(session->got()) == "message:hello");
  CHECK(after - before <= 2);  // the broadcast, and perhaps already this look at it

  // The same bytes for all; only `to` differs.
  CHECK(world.far->last_buffer() == world.far_too->last_buffer());
  CHECK(world.far->last_buffer() == world.near->last_buffer());
  for (const auto& session : {world.near, world.far, world.far_too})
    CHECK(session->last_bytes().find(" to='" + session->jid().str() + "'") != std::string::npos);
  CHECK(world.far->last_buffer()->find(" to='") == std::string::npos);
}

TEST_CASE("room host: who leaves hears no more, on either shard") {
  TwoShards world;
  world.all_enter();
  world.handle(*world.far, "<presence type='unavailable' to='" + world.room + "@chat.localhost/" +
                               world.local(*world.far) + "'/>");
  world.settle();
  CHECK(joined(world.far->take()) == "presence(unavailable) 110");
  world.near->take();
  world.far_too->take();
  world.say(*world.near, "hello");
  world.settle();
  CHECK(joined(world.far->take()) == "");
  CHECK(joined(world.far_too->take()) == "message:hello");
  CHECK(joined(world.near->take()) == "message:hello");
}

TEST_CASE("room host: order is kept between shards, history comes before what followed it") {
  TwoShards world;
  world.all_enter();
  world.recorder.settle_at_once(true);
  for (const char* body : {"1", "2", "3", "4"}) world.say(*world.near, body);
  world.handle(*world.far, "<presence type='unavailable' to='" + world.room + "@chat.localhost/" +
                               world.local(*world.far) + "'/>");
  world.sync();
  world.far->take();
  world.store.hold_reads();
  world.join(*world.far, "<history maxstanzas='9'/>");
  REQUIRE(eventually([&] { return world.far->has("presence 110 170"); }));
  for (const char* body : {"5", "6"}) world.say(*world.near, body);
  world.sync();
  CHECK_FALSE(world.far->has("message"));
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.far->has("message:6"); }));
  CHECK(joined(world.far->take())
            .find("message:1 | message:2 | message:3 | message:4 | message:subject | message:5 | "
                  "message:6") != std::string::npos);
}

TEST_CASE("room host: leaving and entering again while history is read leaves no gap") {
  TwoShards world;
  world.all_enter();
  world.recorder.settle_at_once(true);
  const std::string leave = "<presence type='unavailable' to='" + world.room + "@chat.localhost/" +
                            world.local(*world.far) + "'/>";
  for (const char* body : {"1", "2", "3"}) world.say(*world.near, body);
  world.handle(*world.far, leave);
  world.sync();
  world.store.hold_reads();
  world.join(*world.far, "<history maxstanzas='9'/>");
  for (const char* body : {"4", "5"}) world.say(*world.near, body);
  world.handle(*world.far, leave);
  for (const char* body : {"6", "7"}) world.say(*world.near, body);
  world.far->take();
  world.join(*world.far, "<history maxstanzas='9'/>");
  world.sync();
  world.say(*world.near, "8");
  world.store.let_reads();
  REQUIRE(eventually([&] { return world.far->has("message:8"); }));
  // As many as the room chooses to give, up to the newest, and not one is left out on the way.
  const std::string shown = joined(world.far->take());
  CHECK(shown.find("message:6 | message:7 | message:subject | message:8") != std::string::npos);
  std::string whole = "message:1";
  for (const char* body : {"2", "3", "4", "5", "6", "7"})
    whole += std::string(" | message:") + body;
  const std::size_t begin = shown.find("message:");
  CHECK(whole.ends_with(shown.substr(begin, shown.find(" | message:subject") - begin)));
}

TEST_CASE("room host: the end is told on all shards, and done once") {
  TwoShards world;
  world.all_enter();
  std::atomic<int> done = 0;
  world.host->shut_down([&] { ++done; });
  world.sync();
  CHECK(done == 0);
  world.settle();
  REQUIRE(eventually([&] { return done == 1; }));
  world.sync();
  for (const auto& session : {world.near, world.far, world.far_too})
    CHECK(joined(session->take()) == "presence(unavailable) 110 332");
}

TEST_CASE("room host: counts are summed over shards; waking goes to the room's shard") {
  TwoShards world;
  world.all_enter();
  std::promise<muc::Service::Counts> counted;
  world.host->count([&](muc::Service::Counts counts) { counted.set_value(counts); });
  const auto counts = counted.get_future().get();
  CHECK(counts.rooms == 1);
  CHECK(counts.occupants == 3);
  const std::size_t loads = world.store.loads();
  for (const std::size_t shard : {0u, 1u})
    world.host->wake(
        *Jid::parse(name_on(world.shards, shard, "asleep", "chat.localhost") + "@chat.localhost"));
  REQUIRE(eventually([&] { return world.store.loads() == loads + 2; }));
}

TEST_CASE("room host: too many rows for the archive close the door") {
  std::atomic<std::uint64_t> rows = 9;
  TwoShards world({.outbox_limit = 10, .outbox_rows = [&rows] { return rows.load(); }});
  world.all_enter();
  world.say(*world.far, "below");
  world.settle();
  CHECK(joined(world.far_too->take()) == "message:below");
  rows = 10;
  world.far->take();
  world.say(*world.far, "at the limit");
  world.sync();
  CHECK(joined(world.far->take()) == "message(error) wait resource-constraint");
  CHECK(world.recorder.waiting() == 0);
}
