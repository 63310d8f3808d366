// SPDX-License-Identifier: Apache-2.0
// hansard-bench: the load generator and the figures of docs/performance.md.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>

#include "bench/failed.h"
#include "bench/scenarios/scenario.h"
#include "bench/scenarios/selftest.h"
#include "bench/server.h"

namespace bench {
namespace {

struct Options {
  std::string hansard;  // empty: src/hansard of the same build
  std::string place = "/tmp";
  unsigned shards = 0;
  unsigned max_seconds = 1200;
  bool json = false, keep = false, quick = false, status = false;
  Target existing;  // used if pid is given
  std::string connect, connect_tls;
  Sizes sizes;
};

struct Scenario {
  const char* name;
  const char* what;
  std::function<void(const Target&, const Sizes&, Report&)> measure;
};

const Scenario scenarios[] = {
    {"fanout", "CPU per delivery in one large room, against a bare loop", measure_fanout},
    {"join", "many users enter one room: CPU and memory", measure_join},
    {"record", "messages recorded a second", measure_record},
    {"latency", "reflection time at a moderate rate", measure_latency},
    {"idle", "memory of an idle session in plain",
     [](const Target& t, const Sizes& s, Report& r) { measure_idle(t, s, false, r); }},
    {"idle-tls", "memory of an idle session with TLS",
     [](const Target& t, const Sizes& s, Report& r) { measure_idle(t, s, true, r); }},
    {"occupant", "memory of an occupant", measure_occupant},
};

std::string default_hansard() {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  return (self.parent_path().parent_path() / "src" / "hansard").string();
}

Endpoint read_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) throw Failed(text + " is not host:port");
  return {.host = text.substr(0, colon),
          .port = static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)))};
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Sizes quick_sizes() {
  return {.occupants = 100,
          .fanout_messages = 60,
          .rooms = 40,
          .record_messages = 5000,
          .record_window = 400,
          .latency_messages = 1000,
          .idle_plain = 300,
          .idle_tls = 100,
          .occupancy_rooms = 50};
}

void run_existing(Options& options, const std::vector<const Scenario*>& chosen, Report& report) {
  if (!options.connect.empty()) options.existing.plain = read_endpoint(options.connect);
  if (!options.connect_tls.empty()) options.existing.tls = read_endpoint(options.connect_tls);
  report.note(fmt::format("existing server, process {}", options.existing.pid));
  for (const auto* scenario : chosen) scenario->measure(options.existing, options.sizes, report);
}

void run_private(const Options& options, const std::vector<const Scenario*>& chosen,
                 Report& report) {
  const auto program = options.hansard.empty() ? default_hansard() : options.hansard;
  PrivateServer server({.program = program,
                        .place = options.place,
                        .accounts = accounts_needed(options.sizes),
                        .shards = options.shards,
                        .keep = options.keep});
  report.note(fmt::format(
      "{}, SQLite in {}, {} shards; rate and connection limits lifted, else as "
      "delivered; started afresh for each scenario",
      program, options.place, options.shards == 0 ? "default" : std::to_string(options.shards)));
  for (const auto* scenario : chosen) {
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "{} …\n", scenario->name);
    server.start();
    try {
      scenario->measure(server.target(), options.sizes, report);
    } catch (const std::exception& error) {
      throw Failed(fmt::format("{}: {}\nstatus: {}\nlog: {}", scenario->name, error.what(),
                               server.status(), server.log_end()));
    }
    if (options.status) report.note(fmt::format("{}: {}", scenario->name, server.status()));
    server.stop();
  }
}

int run(Options& options, const std::vector<const Scenario*>& chosen) {
  raise_descriptor_limit();
  alarm(options.max_seconds);  // the last resort: ends us, and the server with us
  if (options.quick) options.sizes = quick_sizes();
  Report report;
  try {
    if (options.existing.pid != 0)
      run_existing(options, chosen, report);
    else
      run_private(options, chosen, report);
  } catch (const std::exception& error) {
    fmt::print(stderr, "hansard-bench: {}\n", error.what());
    fmt::print(stderr, "{}", report.table());
    return 1;
  }
  fmt::print("{}", options.json ? report.json() : report.table());
  return report.passed() ? 0 : 1;
}

void add_options(CLI::App& command, Options& o) {
  command.add_option("--hansard", o.hansard, "the program to measure (default: of this build)")
      ->envname("HANSARD");
  command.add_option("--place", o.place, "where the server's data go: the disk matters");
  command.add_option("--shards", o.shards, "shards of the server (0: one for each core)");
  command.add_option("--max-seconds", o.max_seconds, "give up after so long");
  command.add_flag("--json", o.json, "one JSON object");
  command.add_flag("--keep", o.keep, "leave the server's directory behind");
  command.add_flag("--quick", o.quick, "a tenth of the size: does it run at all?");
  command.add_flag("--status", o.status, "with what hansard status says after each scenario");
  command.add_option("--messages", o.sizes.record_messages, "record: how many");
  command.add_option("--window", o.sizes.record_window, "record: how many in flight");
  command.add_option("--rooms", o.sizes.rooms, "record, latency: rooms");
  command.add_option("--rate", o.sizes.latency_rate, "latency: messages a second");
  command.add_option("--occupants", o.sizes.occupants, "fanout, join: occupants of the room");
  command.add_option("--fanout-messages", o.sizes.fanout_messages, "fanout: how many");
  command.add_option("--idle-plain", o.sizes.idle_plain, "idle: sessions");
  command.add_option("--idle-tls", o.sizes.idle_tls, "idle-tls: sessions");
  const std::string group =
      "Against a server that runs already, with accounts bench0 bench1 …, "
      "password bench-secret";
  command.add_option("--pid", o.existing.pid, "its process")->group(group);
  command.add_option("--connect", o.connect, "host:port, plain")->group(group);
  command.add_option("--connect-tls", o.connect_tls, "host:port, direct TLS")->group(group);
  command.add_option("--domain", o.existing.domain, "")->group(group);
  command.add_option("--service", o.existing.service, "")->group(group);
}

int main_of_bench(int argc, char** argv) {
  Options options;
  CLI::App app("Measures Hansard: each scenario prints its figures, and ends.", "hansard-bench");
  app.require_subcommand(1);
  auto* all = app.add_subcommand("all", "every scenario, against a private server");
  add_options(*all, options);
  std::vector<CLI::App*> single;
  for (const auto& scenario : scenarios) {
    single.push_back(app.add_subcommand(scenario.name, scenario.what));
    add_options(*single.back(), options);
  }
  auto* selftest =
      app.add_subcommand("selftest", "does the checker find loss, doubling, disorder?");
  CLI11_PARSE(app, argc, argv);

  if (selftest->parsed()) return run_selftest() ? 0 : 1;
  std::vector<const Scenario*> chosen;
  for (std::size_t i = 0; i < single.size(); ++i)
    if (all->parsed() || single[i]->parsed()) chosen.push_back(&scenarios[i]);
  return run(options, chosen);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::main_of_bench(argc, argv); }
