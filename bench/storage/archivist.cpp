// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>
#include <map>

#include "bench/failed.h"
#include "bench/storage/storage.h"
#include "db/stores/archive.h"
#include "record/leaf.h"
#include "xmpp/jid.h"

namespace bench::storage {
namespace {

using compliance::OutboxRow;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t rooms = 20, people = 50;
constexpr std::size_t batch = 1000;  // rows, as the archivist reads them

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The rows that one node's outbox would hand on: messages in rooms, and people who come and go.
class Rows {
 public:
  std::vector<OutboxRow> next(std::size_t count) {
    std::vector<OutboxRow> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(row(event()));
    return out;
  }

 private:
  struct Room {
    std::int64_t number = 0;
    base::Sha256 hash{};
    bool away = false;  // its one who comes and goes is
  };

  record::Event event() {
    const std::int64_t n = made_++, room = 1 + n % rooms;
    record::Event event;
    event.at = clock_.wall();
    event.room_id = room;
    const auto who = std::to_string(n / rooms % people) + "-" + std::to_string(room);
    event.actor = {*xmpp::Jid::parse("person" + who + "@localhost/pda"), "s-" + who,
                   record::Affiliation::member, record::Role::participant};
    if (rooms_[room].number == 0) {
      event.body = record::RoomCreated{
          *xmpp::Jid::parse("room" + std::to_string(room) + "@chat.localhost"), {}};
    } else if (n / rooms % 20 == 7) {
      event.actor.session = "s-guest-" + std::to_string(room);
      auto& away = rooms_[room].away;
      if (away)
        event.body = record::OccupantLeft{"guest"};
      else
        event.body = record::OccupantJoined{"guest"};
      away = !away;
    } else {
      static const std::string body(80, 'm');
      const std::string id = "5f3c6f0e-93b7-4e65-9d2e-" + std::to_string(n);
      event.body = record::MessagePosted{
          "romeo",
          "<message xmlns='jabber:client' type='groupchat' id='" + id + "'><body>" + body +
              "</body><origin-id xmlns='urn:xmpp:sid:0' id='" + id + "'/></message>",
          body, id};
    }
    return event;
  }

  OutboxRow row(record::Event event) {
    auto& room = rooms_[event.room_id];
    event.number = ++room.number;
    record::Placement placement;
    placement.source = "n1.1";
    placement.sn = ++sn_;
    placement.previous = hash_;
    placement.room_previous = room.hash;
    placement.id = base::uuid7(random_, event.at);
    placement.boot = "4b1d0f3a-97a9-4f9d-8ab6-6f1a8b8f3c11";
    placement.local_domain = "localhost";
    auto leaf = record::build_leaf(event, placement, pseudonyms_, random_);
    hash_ = room.hash = leaf.hash;
    OutboxRow out;
    out.position = sn_;
    out.source = placement.source;
    out.sn = sn_;
    out.event_id = placement.id;
    out.code = static_cast<int>(event.code());
    out.at_us = event.at.us;
    out.room_id = event.room_id;
    out.number = event.number;
    out.leaf = std::move(leaf.bytes);
    out.leaf_hash = leaf.hash;
    out.parts = std::move(leaf.parts);
    return out;
  }

  base::SystemClock clock_;
  base::SystemRandom random_;
  record::Pseudonyms pseudonyms_{"key"};
  std::map<std::int64_t, Room> rooms_;
  std::int64_t made_ = 0, sn_ = 0;
  base::Sha256 hash_{};
};

struct Spent {
  double wall = 0, cpu = 0;
};

// Only what the archive takes of it is timed, not the making of the rows.
Spent append(compliance::ArchiveStore& archive, Rows& rows, std::int64_t count) {
  Spent spent;
  for (std::int64_t done = 0; done < count;) {
    const auto some = rows.next(
        static_cast<std::size_t>(std::min(count - done, static_cast<std::int64_t>(batch))));
    const auto begin = Clock::now();
    const double cpu = cpu_of_this_thread();
    if (!archive.append(some)) throw Failed("the archive took no rows: " + archive.last_error());
    spent.wall += since(begin);
    spent.cpu += cpu_of_this_thread() - cpu;
    done += static_cast<std::int64_t>(some.size());
  }
  return spent;
}

double bytes_of(const std::string& url, const std::string& data_dir) {
  return static_cast<double>(db::look_at_archive(url, data_dir).bytes);
}

}  // namespace

void run_archivist(const Setup& setup, Report& report) {
  auto opened = db::open_archive(setup.content_url, setup.data_dir);
  if (!opened) throw Failed(opened.error());
  auto& archive = **opened;
  const double empty = bytes_of(setup.content_url, setup.data_dir);
  const auto count = setup.events, tenth = std::max<std::int64_t>(1, count / 10);
  Rows rows;
  const Spent first = append(archive, rows, tenth);
  const Spent middle = append(archive, rows, count - 2 * tenth);
  const Spent last = append(archive, rows, tenth);
  const double wall = first.wall + middle.wall + last.wall;
  const double cpu = first.cpu + middle.cpu + last.cpu;
  const auto n = static_cast<double>(count), few = static_cast<double>(tenth);
  const bool postgres = setup.content_url.starts_with("postgres");
  report.at_least("archivist", "events archived", n / wall, "/s", postgres ? 15000 : 10000);
  report.info("archivist", "the first tenth", few / first.wall, "/s");
  report.info("archivist", "the last tenth", few / last.wall, "/s");
  report.info("archivist", "of a second of our CPU", n / cpu, "/s");
  report.info("archivist", "on disk", (bytes_of(setup.content_url, setup.data_dir) - empty) / n,
              "B/event");

  auto reader = db::read_archive(setup.content_url, setup.data_dir);
  if (!reader) throw Failed(reader.error());
  const auto begin = Clock::now();
  const double cpu_before = cpu_of_this_thread();
  std::int64_t read = 0;
  for (;;) {
    const auto page = (*reader)->events(read, batch);
    if (!page) throw Failed((*reader)->last_error());
    if (page->empty()) break;
    read = page->back().seq + 1;
  }
  if (read != count) throw Failed("the archive does not have all that it took");
  report.at_least("archivist", "events read", n / since(begin), "/s", 300000);
  report.info("archivist", "of a second of our CPU, read", n / (cpu_of_this_thread() - cpu_before),
              "/s");
}

}  // namespace bench::storage
