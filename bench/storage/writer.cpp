// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <atomic>
#include <chrono>

#include "base/log.h"
#include "base/random.h"
#include "bench/failed.h"
#include "bench/storage/storage.h"
#include "xmpp/jid.h"

namespace bench::storage {
namespace {

double cpu_seconds(int who) {
  rusage used{};
  ::getrusage(who, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

record::Event in_room(std::int64_t room, std::int64_t number, const base::Clock& clock) {
  record::Event event;
  event.at = clock.wall();
  event.room_id = room;
  event.number = number;
  event.actor = {*xmpp::Jid::parse("romeo" + std::to_string(room) + "@localhost/pda"), "s1",
                 record::Affiliation::none, record::Role::participant};
  return event;
}

}  // namespace

double cpu_of_this_thread() { return cpu_seconds(RUSAGE_THREAD); }

record::Event made_room(std::int64_t room, const base::Clock& clock) {
  auto event = in_room(room, 1, clock);
  event.body =
      record::RoomCreated{*xmpp::Jid::parse("room" + std::to_string(room) + "@chat.localhost"), {}};
  return event;
}

record::Event said(std::int64_t room, std::int64_t number, const base::Clock& clock) {
  static const std::string body(100, 'm');
  auto event = in_room(room, number, clock);
  const std::string id = "m" + std::to_string(number);
  event.body = record::MessagePosted{"romeo",
                                     "<message xmlns='jabber:client' type='groupchat' id='" + id +
                                         "'><body>" + body + "</body></message>",
                                     body, id};
  return event;
}

Recording::Recording(const Setup& setup) {
  auto opened = db::Content::open(setup.content_url, setup.data_dir, db::Content::Access::own);
  if (!opened) throw Failed(opened.error());
  content = std::move(*opened);
  db::RecordingConfig config;
  config.domain = "localhost";
  config.clock = &clock;
  config.random = &random;
  config.log = log.get();
  if (const auto started = content->start_recording(config); !started)
    throw Failed(started.error());
}

void Recording::submit(record::Event event) {
  wait_until_below(window);
  ++waiting;
  std::vector<record::Event> events;
  events.push_back(std::move(event));
  content->recorder().submit(std::move(events), [this](record::Outcome outcome) {
    if (outcome != record::Outcome::durable) ++lost;
    --waiting;
    waiting.notify_one();
  });
}

void Recording::wait_until_below(std::int64_t limit) {
  for (std::int64_t now = waiting; now >= limit; now = waiting) waiting.wait(now);
}

void Recording::settle() {
  wait_until_below(1);
  if (lost > 0) throw Failed(std::to_string(lost) + " events were not recorded");
}

Written run_writer(const Setup& setup, Report& report) {
  Recording recording(setup);
  recording.window = setup.window;
  for (std::int64_t room = 1; room <= setup.rooms; ++room)
    recording.submit(made_room(room, recording.clock));
  recording.settle();

  const auto commits = recording.content->writer_stats().commits;
  const double cpu = cpu_seconds(RUSAGE_SELF), own = cpu_seconds(RUSAGE_THREAD);
  const auto begin = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < setup.messages; ++i)
    recording.submit(said(1 + i % setup.rooms, 2 + i / setup.rooms, recording.clock));
  recording.settle();
  Written written;
  written.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  written.writer_cpu_seconds = cpu_seconds(RUSAGE_SELF) - cpu - (cpu_seconds(RUSAGE_THREAD) - own);
  const auto count = static_cast<double>(setup.messages);
  written.mean_batch =
      count / static_cast<double>(recording.content->writer_stats().commits - commits);
  const bool postgres = setup.content_url.starts_with("postgres");
  if (postgres)
    report.at_least("writer", "messages recorded", count / written.seconds, "/s", 15000);
  else
    report.info("writer", "messages recorded", count / written.seconds, "/s");
  const double each = written.writer_cpu_seconds * 1e6 / count;
  if (postgres)
    report.at_most("writer", "CPU of writing and checkpoints per message", each, "µs", 15);
  else
    report.info("writer", "CPU of writing and checkpoints per message", each, "µs");
  report.info("writer", "messages in a commit, mean", written.mean_batch, "");
  if (!recording.content->stop_recording(base::seconds(30), "bench"))
    throw Failed("the writer did not stop in time");
  return written;
}

}  // namespace bench::storage
