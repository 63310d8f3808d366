// SPDX-License-Identifier: Apache-2.0
// A session outlives its connection (XEP-0198 §5).
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/unit/bridge/resume/managed_client.h"

using namespace tests;

namespace {

const std::string balcony = "juliet@localhost/balcony";

std::string resumed(const std::string& id, const std::string& h) {
  return "<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "' h='" + h + "'/>";
}

// Juliet, resumable, and romeo, who talks to her.
struct Scene {
  explicit Scene(const bridge::c2s::Config& config = test_config())
      : world(config), romeo(world, "romeo"), juliet(std::make_unique<ManagedClient>(world)) {
    romeo.bind("orchard");
    romeo.send("<presence/>");
    juliet->enter();
    id = juliet->id;
  }
  void say(const std::string& message) {
    romeo.say(balcony, message);
    romeo.sync();
  }
  // The connection breaks; when this returns the server has noticed.
  void cut() {
    juliet.reset();
    REQUIRE(eventually([&] { return world.server->connections() == 1; }));
  }

  // Juliet's shard counts milliseconds; one more is over.
  void tick() {
    const std::size_t home = world.router.home(*xmpp::Jid::parse(balcony));
    const auto now = [&] {
      base::Time read;
      world.on_shard(home, [&] { read = world.shards[home].now(); });
      return read;
    };
    const base::Time then = now();
    REQUIRE(eventually([&] { return now() > then; }));
  }

  World world;
  ManagedClient romeo;
  std::unique_ptr<ManagedClient> juliet;
  std::string id;
};

}  // namespace

TEST_CASE("what was not acknowledged comes again, in order, and what was does not") {
  Scene scene;
  for (const char* id : {"1", "2", "3"}) scene.say(id);
  scene.juliet->ids_up_to("3");
  scene.juliet->acknowledge("1");
  scene.juliet->sync();  // the answer counts: 4
  scene.cut();
  for (const char* id : {"5", "6"}) scene.say(id);

  ManagedClient back(scene.world);
  CHECK(back.resume(scene.id, "2") == resumed(scene.id, "1"));
  CHECK(back.ids_up_to("6") == "3 5 6 ");
  CHECK(back.expect(">") == "<r xmlns='urn:xmpp:sm:3'/>");
  back.acknowledge("6");
  scene.say("7");
  CHECK(back.ids_up_to("7") == "7 ");
  back.say("romeo@localhost/orchard", "8");
  CHECK(scene.romeo.ids_up_to("8") == "8 ");
  CHECK(back.request() == "<a xmlns='urn:xmpp:sm:3' h='2'/>");
  // A second time, with the same id, while the connection is still there.
  ManagedClient again(scene.world);
  CHECK(again.resume(scene.id, "7") == resumed(scene.id, "2"));
  CHECK(has(back.rest(), "<stream:error><conflict"));  // BI-BIND-09
  again.sync();
}

TEST_CASE("while its connection is gone a session stays where it is") {
  Scene scene;
  scene.juliet->send("<presence to='romeo@localhost/orchard'/>");
  scene.romeo.expect("from='juliet@localhost/balcony'");
  scene.cut();
  scene.romeo.send("<iq type='get' id='q' to='" + balcony + "'><x xmlns='urn:x'/></iq>");
  CHECK_FALSE(has(scene.romeo.sync(), "unavailable"));
  ManagedClient back(scene.world);
  back.resume(scene.id, "0");
  back.expect("id='q'");
}

TEST_CASE("BI-BIND-08: sessions that are not there, or not one's own, look alike") {
  Scene scene;
  ManagedClient thief(scene.world, "romeo");
  CHECK(thief.resume(scene.id, "0") == failed);
  CHECK(thief.resume("guessed", "0") == failed);
  CHECK(thief.resume(scene.id.substr(1), "0") == failed);
  CHECK(has(thief.resume(scene.id, "x"), "<bad-request"));
  CHECK(has(thief.resume("", "0"), "<bad-request"));
  CHECK_FALSE(thief.bind("anew").empty());
  scene.juliet->sync();  // still there

  ManagedClient restless(scene.world, "romeo");
  for (int i = 0; i < 11; ++i)
    restless.send("<resume xmlns='urn:xmpp:sm:3' previd='guessed' h='0'/>");
  restless.ends_with("policy-violation");
}

TEST_CASE("BI-BIND-08: a change of the password ends what could be resumed") {
  Scene scene;
  scene.cut();
  const auto juliet = *xmpp::Jid::parse("juliet@localhost");
  scene.world.server->end(juliet, {xmpp::StreamCondition::not_authorized});
  REQUIRE(eventually([&] { return scene.world.router.session_count() == 1; }));
  ManagedClient back(scene.world);
  CHECK(back.resume(scene.id, "0") == failed);
}

TEST_CASE("BI-BIND-07: a resumption that claims more than was sent") {
  Scene scene;
  scene.say("1");
  scene.cut();
  ManagedClient liar(scene.world);
  liar.send("<resume xmlns='urn:xmpp:sm:3' previd='" + scene.id + "' h='2'/>");
  CHECK(has(liar.rest(), "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='2' send-count='1'/>"));
  ManagedClient back(scene.world);
  CHECK(back.resume(scene.id, "0") == resumed(scene.id, "0"));
  CHECK(back.ids_up_to("1") == "1 ");
}

TEST_CASE("a session is not resumed before all that it sent is done with") {
  Scene scene;
  scene.juliet->send("<message to='r@slow.localhost' type='groupchat' id='m'/>");
  scene.juliet->sync();
  scene.cut();
  ManagedClient back(scene.world);
  back.send("<resume xmlns='urn:xmpp:sm:3' previd='" + scene.id + "' h='0'/>");
  ManagedClient later(scene.world);
  later.send("<resume xmlns='urn:xmpp:sm:3' previd='" + scene.id + "' h='0'/>");
  CHECK(has(back.rest(), "<stream:error><conflict"));  // exactly one wins
  scene.world.slow.let_go();
  CHECK(later.expect(">") == resumed(scene.id, "2"));
}

TEST_CASE("what is not settled in time can be resumed later") {
  auto config = test_config();
  config.settle_time = base::milliseconds(20);
  Scene scene(config);
  scene.juliet->send("<message to='r@slow.localhost' type='groupchat' id='m'/>");
  scene.juliet->sync();
  scene.say("2");
  scene.cut();
  for (int i = 0; i < 2; ++i) {
    ManagedClient early(scene.world);
    early.send("<resume xmlns='urn:xmpp:sm:3' previd='" + scene.id + "' h='1'/>");
    early.ends_with("resource-constraint");
  }
  CHECK(scene.world.router.session_count() == 2);
  scene.world.slow.let_go();
  ManagedClient back(scene.world);
  CHECK(back.resume(scene.id, "1") == resumed(scene.id, "2"));
  CHECK(back.ids_up_to("2") == "2 ");
  CHECK_FALSE(has(back.sync(), "<message"));
  CHECK_FALSE(has(scene.romeo.sync(), "<message"));  // nothing came back
}

TEST_CASE("a session that is not resumed ends, and what it never got goes back") {
  auto config = test_config();
  config.resume_time = base::milliseconds(200);
  Scene scene(config);
  scene.juliet->send("<presence to='romeo@localhost/orchard'/>");
  scene.romeo.expect("from='juliet@localhost/balcony'");
  scene.say("1");
  scene.romeo.send("<message type='headline' id='news' to='" + balcony + "'/>");
  scene.juliet->ids_up_to("1");
  scene.juliet->acknowledge("1");
  scene.juliet->sync();
  scene.say("2");
  scene.romeo.send("<message id='3' to='" + balcony + "'><body>3</body></message>");
  scene.juliet->expect("id='3'");
  scene.cut();
  std::string got = scene.romeo.expect("type='unavailable'");
  CHECK_FALSE(has(got, "type='error'"));
  got = scene.romeo.expect("id='2'");
  got += scene.romeo.expect("id='3'");
  got += scene.romeo.expect("</message>");
  CHECK(has(got, "<recipient-unavailable"));
  CHECK_FALSE(has(got, "news"));
  CHECK_FALSE(has(got, "id='1'"));
  ManagedClient back(scene.world);
  CHECK(has(back.resume(scene.id, "0"), "<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found"));
}

TEST_CASE("what a lost session never got goes to another resource") {
  auto config = test_config();
  config.resume_time = base::milliseconds(200);
  Scene scene(config);
  ManagedClient phone(scene.world);
  phone.bind("phone");
  phone.send("<presence/>");
  scene.say("1");
  scene.juliet->expect("id='1'");
  scene.juliet.reset();
  CHECK(phone.ids_up_to("1") == "1 ");
}

TEST_CASE("a request that a lost session never got is refused, an answer is not") {
  auto config = test_config();
  config.resume_time = base::milliseconds(200);
  Scene scene(config);
  scene.romeo.send("<iq type='result' id='r' to='" + balcony + "'/>");
  for (const char* type : {"get", "set"})
    scene.romeo.send("<iq type='" + std::string(type) + "' id='" + type + "' to='" + balcony +
                     "'><x xmlns='urn:x'/></iq>");
  scene.romeo.sync();
  scene.cut();
  const std::string got = scene.romeo.expect("</iq>") + scene.romeo.expect("</iq>");
  CHECK(has(got, "id='get'"));
  CHECK(has(got, "id='set'"));
  CHECK(has(got, "from='" + balcony + "'"));
  CHECK(has(got, "<service-unavailable"));
  CHECK_FALSE(has(got, "id='r'"));
}

TEST_CASE("a stream that was closed is not resumed, and what it never acknowledged goes back") {
  Scene scene;
  scene.say("1");
  scene.juliet->ids_up_to("1");
  scene.juliet->acknowledge("1");
  scene.juliet->sync();
  scene.say("2");
  scene.juliet->expect("id='2'");
  scene.juliet->send("</stream:stream>");
  scene.juliet->rest();
  ManagedClient back(scene.world);
  CHECK(back.resume(scene.id, "0") == failed);
  CHECK(back.bind("balcony") == balcony);
  const std::string got = scene.romeo.expect("<recipient-unavailable");
  CHECK(has(got, "id='2'"));
  CHECK_FALSE(has(got, "id='1'"));
}

TEST_CASE("the server stops: whoever wrote to a session that is away is told first") {
  Scene scene;
  scene.say("1");
  scene.cut();
  scene.world.server->drain([] {});
  const std::string got = scene.romeo.rest();
  CHECK(has(got, "id='1'"));
  CHECK(got.find("<recipient-unavailable") < got.find("<stream:error><system-shutdown"));
}

TEST_CASE("a session without resumption ends with its connection") {
  World world;
  {
    ManagedClient client(world);
    client.bind("balcony");
    client.enable("");
  }
  CHECK(eventually([&] { return world.router.session_count() == 0; }));
}

TEST_CASE("BI-BIND-10: away, as many stanzas as the limit wait, and not one more") {
  auto config = test_config();
  config.limits.resume_stanzas = 3;
  Scene scene(config);
  scene.say("0");  // on its way when the connection breaks
  scene.cut();
  for (const char* id : {"1", "2", "3"}) scene.say(id);
  CHECK(scene.world.router.session_count() == 2);
  SECTION("N") {
    ManagedClient back(scene.world);
    CHECK(back.resume(scene.id, "0") == resumed(scene.id, "0"));
    CHECK(back.ids_up_to("3") == "0 1 2 3 ");
  }
  SECTION("N+1") {
    scene.say("4");
    CHECK(eventually([&] { return scene.world.router.session_count() == 1; }));
    CHECK(scene.world.rejected("stream:resource-constraint") == 1);
    ManagedClient back(scene.world);
    CHECK(has(back.resume(scene.id, "0"), "h='0'><item-not-found"));
  }
}

TEST_CASE("BI-BIND-10: away, as many bytes as the limit wait, and not one more") {
  const std::string one =
      "<message type='chat' to='juliet@localhost/balcony' id='1' "
      "from='romeo@localhost/orchard'><body>1</body></message>";
  const int more = GENERATE(-1, 0, 1);
  auto config = test_config();
  config.resume_bytes = 3 * one.size() + static_cast<std::size_t>(more);
  Scene scene(config);
  scene.cut();
  for (const char* id : {"1", "2", "3"}) scene.say(id);
  if (more < 0) {
    CHECK(eventually([&] { return scene.world.router.session_count() == 1; }));
    CHECK(scene.world.rejected("stream:resource-constraint") == 1);
    return;
  }
  ManagedClient back(scene.world);
  CHECK(back.resume(scene.id, "0") == resumed(scene.id, "0"));
  CHECK(back.ids_up_to("3") == "1 2 3 ");
}

TEST_CASE("BI-BIND-12: too many resumptions wait for their turn") {
  auto config = test_config();
  config.resume_burst = 2;
  config.limits.preauth_per_address = bridge::c2s::unlimited;
  Scene scene(config);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) {
    scene.juliet = std::make_unique<ManagedClient>(scene.world);
    CHECK(scene.juliet->resume(scene.id, "0") == resumed(scene.id, "0"));
  }
  CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(1000));
}

TEST_CASE("BI-BIND-03: a session that is away gives its name to a newcomer") {
  Scene scene;
  scene.cut();
  ManagedClient fresh(scene.world);
  CHECK(fresh.bind("balcony") == balcony);
  CHECK(scene.world.router.session_count() == 2);
  ManagedClient back(scene.world);
  CHECK(back.resume(scene.id, "0") == failed);
}

TEST_CASE("BI-BIND-05: the one that has been away longest makes room; only then is one refused") {
  auto config = test_config();
  config.limits.resources_per_account = 2;
  Scene scene(config);
  auto second = std::make_unique<ManagedClient>(scene.world);
  second->bind("tomb");
  const std::string second_id = between(second->enable(), " id='", "'");
  second.reset();
  REQUIRE(eventually([&] { return scene.world.server->connections() == 2; }));
  scene.say("1");
  scene.tick();
  scene.cut();
  ManagedClient third(scene.world), back(scene.world), fourth(scene.world);
  CHECK(third.bind("vault") == "juliet@localhost/vault");
  CHECK(has(back.resume(second_id, "0"), "<item-not-found"));
  CHECK(back.resume(scene.id, "0") == resumed(scene.id, "0"));
  CHECK(back.ids_up_to("1") == "1 ");
  fourth.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  CHECK(has(fourth.expect("</iq>"), "<resource-limit-exceeded"));
}

TEST_CASE("a peer that fell silent without a word is cut off and may come back") {
  auto config = test_config();
  config.ack_patience = base::milliseconds(200);
  config.sweep_period = base::milliseconds(5);
  Scene scene(config);
  scene.say("1");
  CHECK(eventually([&] { return scene.world.server->connections() == 1; }));
  CHECK(scene.world.router.session_count() == 2);
  ManagedClient back(scene.world);
  CHECK(back.resume(scene.id, "0") == resumed(scene.id, "0"));
  CHECK(back.ids_up_to("1") == "1 ");
  back.acknowledge("1");
}
