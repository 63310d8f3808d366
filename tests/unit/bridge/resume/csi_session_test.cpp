// SPDX-License-Identifier: Apache-2.0
// Client state indication (XEP-0352) on a client stream.
#include <catch2/catch.hpp>

#include "tests/unit/bridge/resume/managed_client.h"

using namespace tests;

namespace {

constexpr auto inactive = "<inactive xmlns='urn:xmpp:csi:0'/>";
constexpr auto active = "<active xmlns='urn:xmpp:csi:0'/>";

struct Scene {
  explicit Scene(const bridge::c2s::Config& config = test_config())
      : world(config), romeo(world, "romeo"), juliet(world) {
    romeo.bind("orchard");
    juliet.enter();
  }
  void show(const std::string& id) {
    romeo.send("<presence id='" + id + "' to='juliet@localhost/balcony'/>");
  }
  void type(const std::string& id) {
    romeo.send("<message type='chat' id='" + id +
               "' to='juliet@localhost/balcony'>"
               "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
  }
  // All of it has come to juliet's session.
  void settle() {
    romeo.sync();
    for (std::size_t shard = 0; shard < world.shards.size(); ++shard) world.on_shard(shard, [] {});
  }
  // Nothing but the answer to this comes.
  void quiet() { CHECK(juliet.request() == "<a xmlns='urn:xmpp:sm:3' h='1'/>"); }
  // `text` comes first of all.
  void first(const std::string& text) { CHECK(has(juliet.expect("/>"), text)); }

  World world;
  ManagedClient romeo, juliet;
};

bridge::c2s::Config fast() {
  auto config = test_config();
  config.limits.stanzas_per_second = bridge::c2s::unlimited;
  return config;
}

}  // namespace

TEST_CASE("inactive: presence and chat states wait, in order, for the next message") {
  Scene scene;
  scene.juliet.send(inactive);
  scene.juliet.sync();
  scene.show("p1");
  scene.type("c2");
  scene.show("p3");
  scene.settle();
  scene.quiet();
  scene.romeo.say("juliet@localhost/balcony", "m4");
  const std::string got = scene.juliet.expect("id='m4'");
  const auto p1 = got.find("id='p1'"), c2 = got.find("id='c2'"), p3 = got.find("id='p3'");
  CHECK(p1 < c2);
  CHECK(c2 < p3);
  CHECK(p3 != std::string::npos);
  scene.juliet.acknowledge("5");
  scene.juliet.sync();
}

TEST_CASE("active: what waited comes, and nothing waits any more") {
  Scene scene;
  scene.juliet.send(inactive);
  scene.juliet.sync();
  scene.show("p1");
  scene.settle();
  scene.quiet();
  scene.juliet.send(active);
  scene.first("id='p1'");
  scene.show("p2");
  scene.first("id='p2'");
}

TEST_CASE("inactive: two hundred wait, then they come") {
  const int count = GENERATE(199, 200, 201);
  Scene scene(fast());
  scene.juliet.send(inactive);
  scene.juliet.sync();
  for (int i = 1; i <= count; ++i) scene.show("p" + std::to_string(i));
  scene.settle();
  if (count == 199) {
    scene.quiet();
    scene.juliet.send(active);
    scene.juliet.expect("id='p199'");
    return;
  }
  scene.juliet.expect("id='p200'");
  scene.juliet.expect("/>");
  scene.quiet();
  scene.juliet.send(active);
  if (count == 201) scene.juliet.expect("id='p201'");
}

TEST_CASE("a session that is resumed is active") {
  Scene scene;
  const std::string id = scene.juliet.id;
  scene.juliet.send(inactive);
  scene.juliet.sync();
  scene.show("p1");
  scene.settle();
  ManagedClient back(scene.world);
  back.resume(id, "1");
  back.expect("id='p1'");
  scene.show("p2");
  back.expect("id='p2'");
}
