// SPDX-License-Identifier: Apache-2.0
// Between accounts: what is said is on record before it is heard, in order, and what cannot be
// recorded comes back to who said it.
#include "src/direct_messages.h"

#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "accounts/archive/archive_id.h"
#include "tests/support/fakes.h"
#include "tests/unit/src/rooms/keeper_world.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace {

using record::Outcome;
using tests::eventually;
using tests::joined;
using xmpp::Jid;

struct Talk {
  explicit Talk(server::DirectMessages::Limits limits = {})
      : direct({shards, recorder, door, clock, archives, "0123456789abcdef", limits}) {
    shards.start();
  }
  ~Talk() {
    shards.stop();
    shards.join();
  }
  void on_shard(const std::function<void()>& task) {
    std::promise<void> done;
    shards[0].post([&] {
      task();
      done.set_value();
    });
    REQUIRE(done.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  }
  // From romeo's client to juliet; `name` is what came out of it: "name" or "name:error".
  void pass(const std::string& name, const std::string& text, bool heard = true,
            const std::string& to = "juliet@localhost") {
    auto stanza = tests::stanza_from("romeo", text);
    on_shard([&] {
      direct.pass(0, stanza, *Jid::parse(to), heard, [this, name](const auto& verdict) {
        const auto& error = verdict.error;
        out.push_back(error ? name + ":" + std::string(xmpp::name(error->condition)) + "/" +
                                  std::string(xmpp::name(error->type))
                            : name);
        ids.push_back(verdict.archive_id);
      });
    });
  }
  void say(const std::string& name, const std::string& to = "juliet@localhost") {
    pass(name,
         "<message type='chat' id='" + name + "' to='" + to + "'><body>" + name +
             "</body></message>",
         true, to);
  }
  std::string heard() {
    std::vector<std::string> now;
    on_shard([&] { now = std::exchange(out, {}); });
    return joined(now);
  }
  void settle(Outcome outcome = Outcome::durable) {
    recorder.settle(outcome);
    on_shard([] {});
  }

  tests::FakeStore store;
  tests::FakeRecorder recorder{store};
  tests::FakeLog log;
  tests::FakeClock clock;
  server::Door door{recorder, {}, log};
  net::Shards shards{1};
  server::ArchiveRules archives;
  server::DirectMessages direct;
  std::vector<std::string> out;  // on the shard's thread
  std::vector<std::string> ids;
};

TEST_CASE("a direct message is on record before it is heard") {
  Talk talk;
  talk.say("one");
  CHECK(talk.heard().empty());
  REQUIRE(talk.recorder.waiting() == 1);
  const auto events = talk.recorder.front();
  REQUIRE(events.size() == 1);
  const auto& said = std::get<record::DirectMessage>(events.front().body);
  CHECK(events.front().actor.jid.str() == "romeo@localhost/x");
  CHECK(events.front().room_id == 0);
  CHECK(said.to.str() == "juliet@localhost");
  CHECK(said.body == "one");
  CHECK(said.origin_id == "one");
  CHECK(said.stanza.find("<body>one</body>") != std::string::npos);
  CHECK(said.stanza.find("from='romeo@localhost/x'") != std::string::npos);
  talk.settle();
  CHECK(talk.heard() == "one");
}

TEST_CASE("what follows a message between the same two waits behind it, others do not") {
  Talk talk;
  talk.say("one");
  talk.pass("typing",
            "<message type='chat' to='juliet@localhost'>"
            "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
  talk.pass("question", "<iq type='get' id='q' to='juliet@localhost/b'><x xmlns='y'/></iq>", false,
            "juliet@localhost/b");
  talk.say("two");
  talk.pass("elsewhere", "<iq type='get' id='q' to='nurse@localhost/b'><x xmlns='y'/></iq>", false,
            "nurse@localhost/b");
  CHECK(talk.heard() == "elsewhere");
  CHECK(talk.recorder.waiting() == 2);
  talk.settle();
  CHECK(talk.heard() == "one | typing | question");
  talk.settle();
  CHECK(talk.heard() == "two");
  talk.pass("later", "<iq type='get' id='q' to='juliet@localhost/b'><x xmlns='y'/></iq>", false,
            "juliet@localhost/b");
  CHECK(talk.heard() == "later");
}

TEST_CASE("a chat state by itself is not recorded, one that carries anything else is") {
  constexpr const char* states = "http://jabber.org/protocol/chatstates";
  Talk talk;
  const auto message = [](const std::string& inside) {
    return "<message type='chat' to='juliet@localhost'>" + inside + "</message>";
  };
  talk.pass("state", message("<active xmlns='" + std::string(states) +
                             "'/><no-store xmlns='urn:xmpp:hints'/>"));
  CHECK(talk.heard() == "state");
  CHECK(talk.recorder.waiting() == 0);
  for (const std::string& inside :
       {"<active xmlns='" + std::string(states) + "'>psst</active>",
        "<active xmlns='" + std::string(states) + "'><p xmlns='q'/></active>",
        "<active xmlns='" + std::string(states) + "'/><body>hi</body>",
        "<active xmlns='" + std::string(states) + "'/><thread>any text</thread>",
        std::string("<thread>t</thread>"), std::string("<body/>")}) {
    talk.pass("said", message(inside));
    CHECK(talk.heard().empty());
    CHECK(talk.recorder.waiting() == 1);
    talk.settle();
    CHECK(talk.heard() == "said");
  }
}

TEST_CASE("what nobody hears is not recorded") {
  Talk talk;
  talk.pass("lost", "<message type='chat' to='juliet@localhost'><body>hi</body></message>", false);
  CHECK(talk.heard() == "lost");
  CHECK(talk.recorder.waiting() == 0);
}

// Who is there to hear it may be another thing when its turn comes.
TEST_CASE("a message behind another is recorded, heard or not") {
  Talk talk;
  talk.say("one");
  talk.pass("two", "<message type='chat' to='juliet@localhost'><body>two</body></message>", false);
  CHECK(talk.recorder.waiting() == 2);
  talk.settle();
  CHECK(talk.heard() == "one");
  talk.settle();
  CHECK(talk.heard() == "two");
}

TEST_CASE("a message of type error is recorded like others") {
  Talk talk;
  talk.pass("error", "<message type='error' to='juliet@localhost/b'><body>psst</body></message>",
            true, "juliet@localhost/b");
  CHECK(talk.heard().empty());
  CHECK(talk.recorder.waiting() == 1);
}

TEST_CASE("a server that ends refuses more and waits for what it has taken") {
  Talk talk;
  talk.say("one");
  CHECK_FALSE(talk.direct.drain(base::milliseconds(20)));
  talk.say("two");
  CHECK(talk.heard() == "two:service-unavailable/cancel");
  auto drained =
      std::async(std::launch::async, [&] { return talk.direct.drain(base::seconds(10)); });
  talk.settle();
  CHECK(drained.get());
  CHECK(talk.heard() == "one");
}

TEST_CASE("a message that cannot be recorded comes back, those around it go on") {
  Talk talk;
  talk.say("one");
  talk.say("two");
  talk.say("three");
  talk.settle();
  talk.settle(Outcome::broken);
  talk.settle();
  CHECK(talk.heard() == "one | two:internal-server-error/wait | three");
}

TEST_CASE("while the record cannot be written, messages are refused at the door") {
  Talk talk;
  talk.say("before");
  talk.recorder.accept(false);
  talk.say("meanwhile");
  talk.pass("question", "<iq type='get' id='q' to='nurse@localhost/b'><x xmlns='y'/></iq>", false,
            "nurse@localhost/b");
  CHECK(talk.heard() == "meanwhile:resource-constraint/wait | question");
  talk.settle();
  CHECK(talk.heard() == "before");
  talk.recorder.accept(true);
  talk.say("after");
  talk.settle();
  CHECK(talk.heard() == "after");
}

TEST_CASE("what waits is bounded: at the limit the next is refused") {
  for (const std::size_t said : {2u, 3u, 4u}) {
    Talk talk({.stanzas = 3});
    for (std::size_t i = 0; i < said; ++i) talk.say("m" + std::to_string(i));
    CHECK(talk.recorder.waiting() == std::min<std::size_t>(said, 3));
    CHECK(talk.heard() == (said > 3 ? "m3:resource-constraint/wait" : ""));
    while (talk.recorder.waiting() > 0) talk.settle();
    talk.heard();
    talk.say("again");
    CHECK(talk.recorder.waiting() == 1);
  }
}

TEST_CASE("what only keeps its turn is bounded too, except for ends") {
  Talk talk({.stanzas = 3});
  talk.say("one");
  for (const char* name : {"two", "three", "four"})
    talk.pass(name, "<iq type='get' id='q' to='juliet@localhost/b'><x xmlns='y'/></iq>", false,
              "juliet@localhost/b");
  CHECK(talk.heard() == "four:resource-constraint/wait");
  talk.pass("gone", "<presence type='unavailable' to='juliet@localhost'/>", false);
  talk.settle();
  CHECK(talk.heard() == "one | two | three | gone");
}

TEST_CASE("what waits is bounded in bytes") {
  const std::string text = "<message type='chat' to='juliet@localhost'><body>x</body></message>";
  const auto size = xmpp::to_xml(tests::stanza_from("romeo", text), xmpp::ns::client).size();
  for (const std::size_t limit : {2 * size - 1, 2 * size, 2 * size + 1}) {
    Talk talk({.bytes = limit});
    talk.pass("a", text);
    talk.pass("b", text);
    talk.pass("c", text);
    CHECK(talk.recorder.waiting() == (limit > 2 * size ? 3 : 2));
  }
}

TEST_CASE(
    "XEP-0313: a message goes into the archives that want it, and its addressee learns the id") {
  Talk talk;
  const auto said = [&](const std::string& name, const std::string& text, std::int64_t position) {
    talk.pass(name, text);
    const auto event = std::get<record::DirectMessage>(talk.recorder.front().front().body);
    talk.recorder.settle({Outcome::durable, position});
    talk.on_shard([] {});
    CHECK(talk.heard() == name);
    return event;
  };
  const std::string text = "<message type='chat' to='juliet@localhost'><body>x</body>";
  auto event = said("kept", text + "</message>", 7);
  CHECK(event.for_sender);
  CHECK(event.for_recipient);
  CHECK(accounts::read_archive_id("0123456789abcdef", "juliet", talk.ids.back()) == 7);
  CHECK_FALSE(accounts::read_archive_id("0123456789abcdef", "romeo", talk.ids.back()));

  talk.archives.set(
      {"juliet", {record::ArchiveDefault::always, {}, {*Jid::parse("romeo@localhost")}}});
  event = said("half", text + "</message>", 8);
  CHECK(event.for_sender);
  CHECK_FALSE(event.for_recipient);
  CHECK(talk.ids.back().empty());

  talk.archives.forget("juliet");
  talk.archives.set({"romeo", {record::ArchiveDefault::never, {}, {}}});
  event = said("other", text + "</message>", 9);
  CHECK_FALSE(event.for_sender);
  CHECK(event.for_recipient);

  talk.archives.forget("romeo");
  event = said("hint", text + "<no-store xmlns='urn:xmpp:hints'/></message>", 10);
  CHECK_FALSE(event.for_sender);
  CHECK_FALSE(event.for_recipient);
  CHECK(talk.ids.back().empty());
}

}  // namespace
