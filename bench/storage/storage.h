// SPDX-License-Identifier: Apache-2.0
// What the storage alone can do, measured inside one process on db/ itself: no sockets, no XMPP.
// The yardstick beside it (bare_sqlite.cpp) uses nothing of ours.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "bench/report.h"
#include "db/content.h"
#include "db/sql/sql.h"
#include "db/sql/target.h"

namespace bench::storage {

struct Setup {
  std::string content_url;  // of an empty database
  std::string data_dir;
  std::int64_t rooms = 200;
  std::int64_t messages = 200000;
  std::int64_t window = 4000;         // submitted and not yet durable, at most
  std::int64_t large_room = 1000000;  // messages in the room whose pages are read
  std::int64_t pages = 2000;
  std::string hansard;  // the program whose start is timed
  std::int64_t stored_rooms = 1000000, open_stays = 300000;
  std::int64_t stored_people = 100000;
  std::int64_t events = 300000;
  int turns = 1;
  std::int64_t occupants = 16000;
};

// An open content database and its writer, with so many events under way at most.
struct Recording {
  explicit Recording(const Setup& setup);  // throws Failed
  void submit(record::Event event);
  void settle();  // throws Failed if anything was not recorded

  base::SystemClock clock;
  base::SystemRandom random;
  std::unique_ptr<base::Log> log = base::make_null_log();
  std::unique_ptr<db::Content> content;
  std::int64_t window = 4000;
  std::atomic<std::int64_t> waiting{0}, lost{0};

 private:
  void wait_until_below(std::int64_t limit);
};
record::Event made_room(std::int64_t room, const base::Clock& clock);
record::Event said(std::int64_t room, std::int64_t number, const base::Clock& clock);

double cpu_of_this_thread();  // seconds

struct Written {
  double seconds = 0, writer_cpu_seconds = 0;
  double mean_batch = 0;
};

// Messages of 100 bytes into `rooms` rooms in turn: state, history and outbox.
Written run_writer(const Setup& setup, Report& report);
// Writes the rows that run_writer() left behind into a new file beside it, as fast as SQLite's own
// interface lets it, in transactions of as many.
double bare_rows_per_second(const Setup& setup, const Written& like, Report& report);

// How long a page of a very large room's archive takes.
void run_pages(const Setup& setup, Report& report);
// How soon a server accepts clients whose database holds very many rooms.
void run_start(const Setup& setup, Report& report);
// How long a round of retention over very many rooms and people takes, and what the writer notices
// of it, while nothing needs to go.
void run_keep(const Setup& setup, Report& report);
// How fast the archive takes what the archivist hands it (`content_url` is the archive's), and how
// fast it is read.
void run_archivist(const Setup& setup, Report& report);
// How much of an archive a second of one core verifies.
void run_verify(const Setup& setup, Report& report);
// How long it takes to say who was in a full room.
void run_who(const Setup& setup, Report& report);

// Straight into a database that has its schema. " FROM … AS n" with numbers n from 1 to `count`;
// rooms with a name, an owner and a message, and nobody inside; accounts (`name` and a
// number) with so many messages in their archives.
std::string one_to(const db::Session& session, std::int64_t count);
void make_stored_rooms(const db::Target& target, std::int64_t count);
void make_stored_people(const db::Target& target, const std::string& name, std::int64_t count,
                        std::int64_t messages);

}  // namespace bench::storage
