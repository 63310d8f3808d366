// SPDX-License-Identifier: Apache-2.0
// The order of record and words, what is read and forgotten when, and what is said when the
// database fails.
#include "src/people/person_keeper.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "net/loop/shards.h"
#include "tests/support/fakes.h"
#include "xmpp/ns.h"
#include "xmpp/parser/element_reader.h"
#include "xmpp/writer.h"

namespace {

using accounts::PersonalData;
using record::Outcome;
using xmpp::Element;
using xmpp::Jid;

struct HeldRecorder final : record::Recorder {
  void submit(std::vector<record::Event>, std::function<void(record::Settlement)> done) override {
    waiting.push_back(std::move(done));
  }
  bool accepting() const override { return open; }
  void settle(Outcome outcome = Outcome::durable) {
    auto done = std::move(waiting.front());
    waiting.pop_front();
    done(outcome);
  }
  std::deque<std::function<void(record::Settlement)>> waiting;
  bool open = true;
};

struct CountedStore final : accounts::PersonalStore {
  base::Result<std::optional<PersonalData>, accounts::StoreError> load(
      const std::string& localpart) override {
    ++reads;
    if (broken) return base::fail(accounts::StoreError::unavailable);
    if (localpart != "juliet") return std::optional<PersonalData>();
    return std::optional<PersonalData>(PersonalData{});
  }
  std::atomic<int> reads{0};
  std::atomic<bool> broken{false};
};

struct World {
  World() { shards.start(); }
  ~World() {
    workers.reset();
    shards.stop();
    shards.join();
  }
  void on_shard(const std::function<void()>& task) {
    std::promise<void> done;
    shards[0].post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  void ask(const std::string& type, const std::string& payload, const std::string& id,
           const std::string& who = "juliet") {
    on_shard([&] {
      bridge::IqRequest request;
      request.from = *Jid::parse(who + "@localhost/balcony");
      request.to = *Jid::parse(who + "@localhost");
      auto iq = xmpp::ElementReader().read("<iq type='" + type + "' id='" + id + "'>" + payload +
                                           "</iq>");
      REQUIRE(iq);
      request.iq = std::move(*iq);
      request.iq.set_attr("from", request.from.str());
      keeper.handle(std::move(request));
    });
  }
  void name(const std::string& contact, const std::string& id) {
    ask("set", "<query xmlns='jabber:iq:roster'><item jid='" + contact + "'/></query>", id);
  }
  void roster(const std::string& id) { ask("get", "<query xmlns='jabber:iq:roster'/>", id); }
  void settle(Outcome outcome = Outcome::durable) {
    on_shard([&] { recorder.settle(outcome); });
    on_shard([] {});  // what it posted
  }
  std::size_t count() {
    std::size_t n = 0;
    on_shard([&] { n = said.size(); });
    return n;
  }
  // The next stanza; waits for it.
  std::string next() {
    for (int i = 0; i < 10000 && count() == 0; ++i) std::this_thread::yield();
    std::string first;
    on_shard([&] {
      REQUIRE_FALSE(said.empty());
      first = said.front();
      said.pop_front();
    });
    return first;
  }
  std::size_t waiting_bytes() {
    std::size_t n = 0;
    on_shard([&] { n = keeper.waiting_bytes(); });
    return n;
  }
  std::size_t kept() {
    std::size_t n = 0;
    on_shard([&] { n = keeper.kept(); });
    return n;
  }

  net::Shards shards{1};
  std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(1, 100);
  HeldRecorder recorder;
  CountedStore store;
  tests::FakeClock clock;
  std::unique_ptr<base::Log> log = base::make_null_log();
  const std::string domain = "localhost";
  std::atomic<std::size_t> sessions{1};
  std::deque<std::string> said;
  server::PersonKeeper keeper{
      {shards[0],
       *workers,
       recorder,
       store,
       clock,
       *log,
       domain,
       [this](const Element& stanza) { said.push_back(xmpp::to_xml(stanza, xmpp::ns::client)); },
       [this](const Jid&) { return sessions.load(); },
       {.account_bytes = 2000, .bytes = 3000}}};
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a change is answered when it is on record, and nothing overtakes it") {
  World w;
  w.roster("1");
  CHECK(has(w.next(), "id='1'"));
  w.name("nurse@localhost", "2");
  w.roster("3");
  CHECK(w.count() == 0);
  w.settle();
  CHECK(has(w.next(), "id='push-1'"));
  const auto answer = w.next();
  CHECK(has(answer, "id='2'"));
  CHECK(has(answer, "type='result'"));
  CHECK(has(w.next(), "nurse@localhost"));
}

TEST_CASE("a change that was refused is taken back, with all that was said on top of it") {
  World w;
  w.roster("1");
  w.next();
  w.name("nurse@localhost", "2");
  w.name("friar@localhost", "3");
  w.roster("4");
  w.settle(Outcome::broken);
  for (const char* id : {"'2'", "'3'", "'4'"}) {
    const auto answer = w.next();
    CHECK(has(answer, std::string("id=") + id));
    CHECK(has(answer, "<error type='wait'><internal-server-error"));
  }
  w.roster("5");  // not before what is under way is settled
  CHECK(w.store.reads == 1);
  w.settle();
  CHECK_FALSE(has(w.next(), "<item"));
  CHECK(w.store.reads == 2);
}

TEST_CASE("what cannot be read or written is said so, each request once") {
  World w;
  w.store.broken = true;
  w.roster("1");
  CHECK(has(w.next(), "<internal-server-error"));
  w.store.broken = false;
  w.roster("2");
  CHECK(has(w.next(), "type='result'"));
  w.on_shard([&] { w.recorder.open = false; });
  w.name("nurse@localhost", "3");
  CHECK(has(w.next(), "<error type='wait'"));
  w.roster("4");
  CHECK(has(w.next(), "type='result'"));
}

TEST_CASE("an account is read once while it has sessions, and then forgotten") {
  World w;
  for (const char* id : {"1", "2", "3"}) {
    w.roster(id);
    w.next();
  }
  CHECK(w.store.reads == 1);
  CHECK(w.kept() == 1);
  w.sessions = 0;
  w.on_shard([&] { w.keeper.on_end(*Jid::parse("juliet@localhost/balcony")); });
  CHECK(w.kept() == 0);
  w.roster("4");
  w.next();
  CHECK(w.kept() == 0);
}

TEST_CASE("answers that wait for the record are bounded in bytes") {
  const std::string query = "<query xmlns='jabber:iq:private'><a xmlns='urn:a'>";
  const std::string nothing = "<query xmlns='jabber:iq:private'/>";  // an error that repeats the id
  // Whether a request is refused while so many bytes wait.
  const auto refused_with = [&](std::size_t bytes) {
    World w;
    w.roster("0");
    w.next();
    w.ask("set", query + std::string(600, 'x') + "</a></query>", "1");
    w.settle();
    w.next();
    w.ask("get", query + "</a></query>", "2");
    const std::size_t answer = w.next().size();
    CHECK(answer > 600);
    CHECK(w.waiting_bytes() == 0);
    w.ask("set", "<vCard xmlns='vcard-temp'/>", "3");
    const std::size_t before = w.waiting_bytes();
    w.ask("get", query + "</a></query>", "4");  // waits behind the change
    CHECK(w.waiting_bytes() == before + answer);
    w.ask("get", nothing, "");
    const std::size_t with_one = w.waiting_bytes();
    const std::size_t empty = with_one - before - answer;
    w.ask("get", nothing, std::string(bytes - with_one - empty, 'i'));
    CHECK(w.waiting_bytes() == bytes);
    CHECK(w.count() == 0);
    w.roster("last");
    const bool refused = w.count() == 1;
    if (refused) {
      const auto last = w.next();
      CHECK(has(last, "id='last'"));
      CHECK(has(last, "<error type='wait'><resource-constraint"));
    }
    w.settle();
    CHECK(w.waiting_bytes() == 0);
    CHECK(w.count() == (refused ? 4u : 5u));
    return refused;
  };
  CHECK_FALSE(refused_with(1999));
  CHECK(refused_with(2000));
  CHECK(refused_with(2001));
}

TEST_CASE("requests that wait for the data are bounded in bytes, over all accounts of the shard") {
  World w;
  std::promise<void> hold;
  REQUIRE(w.workers->submit([held = hold.get_future().share()] { held.wait(); }));
  const std::string large = "<query xmlns='jabber:iq:private'><a xmlns='urn:a'>" +
                            std::string(1500, 'x') + "</a></query>";
  w.ask("get", large, "1");
  w.ask("get", large, "2");  // one may go beyond
  CHECK(w.count() == 0);
  w.ask("get", large, "3");
  CHECK(has(w.next(), "<resource-constraint"));
  w.ask("get", large, "4", "romeo");  // the shard's limit
  CHECK(has(w.next(), "<resource-constraint"));
  hold.set_value();
  for (const char* id : {"'1'", "'2'"}) CHECK(has(w.next(), std::string("id=") + id));
  CHECK(w.waiting_bytes() == 0);
  w.roster("5");
  CHECK(has(w.next(), "type='result'"));
}
