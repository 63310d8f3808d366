// SPDX-License-Identifier: Apache-2.0
// keep: how long a round of retention over very many rooms and people takes while nothing needs to
// go, and what the writer notices of it (before and after say what else the machine does). Each
// room has five messages among more numbers than it may keep messages, so that they must be
// counted.
#include <sys/resource.h>

#include <chrono>
#include <future>
#include <thread>

#include "bench/failed.h"
#include "bench/storage/storage.h"
#include "xmpp/jid.h"

namespace bench::storage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t messages_kept = 100;
constexpr std::int64_t rooms_that_talk = 1000;  // none gets as many messages as are kept
constexpr auto between_messages = std::chrono::milliseconds(5);
// The last of all in the order of a round, which is made to have more than is kept.
constexpr const char* marker = "zz1";
constexpr double round_max = 3600;  // seconds; there is one each hour
const db::KeepRules rules{.days = 36500, .messages = messages_kept};

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double cpu_of_all_threads() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void make_all(const db::Target& target, const Setup& setup) {
  make_stored_rooms(target, setup.stored_rooms);
  make_stored_people(target, "user", setup.stored_people, 10);
  make_stored_people(target, "zz", 1, messages_kept);
  db::Session session(target, db::Session::Use::full);
  const std::string sql =
      "INSERT INTO history (room_id, number, at_us, nick, sender, stanza)"
      " SELECT 1 + n / 4, 42 + n % 4 * 40, n, 'nick', 'user@localhost/pda',"
      " '<message xmlns=''jabber:client'' type=''groupchat''><body>text</body></message>'"
      " FROM (SELECT n - 1 AS n" +
      one_to(session, 4 * setup.stored_rooms) + ") AS n";
  session.script(sql.c_str());
  if (target.dialect == db::Dialect::postgres) session.script("ANALYZE");
}

void add_marker(Recording& recording) {
  for (std::int64_t n = 0; n <= messages_kept; ++n) {
    record::Event said;
    said.at = recording.clock.wall();
    said.actor.jid = *xmpp::Jid::parse("friar@localhost/cell");
    said.body = record::DirectMessage{.to = *xmpp::Jid::parse(std::string(marker) + "@localhost"),
                                      .stanza = "<message/>",
                                      .body = "text",
                                      .for_sender = false,
                                      .for_recipient = true};
    recording.submit(said);
  }
  recording.settle();
}
bool marker_trimmed(Recording& recording, Clock::time_point begin) {
  if (since(begin) > round_max) throw Failed("the round does not end");
  const auto count = recording.content->messages().count(marker, {});
  if (!count || !*count) throw Failed("an archive cannot be read");
  return **count == static_cast<std::size_t>(messages_kept);
}

// Milliseconds from submitting one message at a time to its being durable.
class Talk {
 public:
  explicit Talk(Recording& recording, const Setup& setup)
      : recording_(recording), first_(setup.stored_rooms + 1) {
    for (std::int64_t n = 0; n < rooms_that_talk; ++n)
      recording_.submit(made_room(first_ + n, recording_.clock));
    recording_.settle();
  }
  template <class Until>
  std::vector<double> latencies(Until until) {
    std::vector<double> took;
    for (auto next = Clock::now(); !until(took.size()); next += between_messages) {
      std::this_thread::sleep_until(next);
      const std::int64_t room = said_ % rooms_that_talk, number = 2 + said_ / rooms_that_talk;
      ++said_;
      std::vector<record::Event> events{said(first_ + room, number, recording_.clock)};
      std::promise<void> durable;
      const auto begin = Clock::now();
      recording_.content->recorder().submit(std::move(events),
                                            [&](record::Settlement) { durable.set_value(); });
      durable.get_future().wait();
      took.push_back(since(begin) * 1e3);
    }
    return took;
  }

 private:
  Recording& recording_;
  const std::int64_t first_;
  std::int64_t said_ = 0;
};

void tell(Report& report, const std::string& when, const std::vector<double>& took) {
  for (const auto& [name, p] : {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}})
    report.info("keep", "a message durable, " + std::string(name) + when, quantile(took, p), "ms");
}

void close(Recording& recording) {
  if (!recording.content->stop_recording(base::seconds(30), "bench")) throw Failed("no stop");
}

}  // namespace

void run_keep(const Setup& setup, Report& report) {
  const auto target = db::parse_target(setup.content_url, setup.data_dir);
  if (!target) throw Failed(target.error());
  {
    Recording recording(setup);  // makes the schema
    close(recording);
  }
  make_all(*target, setup);
  const std::string all = std::to_string(setup.stored_rooms) + " rooms, " +
                          std::to_string(setup.stored_people) + " people";
  {
    Recording recording(setup);
    add_marker(recording);
    const double cpu = cpu_of_all_threads();
    const auto begin = Clock::now();
    recording.content->start_keeping(rules, {}, {.first = 0, .page = 0});
    while (!marker_trimmed(recording, begin))
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    report.at_most("keep", all + ": a round without a pause", since(begin), "s", 600);
    report.info("keep", "CPU of it, without PostgreSQL's", cpu_of_all_threads() - cpu, "s");
    close(recording);
  }
  Recording recording(setup);
  Talk talk(recording, setup);
  tell(report, ", before a round", talk.latencies([](std::size_t n) { return n == 4000; }));
  add_marker(recording);
  const auto begin = Clock::now();
  recording.content->start_keeping(rules, {}, {.first = 0});
  tell(report, ", during it", talk.latencies([&](std::size_t n) {
    return n % 100 == 99 && marker_trimmed(recording, begin);
  }));
  report.at_most("keep", "the round, with its pauses", since(begin), "s", round_max);
  tell(report, ", after it", talk.latencies([](std::size_t n) { return n == 4000; }));
  close(recording);
}

}  // namespace bench::storage
