// SPDX-License-Identifier: Apache-2.0
// Binding and stanzas of clients that have logged in.
#include <catch2/catch.hpp>

#include "base/crypto.h"
#include "bridge/c2s/bucket.h"
#include "bridge/c2s/recipients.h"
#include "tests/unit/bridge/client.h"
#include "tests/unit/bridge/world.h"

using tests::Client;
using tests::World;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Logged in, not bound.
struct LoggedIn : Client {
  explicit LoggedIn(World& world, const std::string& user = "juliet") : Client(world.tls_port()) {
    handshake();
    open();
    login("SCRAM-SHA-256", user, "pencil");
    open();
  }
  std::string ask(const std::string& stanza) {
    send(stanza);
    return expect("</iq>");
  }
  void check_stream_error(std::string_view condition) {
    const std::string answer = rest();
    INFO(answer);
    CHECK(has(answer, "<stream:error><" + std::string(condition)));
  }
};

std::string bind_request(const std::string& content) {
  return "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" + content +
         "</bind></iq>";
}

const std::string ping = "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>";

}  // namespace

TEST_CASE("BI-BIND-01: before binding only the server and the own account may be addressed") {
  World world;
  for (const char* stanza :
       {"<message to='romeo@localhost'/>", "<presence/>", "<message/>",
        "<iq type='get' id='1' to='romeo@localhost'><x xmlns='urn:x'/></iq>"}) {
    INFO(stanza);
    LoggedIn client(world);
    client.send(stanza);
    client.check_stream_error("not-authorized");
  }
  LoggedIn client(world);
  CHECK(has(client.ask("<iq type='get' id='1'><x xmlns='urn:x'/></iq>"), "<service-unavailable"));
  CHECK(client.bind("balcony") == "juliet@localhost/balcony");
}

TEST_CASE("BI-BIND-02: an empty resource is ours to choose, a malformed one is refused") {
  World world;
  for (const std::string& bad : {std::string(1024, 'r'), std::string("a&#x85;b")}) {
    LoggedIn client(world);
    CHECK(has(client.ask(bind_request("<resource>" + bad + "</resource>")),
              "<error type='modify'><bad-request"));
    CHECK(client.bind("balcony") == "juliet@localhost/balcony");
  }
  LoggedIn longest(world), empty(world);
  CHECK(longest.bind(std::string(1023, 'r')) == "juliet@localhost/" + std::string(1023, 'r'));
  CHECK(tests::between(empty.ask(bind_request("<resource/>")), "<jid>juliet@localhost/", "<")
            .size() == 12);
}

TEST_CASE("BI-BIND-03: a resource in use is replaced by one of ours") {
  World world;
  LoggedIn first(world), second(world);
  CHECK(first.bind("balcony") == "juliet@localhost/balcony");
  const std::string other = second.bind("balcony");
  CHECK(other.starts_with("juliet@localhost/"));
  CHECK(other != "juliet@localhost/balcony");
  first.send(ping);
  CHECK(has(first.expect("/>"), "type='result'"));
}

TEST_CASE("BI-BIND-03: a session whose peer takes nothing any more gives way") {
  auto config = tests::test_config();
  config.sweep_period = base::milliseconds(5);
  config.limits.bytes_per_second = bridge::c2s::unlimited;
  config.limits.preauth_per_address = bridge::c2s::unlimited;
  World world(config);
  LoggedIn dead(world), romeo(world, "romeo");
  dead.bind("balcony");
  romeo.bind("orchard");
  const std::string large = "<message to='juliet@localhost/balcony'><body>" +
                            std::string(200000, 'x') + "</body></message>";
  std::string got;
  CHECK(tests::eventually([&] {
    romeo.send(large);
    LoggedIn fresh(world);
    got = fresh.bind("balcony");
    return got == "juliet@localhost/balcony";
  }));
  CHECK(world.rejected("stream:conflict") == 1);
}

// Rooms answer a farewell by name: the newcomer would be told that it has left.
TEST_CASE("BI-BIND-03: the name of a dead session that rooms know is not given on") {
  auto config = tests::test_config();
  config.sweep_period = base::milliseconds(5);
  config.limits.bytes_per_second = bridge::c2s::unlimited;
  config.limits.preauth_per_address = bridge::c2s::unlimited;
  config.limits.resources_per_account = bridge::c2s::unlimited;
  World world(config);
  LoggedIn dead(world), romeo(world, "romeo");
  dead.bind("balcony");
  romeo.bind("orchard");
  dead.send("<presence to='romeo@localhost/orchard'/>");
  romeo.expect("<presence");
  const std::string large = "<message to='juliet@localhost/balcony'><body>" +
                            std::string(200000, 'x') + "</body></message>";
  CHECK(tests::eventually([&] {
    romeo.send(large);
    LoggedIn fresh(world);
    CHECK(fresh.bind("balcony") != "juliet@localhost/balcony");
    return world.rejected("stream:conflict") == 1;
  }));
  CHECK(has(romeo.expect("type='unavailable'"), "<presence"));
  LoggedIn next(world);
  CHECK(next.bind("balcony") == "juliet@localhost/balcony");
}

TEST_CASE("BI-BIND-04: a second bind on one stream") {
  World world;
  LoggedIn client(world);
  client.bind("balcony");
  CHECK(has(client.ask(bind_request("")), "<error type='cancel'><not-allowed"));
}

TEST_CASE("BI-BIND-05: one resource more than allowed") {
  auto config = tests::test_config();
  config.limits.resources_per_account = 2;
  World world(config);
  LoggedIn one(world), two(world), three(world);
  CHECK_FALSE(one.bind("").empty());
  CHECK_FALSE(two.bind("").empty());
  const std::string answer = three.ask(bind_request(""));
  CHECK(has(answer, "<error type='wait'><resource-constraint"));
  CHECK(has(answer, "<resource-limit-exceeded xmlns='urn:xmpp:errors'/>"));
  one.send("</stream:stream>");
  one.rest();
  CHECK(tests::eventually([&] { return world.router.session_count() == 1; }));
  CHECK_FALSE(three.bind("").empty());
}

TEST_CASE("BI-BIND-13: ten failing binds are borne, the eleventh ends the stream") {
  World world;
  LoggedIn client(world);
  const auto bad = bind_request("<resource>" + std::string(1024, 'r') + "</resource>");
  for (int i = 0; i < 10; ++i) CHECK(has(client.ask(bad), "<bad-request"));
  client.send(bad);
  client.check_stream_error("policy-violation");
}

TEST_CASE("two accounts on different shards talk") {
  std::size_t shards = 2;
  const auto apart = [&] {
    const net::Shards some(shards);
    return some.home("juliet@localhost") != some.home("romeo@localhost");
  };
  while (!apart()) ++shards;
  World world(tests::test_config(), shards);
  LoggedIn juliet(world, "juliet"), romeo(world, "romeo");
  juliet.bind("balcony");
  romeo.bind("orchard");
  juliet.send(
      "<message to='romeo@localhost/orchard' from='mercutio@localhost'>"
      "<body>&lt;Wherefore&gt;<![CDATA[<b>&]]></body></message>");
  const std::string got = romeo.expect("</message>");
  CHECK(has(got, "from='juliet@localhost/balcony'"));
  CHECK(has(got, "<body>&lt;Wherefore&gt;&lt;b&gt;&amp;</body>"));  // BI-RAW-16
  CHECK_FALSE(has(got, "mercutio"));
}

TEST_CASE("BI-STZ-06: the largest stanza passes, one byte more does not") {
  World world;
  const std::string start = "<message to='juliet@localhost/balcony'><body>",
                    end = "</body></message>";
  for (const int over : {-1, 0, 1}) {
    LoggedIn client(world);
    client.bind("balcony");
    const auto room = 262144 - start.size() - end.size();
    client.send(start + std::string(room + static_cast<std::size_t>(over + 1) - 1, 'x') + end);
    if (over <= 0)
      CHECK(client.expect("</message>").size() > 262000);
    else
      client.check_stream_error("policy-violation");
  }
}

TEST_CASE("BI-RAW-34: deep nesting after login") {
  World world;
  LoggedIn client(world);
  client.bind("balcony");
  std::string deep = "<message>";
  for (int i = 0; i < 40000; ++i) deep += "<a>";
  client.send(deep);
  client.check_stream_error("policy-violation");
}

TEST_CASE("BI-RAW-38: thousands of stanzas in one segment are handled in turns, all in order") {
  auto config = tests::test_config();
  config.limits.stanzas_per_second = 100000;
  config.limits.bytes_per_second = bridge::c2s::unlimited;
  World world(config, 1);
  LoggedIn client(world), innocent(world, "romeo");
  client.bind("balcony");
  innocent.bind("orchard");
  std::string many;
  for (int i = 0; i < 5000; ++i)
    many += "<iq type='get' id='" + std::to_string(i) + "'><ping xmlns='urn:xmpp:ping'/></iq>";
  client.send(many);
  innocent.send(ping);
  CHECK(has(innocent.expect("/>"), "id='p'"));
  for (int i = 0; i < 5000; ++i) client.expect("id='" + std::to_string(i) + "'");
}

TEST_CASE("a bucket lets the burst pass and then one for each interval") {
  bridge::c2s::Bucket bucket;
  base::Time now{base::seconds(1000)};
  for (int i = 0; i < 200; ++i) CHECK(bucket.take(now, 50, 200) == 0);
  CHECK(bucket.take(now, 50, 200) == base::milliseconds(20));
  CHECK(bucket.take(now, 50, 200) == base::milliseconds(40));
  now = now + base::milliseconds(60);
  CHECK(bucket.take(now, 50, 200) == 0);
  CHECK(bucket.take(now, 50, 200) == base::milliseconds(20));
  now = now + base::seconds(100);
  for (int i = 0; i < 200; ++i) CHECK(bucket.take(now, 50, 200) == 0);
  CHECK(bucket.take(now, 50, 200) > 0);
}

TEST_CASE("stanzas beyond the burst wait, none is lost") {
  auto config = tests::test_config();
  config.limits.stanzas_per_second = 100;
  World world(config);
  LoggedIn client(world);
  client.bind("balcony");
  const base::SystemClock clock;
  const auto start = clock.monotonic();
  std::string many;
  for (int i = 0; i < 430; ++i)
    many += "<iq type='get' id='" + std::to_string(i) + "'><ping xmlns='urn:xmpp:ping'/></iq>";
  client.send(many);
  client.expect("id='429'");
  CHECK(clock.monotonic() - start >= base::milliseconds(250));  // 30 at 100 a second, less a margin
}

TEST_CASE("BI-RAW-39: a connection that dies takes its session along") {
  World world;
  {
    LoggedIn client(world);
    client.bind("balcony");
    client.send("<message to='juliet@localhost/balcony'><body>cut");
    CHECK(world.router.session_count() == 1);
  }
  CHECK(tests::eventually([&] { return world.router.session_count() == 0; }));
  CHECK(tests::eventually([&] { return world.server->connections() == 0; }));
}

TEST_CASE("BI-SASL-17: the streams of an account can be ended, others go on") {
  World world;
  LoggedIn one(world), two(world), unbound(world), romeo(world, "romeo");
  for (LoggedIn* client : {&one, &two, &romeo}) client->bind("");
  Client half_way(world.tls_port());
  half_way.handshake();
  half_way.open();
  half_way.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>" +
                base::base64("n,,n=Juliet,r=abc") + "</auth>");
  half_way.expect("</challenge>");
  world.server->end(*xmpp::Jid::parse("juliet@localhost"),
                    {xmpp::StreamCondition::not_authorized, "The password was changed."});
  for (Client* client : {static_cast<Client*>(&one), static_cast<Client*>(&two),
                         static_cast<Client*>(&unbound), &half_way}) {
    const std::string answer = client->rest();
    CHECK(has(answer, "<stream:error><not-authorized"));
    CHECK(has(answer, "The password was changed."));
  }
  romeo.send(ping);
  CHECK(has(romeo.expect("/>"), "type='result'"));
  CHECK(world.router.session_count() == 1);
}

TEST_CASE("what a client says is in the language of its stream, if it names none") {
  World world;
  const auto heard = [&](const std::string& lang, const std::string& own) {
    Client client(world.tls_port());
    client.handshake();
    client.open();
    client.login("PLAIN", "juliet", "pencil");
    client.open(lang);
    client.bind("balcony");
    client.send("<message to='juliet@localhost/balcony'" + own + "><body>x</body></message>");
    const auto got = client.expect("</message>");
    client.send("</stream:stream>");
    client.rest();
    return tests::between(got, "xml:lang='", "'");
  };
  CHECK(heard(" xml:lang='it'", "") == "it");
  CHECK(heard(" xml:lang='it'", " xml:lang='de-CH'") == "de-CH");
  CHECK(heard("", "") == "");
  CHECK(heard(" xml:lang='" + std::string(35, 'a') + "'", "") == std::string(35, 'a'));
  for (const std::string& none : {std::string(36, 'a'), std::string("i t"), std::string("&lt;")})
    CHECK(heard(" xml:lang='" + none + "'", "") == "");
}

TEST_CASE("a parser that was put to sleep wakes up") {
  auto config = tests::test_config();
  config.sweep_period = base::milliseconds(1);
  World world(config);
  LoggedIn client(world);
  client.bind("balcony");
  for (int i = 0; i < 20; ++i) {
    const auto sweeps = world.shards[0].stats().iterations;
    CHECK(tests::eventually([&] { return world.shards[0].stats().iterations > sweeps + 5; }));
    client.send(ping);
    CHECK(has(client.expect("/>"), "type='result'"));
  }
}

TEST_CASE("limits that change hold for streams that are open") {
  World world;
  LoggedIn client(world);
  client.bind("balcony");
  auto config = tests::test_config();
  config.limits.stanza_bytes = 10000;
  world.server->set_config(config);
  for (std::size_t shard = 0; shard < world.shards.size(); ++shard) world.on_shard(shard, [] {});
  client.send(ping);
  client.expect("/>");
  client.send("<message><body>" + std::string(10001, 'x') + "</body></message>");
  client.check_stream_error("policy-violation");
}

TEST_CASE("BI-STZ-16: a thousand different people in a minute, not one more; known ones go on") {
  bridge::c2s::Recipients recipients;
  const auto name = [](int i) { return "p" + std::to_string(i) + "@localhost"; };
  const base::Time now{base::seconds(1000)};
  for (int i = 1; i <= 1000; ++i) REQUIRE(recipients.admit(name(i), now));
  CHECK_FALSE(recipients.admit(name(1001), now));
  CHECK(recipients.admit(name(7), now));
  CHECK_FALSE(recipients.admit(name(1001), now + base::seconds(59)));
  CHECK(recipients.admit(name(1001), now + base::seconds(60)));
}

TEST_CASE("BI-STZ-16: who addresses too many people is told to wait; rooms and answers go on") {
  auto config = tests::test_config();
  config.limits.stanzas_per_second = 1000000;
  config.limits.bytes_per_second = bridge::c2s::unlimited;
  config.limits.preauth_time = 0;
  World world(config);
  LoggedIn client(world);
  client.bind("balcony");
  std::string many;
  for (int i = 1; i <= 1000; ++i)
    many += "<message type='headline' to='p" + std::to_string(i) + "@localhost'/>";
  client.send(many + "<iq type='get' id='q1' to='p1000@localhost'><x xmlns='urn:x'/></iq>");
  CHECK(has(client.expect("</iq>"), "<service-unavailable"));
  CHECK(has(client.ask("<iq type='get' id='q2' to='p1001@localhost'><x xmlns='urn:x'/></iq>"),
            "<error type='wait'><policy-violation"));
  CHECK(world.rejected("stanza:too-many-recipients") == 1);
  CHECK(has(client.ask("<iq type='get' id='q3' to='p7@localhost'><x xmlns='urn:x'/></iq>"),
            "<service-unavailable"));
  CHECK(has(client.ask("<iq type='get' id='q4' to='room@chat.localhost'><x xmlns='urn:x'/></iq>"),
            "<remote-server-not-found"));  // not an account: of no concern here
}
