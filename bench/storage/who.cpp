// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <vector>

#include "bench/failed.h"
#include "bench/storage/archive_rows.h"
#include "bench/storage/storage.h"
#include "db/stores/archive.h"
#include "xmpp/jid.h"

namespace bench::storage {
namespace {

using compliance::OutboxRow;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t room = 1'000'000;   // none of ArchiveRows' own
constexpr std::size_t events_between = 5;  // elsewhere, from one to come in to the next
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

}  // namespace

void run_who(const Setup& setup, Report& report) {
  ArchiveRows rows;
  std::int64_t number = 0;
  {
    auto opened = db::open_archive(setup.content_url, setup.data_dir);
    if (!opened) throw Failed(opened.error());
    std::vector<OutboxRow> some;
    const auto flush = [&] {
      if (!some.empty() && !(*opened)->append(some))
        throw Failed("the archive took no events: " + (*opened)->last_error());
      some.clear();
    };
    for (std::int64_t n = 0; n < setup.occupants; ++n) {
      some.push_back(came_in(rows, n));
      number = some.back().number;
      std::ranges::move(rows.next(events_between), std::back_inserter(some));
      if (some.size() >= 1000) flush();
    }
    flush();
  }
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
      throw Failed("the archive does not say who was there");
    cpus.push_back(cpu_of_this_thread() - cpu);
    walls.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    // Who comes in is not there yet at the number of that.
    if (static_cast<std::int64_t>(there->size()) != setup.occupants - 1 ||
        std::ranges::any_of(*there, [](const auto& stay) { return stay.jid.empty(); }))
      throw Failed("the archive does not know all who were there");
  }
  const std::string what = "who was there, of " + std::to_string(setup.occupants) + ", median";
  report.at_most("who", what, 1000 * quantile(walls, 0.5), "ms", 100);
  report.info("who", "of that our CPU", 1000 * quantile(cpus, 0.5), "ms");
  report.info("who", "the first question", 1000 * walls.front(), "ms");
}

}  // namespace bench::storage
