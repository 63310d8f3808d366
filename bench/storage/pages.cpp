// SPDX-License-Identifier: Apache-2.0
// pages: how long a page of 50 takes out of the archive of a very large room, wherever it lies and
// however much is said elsewhere.
#include <algorithm>
#include <chrono>
#include <functional>

#include "bench/failed.h"
#include "bench/storage/storage.h"

namespace bench::storage {
namespace {

constexpr std::int64_t large = 1;
constexpr std::size_t page_items = 50;

using Requests = std::function<muc::ArchiveRequest(std::int64_t)>;

void time_pages(Recording& recording, const Setup& setup, const std::string& what,
                const Requests& request, Report& report) {
  std::vector<double> took;
  for (std::int64_t i = 0; i < setup.pages; ++i) {
    const auto asked = request(i);
    const auto begin = std::chrono::steady_clock::now();
    const auto page = recording.content->rooms().archive(asked);
    took.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
            .count());
    if (!page || page->missing || page->items.size() != page_items)
      throw Failed("a page has not what it should: " + what);
  }
  report.info("pages", what + ", p50", quantile(took, 0.5), "ms");
  report.at_most("pages", what + ", p99", quantile(took, 0.99), "ms", 10);
}

void time_all(Recording& recording, const Setup& setup, const std::string& when, base::Time first,
              base::Time last, Report& report) {
  // Anywhere, but not at the same place twice in a row.
  const auto deep = [&](std::int64_t i) { return 100 + i * 104729 % (setup.large_room - 200); };
  muc::ArchiveRequest any;
  any.room_id = large;
  any.max_items = page_items;
  time_pages(
      recording, setup, "the newest" + when,
      [&](std::int64_t) {
        auto asked = any;
        asked.newest = true;
        return asked;
      },
      report);
  time_pages(
      recording, setup, "before any message" + when,
      [&](std::int64_t i) {
        auto asked = any;
        asked.before = deep(i);
        asked.named = {asked.before};
        asked.newest = true;
        return asked;
      },
      report);
  time_pages(
      recording, setup, "from any time on" + when,
      [&](std::int64_t i) {
        auto asked = any;
        const double part = static_cast<double>(deep(i)) / static_cast<double>(setup.large_room);
        asked.start = {first.us + static_cast<std::int64_t>(
                                      part * static_cast<double>(last.us - first.us) * 0.99)};
        return asked;
      },
      report);
}

}  // namespace

void run_pages(const Setup& setup, Report& report) {
  Recording recording(setup);
  for (std::int64_t room = large; room <= setup.rooms; ++room)
    recording.submit(made_room(room, recording.clock));
  const base::Time first = recording.clock.wall();
  for (std::int64_t number = 2; number < setup.large_room + 2; ++number)
    recording.submit(said(large, number, recording.clock));
  recording.settle();
  const base::Time last = recording.clock.wall();
  time_all(recording, setup, "", first, last, report);
  for (std::int64_t i = 0; i < setup.large_room; ++i)
    recording.submit(said(2 + i % (setup.rooms - 1), 2 + i / (setup.rooms - 1), recording.clock));
  recording.settle();
  time_all(recording, setup, ", as many newer elsewhere", first, last, report);
  if (!recording.content->stop_recording(base::seconds(60), "bench")) throw Failed("no stop");
}

}  // namespace bench::storage
