// SPDX-License-Identifier: Apache-2.0
#include "src/session_record.h"

#include <catch2/catch.hpp>

#include "src/archive_mode.h"
#include "tests/support/fakes.h"
#include "tests/unit/src/rooms/fakes.h"

namespace {

using How = bridge::SessionJournal::How;

class KeptRecorder final : public record::Recorder {
 public:
  void submit(std::vector<record::Event> events,
              std::function<void(record::Settlement)> done) override {
    for (auto& event : events) log.push_back(std::move(event));
    done(record::Outcome::durable);
  }
  bool accepting() const override { return accepts; }

  std::vector<record::Event> log;
  bool accepts = true;
};

struct Sessions {
  KeptRecorder recorder;
  tests::FakeClock clock;
  tests::FakeLog log;
  server::SessionRecord record{recorder, clock, log};
  const xmpp::Jid jid = *xmpp::Jid::parse("romeo@localhost/orchard");
  const std::string token = "s-1";

  void refuse(const std::string& address, const std::string& account) {
    record.refused(account.empty() ? xmpp::Jid() : *xmpp::Jid::parse(account), "PLAIN",
                   "not-authorized", address);
  }
  template <class Body>
  std::vector<Body> recorded() {
    std::vector<Body> found;
    for (const auto& event : recorder.log)
      if (const auto* body = std::get_if<Body>(&event.body)) found.push_back(*body);
    return found;
  }
};

}  // namespace

TEST_CASE("session record: how a session began, came back and ended, in order") {
  Sessions s;
  s.record.opened({s.jid, s.token}, How::bound, "SCRAM-SHA-256", "192.0.2.7");
  s.record.opened({s.jid, s.token}, How::resumed, "PLAIN", "192.0.2.8");
  s.record.closed({s.jid, s.token}, "not resumed");
  const auto log = s.recorder.log;
  REQUIRE(log.size() == 3);
  for (const auto& event : log) {
    CHECK(event.actor.jid == s.jid);
    CHECK(event.actor.session == s.token);
    CHECK(event.room_id == 0);
    CHECK(event.at == s.clock.wall());
  }
  const auto all = s.recorded<record::SessionChanged>();
  CHECK(all[0].opened);
  CHECK(all[0].cause == "bound");
  CHECK(all[0].mechanism == "SCRAM-SHA-256");
  CHECK(all[0].ip == "192.0.2.7");
  CHECK(all[1].opened);
  CHECK(all[1].cause == "resumed");
  CHECK_FALSE(all[2].opened);
  CHECK(all[2].cause == "not resumed");
  CHECK(all[2].ip.empty());
}

TEST_CASE("session record: ends wait for a record in trouble, failed logins are counted") {
  Sessions s;
  s.recorder.accepts = false;
  s.refuse("192.0.2.7", "romeo@localhost");
  s.record.opened({s.jid, s.token}, How::bound, "PLAIN", "192.0.2.7");
  s.record.closed({s.jid, s.token}, "closed by client");
  CHECK(s.recorder.log.size() == 2);
  CHECK(s.log.count("only counted") == 1);
  s.recorder.accepts = true;
  s.refuse("192.0.2.7", "romeo@localhost");
  CHECK(s.log.count("were not recorded") == 1);
  CHECK(s.recorder.log.size() == 3);
}

TEST_CASE("session record: failed logins by address and account") {
  Sessions s;
  for (int i = 0; i < 25; ++i) s.refuse("192.0.2.7", "romeo@localhost");
  s.refuse("192.0.2.8", "romeo@localhost");
  s.refuse("192.0.2.7", "juliet@localhost");
  s.refuse("192.0.2.7", "");
  CHECK(s.recorded<record::AuthRefused>().size() == 23);
  s.record.stop();
  const auto all = s.recorded<record::AuthRefused>();
  REQUIRE(all.size() == 24);
  CHECK(all.back().count == 5);
  CHECK(all.back().mechanism == "PLAIN");
  CHECK(all.back().cause == "not-authorized");
  CHECK(all.back().ip == "192.0.2.7");
  CHECK(s.recorder.log.back().actor.jid.str() == "romeo@localhost");
}

TEST_CASE("session record: names that are made up from one address do not flood it") {
  Sessions s;
  const auto name = [](int n) { return "made-up-" + std::to_string(n) + "@localhost"; };
  for (int n = 0; n < 3000; ++n) s.refuse("2001:db8::" + std::to_string(1 + n % 7), name(n));
  s.refuse("192.0.2.8", "romeo@localhost");  // another address
  CHECK(s.recorded<record::AuthRefused>().size() == record::ByRate::each_of_group + 1);
  s.record.stop();
  const auto all = s.recorded<record::AuthRefused>();
  REQUIRE(all.size() == record::ByRate::each_of_group + 2);
  CHECK(all.back().count == 3000 - static_cast<std::int64_t>(record::ByRate::each_of_group));
  CHECK(all.back().ip.starts_with("2001:db8::"));
  CHECK(s.recorder.log.back().actor.jid.str().empty());  // they were several
}

TEST_CASE("archive mode: each change is an event, what stays is none") {
  Sessions s;
  bool trouble = false;
  std::uint64_t rows = 0;
  for (const bool refuse : {false, true}) {
    const server::Door door(s.recorder,
                            {.refuse_in_trouble = refuse,
                             .outbox_limit = 10,
                             .in_trouble = [&] { return trouble; },
                             .outbox_rows = [&] { return rows; }},
                            s.log);
    server::ArchiveMode mode(s.recorder, s.clock, door, [&] { return trouble; });
    const auto before = s.recorder.log.size();
    const auto look = [&] {
      mode.look();
      mode.look();
      std::string all;
      const auto changes = s.recorded<record::ArchiveModeChanged>();
      for (std::size_t i = before; i < changes.size(); ++i)
        all += changes[i].old_mode + ">" + changes[i].new_mode + ":" + changes[i].cause + " ";
      return all;
    };
    CHECK(look().empty());
    trouble = true;
    const std::string first =
        refuse ? "following>refusing:trouble " : "following>buffering:trouble ";
    CHECK(look() == first);
    trouble = false;
    const std::string second =
        first + (refuse ? "refusing>following:recovered " : "buffering>following:recovered ");
    CHECK(look() == second);
    rows = 10;
    CHECK(look() == second + "following>refusing:outbox_limit ");
    rows = 9;
    const std::string third =
        second + "following>refusing:outbox_limit refusing>following:recovered ";
    CHECK(look() == third);
    // Closed and open again before anybody looks.
    rows = 10;
    CHECK(door.state() == server::Door::State::outbox_full);
    rows = 0;
    CHECK(door.state() == server::Door::State::open);
    CHECK(look() == third + "following>refusing:outbox_limit refusing>following:recovered ");
  }
}
