// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <vector>

#include "bench/failed.h"
#include "bench/storage/archive_rows.h"
#include "bench/storage/storage.h"
#include "db/stores/archive.h"
#include "db/stores/archive/volumes/volumes.h"
#include "xmpp/jid.h"

namespace bench::storage {
namespace {

using compliance::OutboxRow;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t room = 1'000'000;   // none of ArchiveRows' own
constexpr std::size_t events_between = 5;  // elsewhere, from one to come in to the next
constexpr std::size_t rows_a_time = 1000;
constexpr int questions = 11;

OutboxRow came_in(ArchiveRows& rows, std::int64_t n) {
  const std::string who = std::to_string(n);
  record::Event event;
  event.at = base::SystemClock().wall();
  event.room_id = room;
  event.actor = {*xmpp::Jid::parse("person" + who + "@localhost/pda"), "s-" + who,
                 record::Affiliation::member, record::Role::participant};
  event.body = record::OccupantJoined{"Person " + who};
  return rows.row(std::move(event));
}

// Everybody who came in before the last event of the room.
void ask(const Setup& setup, std::int64_t number, std::int64_t inside, const std::string& where,
         Report& report) {
  auto reader = db::read_archive(setup.content_url, setup.data_dir);
  if (!reader) throw Failed(reader.error());
  std::vector<double> walls, cpus;
  for (int turn = 0; turn < questions; ++turn) {
    const auto begin = Clock::now();
    const double cpu = cpu_of_this_thread();
    const auto event = (*reader)->room_events(room, number, 1);
    const auto there = (*reader)->present(room, number);
    const auto later = (*reader)->given_out(room, number);
    if (!event || event->size() != 1 || !there || !later)
      throw Failed("the archive does not say who was there: " + (*reader)->last_error());
    cpus.push_back(cpu_of_this_thread() - cpu);
    walls.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    if (static_cast<std::int64_t>(there->size()) != inside ||
        std::ranges::any_of(*there, [](const auto& stay) { return stay.jid.empty(); }))
      throw Failed("the archive does not know all who were there");
  }
  report.at_most("who", "who was there, of " + std::to_string(inside) + where + ", median",
                 1000 * quantile(walls, 0.5), "ms", 100);
  report.info("who", "of that our CPU", 1000 * quantile(cpus, 0.5), "ms");
  report.info("who", "the first question", 1000 * walls.front(), "ms");
}

std::unique_ptr<compliance::ArchiveStore> open(const Setup& setup) {
  auto opened = db::open_archive(setup.content_url, setup.data_dir);
  if (!opened) throw Failed(opened.error());
  return std::move(*opened);
}

void append(compliance::ArchiveStore& archive, const std::vector<OutboxRow>& some) {
  if (!archive.append(some)) throw Failed("the archive took no events: " + archive.last_error());
}

}  // namespace

void run_who(const Setup& setup, Report& report) {
  ArchiveRows rows;
  std::int64_t number = 0;
  auto archive = open(setup);
  std::vector<OutboxRow> some;
  for (std::int64_t n = 0; n < setup.occupants; ++n) {
    some.push_back(came_in(rows, n));
    number = some.back().number;
    std::ranges::move(rows.next(events_between), std::back_inserter(some));
    if (some.size() < rows_a_time && n + 1 < setup.occupants) continue;
    append(*archive, some);
    some.clear();
  }
  // Who comes in is not there yet at the number of that.
  ask(setup, number, setup.occupants - 1, "", report);
  const auto target = db::parse_target(setup.content_url, setup.data_dir);
  if (!target || target->dialect != db::Dialect::sqlite) return;
  archive.reset();
  db::turn_volume(*target);
  archive = open(setup);
  auto last = came_in(rows, setup.occupants);
  append(*archive, {last});
  ask(setup, last.number, setup.occupants, " since the month before", report);
}

}  // namespace bench::storage
