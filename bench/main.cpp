// SPDX-License-Identifier: Apache-2.0
// hansard-bench: the load generator and the figures of docs/performance.md.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
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
  std::string database;  // empty: an SQLite file
  unsigned shards = 0;
  unsigned max_seconds = 1800;
  bool json = false, keep = false, quick = false, status = false, no_archive = false;
  Target existing;
  std::string connect, connect_tls, connect_http;  // one of them: the server runs already
  Sizes sizes;

  bool private_server() const {
    return connect.empty() && connect_tls.empty() && connect_http.empty();
  }
};

using Measure = void (*)(const Target&, const Sizes&, Report&);

struct Scenario {
  const char* name;
  const char* what;
  Measure measure;
  std::size_t (*accounts)(const Sizes&);
  bool needs_pid = false;  // says nothing without the server's CPU and memory
};

const Scenario scenarios[] = {
    {"login", "CPU and time of a login, besides the password's hash", measure_login,
     [](const Sizes& s) { return std::min<std::size_t>(s.logins, 500); }},
    {"fanout", "CPU per delivery in one large room, against a bare loop", measure_fanout,
     [](const Sizes& s) { return s.occupants; }, true},
    {"join", "many users enter one room: CPU and memory", measure_join,
     [](const Sizes& s) { return s.occupants; }},
    {"enter", "somebody enters a large room: CPU, against a bare loop", measure_enter,
     [](const Sizes& s) { return s.occupants + enter_visitors; }, true},
    {"lists", "ten thousand members: the owner's form, and the list in pages", measure_lists,
     [](const Sizes&) -> std::size_t { return 1; }},
    {"churn", "people come and go at a rate while others talk", measure_churn, accounts_of_churn},
    {"record", "messages recorded a second (closed loop)", measure_record,
     [](const Sizes& s) { return people(small_rooms(s)); }},
    {"latency", "reflection time at a moderate rate", measure_latency,
     [](const Sizes& s) { return people(small_rooms(s)); }},
    {"idle", "memory of an idle session in plain",
     [](const Target& t, const Sizes& s, Report& r) { measure_idle(t, s, false, r); },
     accounts_of_idle, true},
    {"idle-tls", "memory of an idle session with TLS",
     [](const Target& t, const Sizes& s, Report& r) { measure_idle(t, s, true, r); },
     accounts_of_idle_tls, true},
    {"occupant", "memory of an occupant", measure_occupant, accounts_of_occupant, true},
    {"roster", "a roster of a thousand", measure_roster,
     [](const Sizes&) -> std::size_t { return 1; }},
    {"resume", "a stream resumed (XEP-0198)", measure_resume,
     [](const Sizes&) -> std::size_t { return 2; }},
    {"metrics", "the page /metrics with ten thousand sessions", measure_metrics,
     [](const Sizes& s) { return s.metrics_sessions; }},
    {"import", "ten thousand accounts by `hansard user import`", measure_import,
     [](const Sizes&) -> std::size_t { return 1; }},
    {"proxy", "do the checks find what a proxy drops, doubles, swaps?", prove_by_proxy,
     [](const Sizes&) -> std::size_t { return 5; }},
};

std::string default_hansard() {
  // Not by CLI11, which would have every subcommand's own option read it.
  if (const char* given = std::getenv("HANSARD"); given && *given) return given;
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
          .occupancy_rooms = 50,
          .logins = 120,
          .churn_messages = 400,
          .roster_logins = 5,
          .metrics_sessions = 1000,
          .metrics_pages = 10,
          .resumptions = 10,
          .imported = 1000,
          .visits = 12,
          .members = 1000,
          .forms = 10};
}

using Scenarios = std::vector<const Scenario*>;

std::size_t accounts_needed(const Scenarios& chosen, const Sizes& sizes) {
  std::size_t most = 1;
  for (const auto* scenario : chosen) most = std::max(most, scenario->accounts(sizes));
  return most;
}

void announce(const Scenario& scenario) {
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "{} …\n", scenario.name);
}

void measure(const Scenario& scenario, const Target& target, const Sizes& sizes, Report& report) {
  try {
    scenario.measure(target, sizes, report);
  } catch (const NotOffered& missing) {
    report.not_offered(scenario.name, missing.what());
  }
}

void run_existing(Options& options, const Scenarios& chosen, Report& report) {
  auto& target = options.existing;
  if (!options.connect.empty()) target.plain = read_endpoint(options.connect);
  if (!options.connect_tls.empty()) target.tls = read_endpoint(options.connect_tls);
  if (!options.connect_http.empty()) target.http = read_endpoint(options.connect_http);
  target.accounts = accounts_needed(chosen, options.sizes);
  report.note(
      fmt::format("a server that runs already, accounts bench0 to bench{}", target.accounts - 1));
  for (const auto* scenario : chosen) {
    if (scenario->needs_pid && target.pid == 0)
      throw Failed(
          fmt::format("{} measures CPU or memory; give the server's --pid", scenario->name));
    announce(*scenario);
    measure(*scenario, target, options.sizes, report);
  }
}

void run_private(const Options& options, const Scenarios& chosen, Report& report) {
  const auto program = options.hansard.empty() ? default_hansard() : options.hansard;
  PrivateServer server({.program = program,
                        .place = options.place,
                        .database = options.database,
                        .archive = !options.no_archive,
                        .accounts = accounts_needed(chosen, options.sizes),
                        .shards = options.shards,
                        .keep = options.keep,
                        .give_up = options.existing.give_up});
  report.note(
      fmt::format("{}, {}, {} shards; rate and connection limits lifted, else as "
                  "delivered; started afresh for each scenario",
                  program, options.database.empty() ? "SQLite in " + options.place : "PostgreSQL",
                  options.shards == 0 ? "default" : std::to_string(options.shards)));
  for (const auto* scenario : chosen) {
    announce(*scenario);
    server.start();
    try {
      measure(*scenario, server.target(), options.sizes, report);
    } catch (const std::exception& error) {
      throw Failed(fmt::format("{}: {}\nstatus: {}\nlog: {}", scenario->name, error.what(),
                               server.status(), server.log_end()));
    }
    if (options.status) report.note(fmt::format("{}: {}", scenario->name, server.status()));
    server.stop();
  }
}

int run(Options& options, const Scenarios& chosen) {
  raise_descriptor_limit();
  options.existing.give_up = Clock::now() + std::chrono::seconds(options.max_seconds);
  alarm(options.max_seconds + 30);  // the last resort: ends us, and the server with us
  Report report(options.private_server() || options.existing.pid != 0);
  try {
    if (options.private_server())
      run_private(options, chosen, report);
    else
      run_existing(options, chosen, report);
  } catch (const std::exception& error) {
    fmt::print(stderr, "hansard-bench: {}\n", error.what());
    fmt::print(stderr, "{}", report.table());
    return 1;
  }
  fmt::print("{}", options.json ? report.json() : report.table());
  return report.passed() ? 0 : 1;
}

// --quick first: what is given beside it holds.
void add_sizes(CLI::App& command, Options& o) {
  command
      .add_flag_callback(
          "--quick", [&o] { o.sizes = quick_sizes(); }, "a tenth of the size: does it run at all?")
      ->trigger_on_parse();
  const auto size = [&command](const char* name, auto& value, const char* what) {
    command.add_option(name, value, what)
        ->type_name("N")
        ->group("Sizes")
        ->check(CLI::PositiveNumber)  // of nothing nothing can be said
        ->capture_default_str();
  };
  size("--logins", o.sizes.logins, "login: with each mechanism");
  size("--iterations", o.sizes.scram_iterations, "login: of the server's hash");
  size("--occupants", o.sizes.occupants, "fanout, join, enter: of the room");
  size("--visits", o.sizes.visits, "enter");
  size("--members", o.sizes.members, "lists: of the room");
  size("--fanout-messages", o.sizes.fanout_messages, "fanout");
  size("--messages", o.sizes.record_messages, "record");
  size("--window", o.sizes.record_window, "record: messages in flight");
  size("--rooms", o.sizes.rooms, "record, latency: how many");
  command
      .add_option("--room-size", o.sizes.room_size, "record, latency: people in each (0: 2 to 5)")
      ->type_name("N")
      ->group("Sizes")
      ->capture_default_str();
  size("--rate", o.sizes.latency_rate, "latency: messages a second");
  size("--latency-messages", o.sizes.latency_messages, "latency");
  size("--churn-rate", o.sizes.churn_rate, "churn: entries and leaves a second, and messages");
  size("--churn-messages", o.sizes.churn_messages, "churn");
  size("--churn-people", o.sizes.churn_people, "churn: who come and go");
  size("--idle-plain", o.sizes.idle_plain, "idle: sessions");
  size("--idle-tls", o.sizes.idle_tls, "idle-tls: sessions");
  size("--roster-items", o.sizes.roster_items, "roster");
  size("--sessions", o.sizes.metrics_sessions, "metrics: sessions");
  size("--resumptions", o.sizes.resumptions, "resume");
  size("--imported", o.sizes.imported, "import: accounts");
}

void add_options(CLI::App& command, Options& o) {
  command
      .add_option("--hansard", o.hansard,
                  "the program to measure (default: $HANSARD, or that of this build)")
      ->type_name("FILE");
  command.add_option("--place", o.place, "where the server's data go: the disk matters")
      ->type_name("DIR")
      ->capture_default_str();
  command
      .add_option("--database", o.database,
                  "its content: the URL of an empty PostgreSQL database, for one scenario "
                  "(default: an SQLite file)")
      ->type_name("URL");
  command.add_flag("--no-archive", o.no_archive, "with the archive switched off");
  command.add_option("--shards", o.shards, "shards of the server (0: one for each core)");
  command
      .add_option("--max-seconds", o.max_seconds, "give up after so long, whatever the server does")
      ->check(CLI::Range(1u, 86400u))
      ->capture_default_str();
  command.add_flag("--json", o.json, "one JSON object");
  command.add_flag("--keep", o.keep, "leave the server's directory behind");
  command.add_flag("--status", o.status, "with what hansard status says after each scenario");
  add_sizes(command, o);
  const std::string group =
      "Any server that runs already (addresses are IPv4; it needs accounts bench0 bench1 …)";
  command.add_option("--connect", o.connect, "plain")->group(group)->type_name("HOST:PORT");
  command.add_option("--connect-tls", o.connect_tls, "direct TLS")
      ->group(group)
      ->type_name("HOST:PORT");
  command.add_option("--connect-http", o.connect_http, "metrics: where /metrics is")
      ->group(group)
      ->type_name("HOST:PORT");
  command.add_option("--pid", o.existing.pid, "its process on this machine, for CPU and memory")
      ->group(group);
  command.add_option("--domain", o.existing.domain, "of the accounts")
      ->group(group)
      ->capture_default_str();
  command.add_option("--service", o.existing.service, "for rooms")
      ->group(group)
      ->capture_default_str();
  command.add_option("--password", o.existing.password, "of all these accounts")
      ->group(group)
      ->capture_default_str();
}

int main_of_bench(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Measures an XMPP server: each scenario checks that every message comes exactly once and in\n"
      "order to everybody, prints its figures with their targets, and ends. Starts a hansard of "
      "its\n"
      "own on loopback unless it is given an address.\n"
      "Exit code: 0 all is as it should be, 1 it is not or could not be measured, else wrong "
      "usage.",
      "hansard-bench");
  app.require_subcommand(1);
  auto* all = app.add_subcommand("all", "every scenario below, against a private server");
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
  Scenarios chosen;
  for (std::size_t i = 0; i < single.size(); ++i)
    if (all->parsed() || single[i]->parsed()) chosen.push_back(&scenarios[i]);
  return run(options, chosen);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::main_of_bench(argc, argv); }
