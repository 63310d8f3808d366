// SPDX-License-Identifier: Apache-2.0
// The yardstick: the same rows through SQLite's own interface, prepared once, nothing else done.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include "bench/failed.h"
#include "bench/storage/storage.h"

namespace bench::storage {
namespace {

class Bare {
 public:
  explicit Bare(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) throw Failed("no database at " + path);
  }
  ~Bare() {
    for (auto* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw Failed(sqlite3_errmsg(db_));
  }
  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      throw Failed(sqlite3_errmsg(db_));
    statements_.push_back(statement);
    return statement;
  }
  using Cell = std::pair<bool, std::string>;  // a number, its text
  std::vector<std::vector<Cell>> rows(const std::string& sql) {
    std::vector<std::vector<Cell>> out;
    auto* statement = prepare(sql);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      auto& row = out.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement); ++i)
        row.emplace_back(sqlite3_column_type(statement, i) == SQLITE_INTEGER,
                         reinterpret_cast<const char*>(sqlite3_column_text(statement, i)));
    }
    return out;
  }

 private:
  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

void bind(sqlite3_stmt* statement, int at, const Bare::Cell& cell) {
  if (cell.first)
    sqlite3_bind_int64(statement, at, std::stoll(cell.second));
  else
    sqlite3_bind_text(statement, at, cell.second.data(), static_cast<int>(cell.second.size()),
                      SQLITE_STATIC);
}

void step(sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) throw Failed("a row was refused");
  sqlite3_reset(statement);
}

std::string insert(const std::string& table, std::size_t columns) {
  std::string sql = "INSERT INTO " + table + " VALUES (?";
  for (std::size_t i = 1; i < columns; ++i) sql += ", ?";
  return sql + ")";
}

std::string schema_of(Bare& from) {
  std::string sql;
  for (const auto& row : from.rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name IN"
                                   " ('history', 'outbox', 'room_head', 'source_head')"))
    sql += row.at(0).second + ";";
  return sql;
}

}  // namespace

double bare_rows_per_second(const Setup& setup, const Written& like, Report& report) {
  const std::string from_path = setup.data_dir + "/content.db", path = setup.data_dir + "/bare.db";
  Bare from(from_path);
  const auto history = from.rows("SELECT * FROM history ORDER BY number, room_id");
  const auto outbox = from.rows("SELECT * FROM outbox WHERE code = 101 ORDER BY position");
  const auto page = from.rows("PRAGMA page_size").at(0).at(0).second;
  const auto hash = outbox.at(0).at(9);
  const std::size_t count = std::min(history.size(), outbox.size());
  const auto batch = static_cast<std::size_t>(std::max(1.0, like.mean_batch));

  std::filesystem::remove(path);
  Bare to(path);
  to.run("PRAGMA page_size=" + page +
         "; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
         "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16384;" +
         schema_of(from));
  to.run("INSERT INTO source_head VALUES ('n1.1', 'n1', 1, 0, '', 0, 0)");
  for (std::int64_t room = 1; room <= setup.rooms; ++room)
    to.run("INSERT INTO room_head (room_id, number, hash, epoch) VALUES (" + std::to_string(room) +
           ", 1, '', 1)");
  auto* put_history = to.prepare(insert("history", history.at(0).size()));
  auto* put_outbox = to.prepare(insert("outbox", outbox.at(0).size()));
  auto* move_room = to.prepare("UPDATE room_head SET number = ?, hash = ? WHERE room_id = ?");
  auto* move_source = to.prepare("UPDATE source_head SET sn = ?, hash = ? WHERE source = 'n1.1'");

  const double cpu = cpu_of_this_thread();
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t first = 0; first < count; first += batch) {
    const std::size_t end = std::min(first + batch, count);
    to.run("BEGIN IMMEDIATE");
    for (std::size_t i = first; i < end; ++i) {
      for (std::size_t c = 0; c < history[i].size(); ++c)
        bind(put_history, static_cast<int>(c) + 1, history[i][c]);
      step(put_history);
      for (std::size_t c = 0; c < outbox[i].size(); ++c)
        bind(put_outbox, static_cast<int>(c) + 1, outbox[i][c]);
      step(put_outbox);
    }
    // One move for each room that the batch touches, as the writer does.
    const std::size_t heads =
        std::min<std::size_t>(end - first, static_cast<std::size_t>(setup.rooms));
    for (std::size_t i = end - heads; i < end; ++i) {
      bind(move_room, 1, history[i][1]);
      bind(move_room, 2, hash);
      bind(move_room, 3, history[i][0]);
      step(move_room);
    }
    bind(move_source, 1, outbox[end - 1][2]);
    bind(move_source, 2, hash);
    step(move_source);
    to.run("COMMIT");
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double bare = static_cast<double>(count) / seconds;
  report.info("writer", "the bare loop, as many rows in a commit", bare, "/s");
  report.info("writer", "CPU of the bare loop per message",
              (cpu_of_this_thread() - cpu) * 1e6 / static_cast<double>(count), "µs");
  report.at_least("writer", "writer / bare loop",
                  static_cast<double>(setup.messages) / like.seconds / bare, "×", 0.7);
  return bare;
}

}  // namespace bench::storage
