// SPDX-License-Identifier: Apache-2.0
// hansard-storage-bench: the storage's figures of docs/performance.md.
#include <fmt/format.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "bench/failed.h"
#include "bench/storage/storage.h"

namespace {

namespace fs = std::filesystem;
using bench::Failed;
using bench::Report;
using bench::storage::Setup;

// Removed at the end.
struct Folder {
  explicit Folder(const std::string& place) {
    std::string name = place + "/hansard-storage-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw Failed("no folder can be made in " + place);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

void writer(const Setup& setup, Report& report) {
  const auto written = bench::storage::run_writer(setup, report);
  if (setup.content_url.starts_with("sqlite:"))
    (void)bench::storage::bare_rows_per_second(setup, written, report);
}

}  // namespace

int main(int count, char** words) {
  CLI::App app("The figures of Hansard's storage alone.", "hansard-storage-bench");
  Setup setup;
  std::string place = "/tmp", url;
  bool json = false, smoke = false;
  app.add_option("--url", url, "an empty database; without it a new SQLite file");
  app.add_option("--place", place, "where the file is made")->capture_default_str();
  app.add_option("--rooms", setup.rooms)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--messages", setup.messages)->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--window", setup.window, "submitted and not yet durable, at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--hansard", setup.hansard, "the program whose start is timed");
  app.add_flag("--json", json);
  app.add_flag("--smoke", smoke, "does it run? the time it takes is no failure");
  app.fallthrough();  // options may stand after the scenario
  auto* write = app.add_subcommand("writer", "how many messages a second become durable");
  auto* pages = app.add_subcommand("pages", "how long a page of a very large room takes");
  app.add_option("--large-room", setup.large_room, "messages in it, and newer ones elsewhere")
      ->check(CLI::Range(1000, 100000000))
      ->capture_default_str();
  auto* start = app.add_subcommand("start", "how soon a server with very many rooms is ready");
  app.add_option("--stored-rooms", setup.stored_rooms)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--open-stays", setup.open_stays)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  auto* keep = app.add_subcommand("keep", "how long looking for what is too old takes");
  app.add_option("--stored-people", setup.stored_people)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  auto* archivist = app.add_subcommand("archivist", "how fast the archive is written and read");
  app.add_option("--events", setup.events, "that the archive takes")
      ->check(CLI::Range(10, 1000000000))
      ->capture_default_str();
  auto* verify = app.add_subcommand("verify", "how fast an archive is verified");
  app.add_option("--turns", setup.turns, "it is verified so many times")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  auto* who = app.add_subcommand("who", "how long it takes to say who was in a full room");
  app.add_option("--occupants", setup.occupants)
      ->check(CLI::Range(2, 1000000))
      ->capture_default_str();
  app.require_subcommand(1);
  CLI11_PARSE(app, count, words);
  try {
    const Folder folder(place);
    setup.data_dir = folder.path;
    setup.content_url = url.empty() ? "sqlite:" + folder.path + "/content.db" : url;
    Report report(true);
    if (*write) writer(setup, report);
    if (*pages) bench::storage::run_pages(setup, report);
    if (*start) bench::storage::run_start(setup, report);
    if (*archivist) bench::storage::run_archivist(setup, report);
    if (*verify) bench::storage::run_verify(setup, report);
    if (*who) bench::storage::run_who(setup, report);
    if (*keep) bench::storage::run_keep(setup, report);
    std::puts(json ? report.json().c_str() : report.table().c_str());
    return smoke || report.passed() ? 0 : 1;
  } catch (const Failed& failed) {
    fmt::print(stderr, "hansard-storage-bench: {}\n", failed.what());
    return 1;
  }
}
