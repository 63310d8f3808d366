// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>

#include "bench/failed.h"
#include "bench/storage/archive_rows.h"
#include "bench/storage/storage.h"
#include "db/stores/archive.h"

namespace bench::storage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t batch = 1000;  // rows, as the archivist reads them

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Spent {
  double wall = 0, cpu = 0;
};

// Only what the archive takes of it is timed, not the making of the rows.
Spent append(compliance::ArchiveStore& archive, ArchiveRows& rows, std::int64_t count) {
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
  ArchiveRows rows;
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
