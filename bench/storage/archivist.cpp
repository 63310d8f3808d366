// SPDX-License-Identifier: Apache-2.0
#include "compliance/archivist.h"

#include <chrono>
#include <filesystem>
#include <utility>

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

// Hands on what was put into it, once.
struct Waiting final : compliance::Outbox {
  base::Result<std::vector<compliance::OutboxRow>, compliance::StoreError> next(
      std::int64_t, std::size_t) override {
    return std::exchange(rows, {});
  }
  base::Result<void, compliance::StoreError> clear(
      std::int64_t, const std::vector<compliance::Positions>&) override {
    return {};
  }
  base::Result<std::int64_t, compliance::StoreError> lost_up_to(const std::string&) override {
    return 0;
  }
  std::int64_t end_of_source(std::int64_t position) const override { return position; }
  std::vector<compliance::OutboxRow> rows;
};

struct Spent {
  double wall = 0, cpu = 0;
};

// Only the copying is timed, not the making of the rows.
Spent copy(compliance::Archivist& archivist, Waiting& outbox, ArchiveRows& rows,
           std::int64_t count) {
  Spent spent;
  for (std::int64_t done = 0; done < count;) {
    const auto some = std::min(count - done, static_cast<std::int64_t>(batch));
    outbox.rows = rows.next(static_cast<std::size_t>(some));
    const auto begin = Clock::now();
    const double cpu = cpu_of_this_thread();
    if (archivist.step() != compliance::StepResult::copied)
      throw Failed("the archivist copied no rows");
    spent.wall += since(begin);
    spent.cpu += cpu_of_this_thread() - cpu;
    done += some;
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
  Waiting outbox;
  const auto log = base::make_null_log();
  compliance::Archivist archivist(outbox, archive, *log);
  const Spent first = copy(archivist, outbox, rows, tenth);
  const Spent middle = copy(archivist, outbox, rows, count - 2 * tenth);
  const Spent last = copy(archivist, outbox, rows, tenth);
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
