// SPDX-License-Identifier: Apache-2.0
// Stream management (XEP-0198) on one connection: enabling, counting, limits.
#include <catch2/catch.hpp>

#include "tests/unit/bridge/resume/managed_client.h"

using namespace tests;

TEST_CASE("stream management is offered with what else one may ask for after login") {
  World world;
  ManagedClient client(world);
  CHECK(has(client.features, "<sm xmlns='urn:xmpp:sm:3'/>"));
  CHECK(has(client.features, "<csi xmlns='urn:xmpp:csi:0'/>"));
  client.bind("balcony");
  CHECK(has(client.enable(), "resume='true' max='300'/>"));
  CHECK(client.id.size() >= 22);  // 128 bits

  ManagedClient plain(world), brief(world);
  plain.bind("orchard");
  CHECK(plain.enable("") == "<enabled xmlns='urn:xmpp:sm:3'/>");
  brief.bind("tomb");
  CHECK(has(brief.enable("resume='1' max='7'"), "max='7'/>"));
  CHECK(brief.id != client.id);
}

TEST_CASE("BI-BIND-06: enabled out of turn") {
  World world;
  const std::string refused =
      "<failed xmlns='urn:xmpp:sm:3'><unexpected-request "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
  const std::string enable = "<enable xmlns='urn:xmpp:sm:3'/>";
  const std::string resume = "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>";
  Client stranger(world.tls_port());
  stranger.handshake();
  stranger.open();
  for (const auto& element : {enable, resume}) {
    stranger.send(element);
    CHECK(stranger.expect("</failed>") == refused);
  }
  ManagedClient client(world);
  client.send(enable);
  CHECK(client.expect("</failed>") == refused);
  client.enter();
  for (const auto& element : {enable, resume}) {
    client.send(element);
    CHECK(client.expect("</failed>") == refused);
  }
  client.sync();

  ManagedClient restless(world);
  for (int i = 0; i < 11; ++i) restless.send(enable);
  restless.ends_with("policy-violation");
}

TEST_CASE("each stanza counts once it is done with, whatever became of it") {
  World world;
  ManagedClient client(world);
  client.enter();
  CHECK(client.request() == "<a xmlns='urn:xmpp:sm:3' h='0'/>");
  client.sync();               // answered
  client.send("<presence/>");  // told to itself
  client.expect("/>");
  client.send("<message to='romeo@localhost' type='chat'/>");  // bounced
  client.expect("</message>");
  client.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  client.expect("</iq>");  // refused
  CHECK(client.request() == "<a xmlns='urn:xmpp:sm:3' h='4'/>");
}

TEST_CASE("BI-BIND-04: the refusal of a second binding counts as well") {
  World world;
  ManagedClient client(world);
  client.enter();
  client.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  CHECK(has(client.expect("</iq>"), "<not-allowed"));
  client.acknowledge("1");
  CHECK_FALSE(has(client.sync(), "stream:error"));
}

TEST_CASE("whoever acknowledges less than was sent is asked again") {
  auto config = test_config();
  config.sweep_period = base::milliseconds(5);
  World world(config);
  ManagedClient romeo(world, "romeo"), juliet(world);
  romeo.bind("orchard");
  juliet.enter();
  romeo.say("juliet@localhost/balcony", "1");
  for (int i = 0; i < 3; ++i) {
    juliet.expect("<r xmlns='urn:xmpp:sm:3'/>");
    juliet.acknowledge("0");
  }
}

TEST_CASE("h waits for what is still to be done with, and is told when it is") {
  World world;
  ManagedClient client(world);
  client.enter();
  client.send("<message to='r@slow.localhost' type='groupchat'/>");
  client.sync();
  CHECK(client.request() == "<a xmlns='urn:xmpp:sm:3' h='0'/>");
  CHECK(client.request() == "<a xmlns='urn:xmpp:sm:3' h='0'/>");
  world.slow.let_go();
  CHECK(client.expect(">") == "<a xmlns='urn:xmpp:sm:3' h='2'/>");
  CHECK(client.request() == "<a xmlns='urn:xmpp:sm:3' h='2'/>");
}

TEST_CASE("BI-BIND-07: acknowledgements that cannot be") {
  World world;
  ManagedClient romeo(world, "romeo");
  romeo.bind("orchard");
  const auto with_three = [&](const std::string& name) {
    auto client = std::make_unique<ManagedClient>(world);
    client->bind(name);
    client->enable("");
    for (const char* id : {"1", "2", "3"}) romeo.say("juliet@localhost/" + name, id);
    client->ids_up_to("3");
    return client;
  };
  auto high = with_three("high");
  high->acknowledge("4");
  const std::string answer = high->rest();
  CHECK(has(answer, "<stream:error><undefined-condition"));
  CHECK(has(answer,
            "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='4' send-count='3'/></stream:error>"));
  for (const char* h : {"-1", "abc", "4294967296", "", " 1", "4294967295"}) {
    INFO(h);
    auto client = with_three("bad");
    client->acknowledge(h);
    client->ends_with("policy-violation");
  }
  auto backwards = with_three("back");
  backwards->acknowledge("2");
  backwards->acknowledge("2");
  backwards->sync();
  backwards->acknowledge("1");
  backwards->ends_with("policy-violation");
  auto none = std::make_unique<ManagedClient>(world);
  none->bind("none");
  none->acknowledge("0");
  none->ends_with("unsupported-stanza-type");
}

TEST_CASE("BI-BIND-10: whoever never acknowledges is closed at the limit") {
  auto config = test_config();
  config.limits.resume_stanzas = 40;
  config.ack_patience = base::milliseconds(50);
  config.sweep_period = base::milliseconds(5);
  World world(config);
  ManagedClient romeo(world, "romeo"), juliet(world);
  romeo.bind("orchard");
  juliet.enter();
  int n = 0;
  const auto say = [&] {
    const std::string id = "m" + std::to_string(++n);
    romeo.say("juliet@localhost/balcony", id);
    juliet.expect("id='" + id + "'");
  };
  for (int i = 0; i < 40; ++i) say();
  const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
  while (std::chrono::steady_clock::now() < later) {
    juliet.acknowledge("0");
    juliet.request();
  }
  CHECK(world.rejected("stream:resource-constraint") == 0);
}

TEST_CASE("BI-BIND-10: one more than the limit, long after it was asked for") {
  auto config = test_config();
  config.limits.resume_stanzas = 40;
  config.ack_patience = base::milliseconds(50);
  config.sweep_period = base::milliseconds(5);
  World world(config);
  ManagedClient romeo(world, "romeo"), juliet(world);
  romeo.bind("orchard");
  romeo.send("<presence/>");
  juliet.enter();
  for (int i = 1; i <= 41; ++i) romeo.say("juliet@localhost/balcony", "m" + std::to_string(i));
  juliet.ends_with("resource-constraint");
  // What it never acknowledged goes back.
  const std::string back = romeo.expect("id='m41'");
  CHECK(has(back, "id='m1'"));
  romeo.expect("<recipient-unavailable");
}

TEST_CASE("a burst beyond the limit does not end a client that acknowledges") {
  auto config = test_config();
  config.limits.resume_stanzas = 50;
  config.limits.stanzas_per_second = bridge::c2s::unlimited;
  config.limits.bytes_per_second = bridge::c2s::unlimited;
  World world(config);
  ManagedClient romeo(world, "romeo"), juliet(world);
  romeo.bind("orchard");
  juliet.enter();
  for (int i = 1; i <= 1000; ++i) romeo.say("juliet@localhost/balcony", "m" + std::to_string(i));
  romeo.sync();
  const std::string first = juliet.expect("<r xmlns='urn:xmpp:sm:3'/>");
  CHECK(has(first, "id='m16'"));
  CHECK_FALSE(has(first, "id='m17'"));
  juliet.expect("id='m1000'");
  juliet.acknowledge("16");
  juliet.expect("<r xmlns='urn:xmpp:sm:3'/>");
  juliet.acknowledge("1000");
  juliet.sync();
  CHECK(world.rejected("stream:resource-constraint") == 0);
}

TEST_CASE("BI-BIND-11: each request is answered, and many make reading slower") {
  auto config = test_config();
  config.limits.stanzas_per_second = 1000;
  World world(config);
  ManagedClient client(world);
  client.enter();
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "<r xmlns='urn:xmpp:sm:3'/>";
  const auto start = std::chrono::steady_clock::now();
  client.send(many);
  for (int i = 0; i < 2000; ++i) REQUIRE(client.expect("/>") == "<a xmlns='urn:xmpp:sm:3' h='0'/>");
  CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(900));
}
