// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/src/rooms/keeper_world.h"

#include <catch2/catch.hpp>
#include <future>

#include "tests/scripts/runner/xml.h"

namespace tests {

muc::ServiceConfig rooms_config() {
  muc::ServiceConfig config;
  config.domain = "chat.localhost";
  config.secrets.id_key = std::string(16, 'k');
  config.secrets.occupant_id_key = std::string(32, 'o');
  config.limits.history_on_join = 2;
  return config;
}

xmpp::Element stanza_from(const std::string& who, const std::string& text) {
  auto elements = parse_xml(text);
  elements.front().set_attr("from", who + "@localhost/x");
  return std::move(elements.front());
}

std::string join_text(const std::string& room, const std::string& nick,
                      const std::string& history) {
  return "<presence to='" + room + "@chat.localhost/" + nick +
         "'><x xmlns='http://jabber.org/protocol/muc'>" + history + "</x></presence>";
}

KeeperWorld::KeeperWorld(const Options& options)
    : door(recorder, {}, log),
      workers(std::make_unique<net::Workers>(options.worker_threads, options.worker_queue)) {
  keeper = std::make_unique<server::Keeper>(
      rooms_config(), random,
      server::Keeper::Parts{shards[0], *workers, recorder, store, clock, log, door, output, meters,
                            options.backlog});
  shards.start();
}

KeeperWorld::~KeeperWorld() {
  store.let_reads();
  shards.stop();
  shards.join();
  workers.reset();
}

void KeeperWorld::on_shard(const std::function<void()>& task) {
  std::promise<void> done;
  shards[0].post([&] {
    task();
    done.set_value();
  });
  REQUIRE(done.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
}

void KeeperWorld::handle(const std::string& who, const std::string& text, base::Receipt receipt) {
  on_shard([&] {
    auto stanza = stanza_from(who, text);
    const auto room = xmpp::Jid::parse(stanza.attr("to"))->bare();
    keeper->handle(room, std::move(stanza), std::move(receipt));
  });
}

void KeeperWorld::say(const std::string& who, const std::string& room, const std::string& body,
                      const std::string& id) {
  handle(who, "<message type='groupchat' to='" + room + "@chat.localhost'" +
                  (id.empty() ? "" : " id='" + id + "'") + "><body>" + body + "</body></message>");
}

void KeeperWorld::join(const std::string& who, const std::string& room,
                       const std::string& history) {
  handle(who, join_text(room, who, history));
}

void KeeperWorld::leave(const std::string& who, const std::string& room) {
  handle(who, "<presence type='unavailable' to='" + room + "@chat.localhost/" + who + "'/>");
}

void KeeperWorld::settle(record::Outcome outcome) {
  REQUIRE(eventually([&] { return recorder.waiting() > 0; }));
  recorder.settle(outcome);
  sync();
}

void KeeperWorld::open_room(const std::string& room) {
  recorder.settle_at_once(true);
  join("romeo", room);
  REQUIRE(eventually([&] { return output.has("to romeo: message:subject"); }));
  handle("romeo", "<iq type='set' id='c' to='" + room +
                      "@chat.localhost'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                      "<x xmlns='jabber:x:data' type='submit'/></query></iq>");
  join("juliet", room);
  REQUIRE(eventually([&] { return output.has("to juliet: message:subject"); }));
  sync();
  recorder.settle_at_once(false);
  output.take();
}

}  // namespace tests
