// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/world.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/crypto.h"

namespace tests {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "hansard-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}
TempDir::~TempDir() { std::filesystem::remove_all(path_); }

namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

const std::string sqlite_scheme = "sqlite:";

// The same server, another database.
std::string sibling(const std::string& url, const std::string& name) {
  return url.substr(0, url.rfind('/') + 1) + name;
}

}  // namespace

bool on_postgres() { return from_environment("HANSARD_TEST_STORAGE") == "postgresql"; }
std::string postgres_url() { return from_environment("HANSARD_TEST_POSTGRES"); }

Place::Place()
    : content_url(sqlite_scheme + dir.file("content.db")),
      archive_url(sqlite_scheme + dir.file("archive.db")) {
  if (!on_postgres()) return;
  const std::string server = postgres_url();
  REQUIRE_FALSE(server.empty());
  static int made = 0;
  const std::string number = std::to_string(::getpid()) + "_" + std::to_string(++made);
  content_url = sibling(server, "content_" + number);
  archive_url = sibling(server, "archive_" + number);
  Sql sql(server);
  REQUIRE(sql.error("CREATE DATABASE content_" + number) == "");
  REQUIRE(sql.error("CREATE DATABASE archive_" + number) == "");
}

Place::~Place() {
  if (!on_postgres()) return;
  Sql sql(postgres_url());
  for (const auto& url : {content_url, archive_url})
    CHECK(sql.error("DROP DATABASE " + url.substr(url.rfind('/') + 1) + " WITH (FORCE)") == "");
}

Sql::Sql(const std::string& url) {
  if (!url.starts_with(sqlite_scheme)) {
    postgres_ = PQconnectdb(url.c_str());
    INFO(PQerrorMessage(postgres_));
    REQUIRE(PQstatus(postgres_) == CONNECTION_OK);
    PQsetNoticeProcessor(
        postgres_, [](void*, const char*) {}, nullptr);
    return;
  }
  // By SQLite's own VFS, whatever a test has put over it.
  REQUIRE(sqlite3_open_v2(url.substr(sqlite_scheme.size()).c_str(), &sqlite_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix") == SQLITE_OK);
  sqlite3_busy_timeout(sqlite_, 5000);
}

Sql::~Sql() {
  sqlite3_close(sqlite_);
  PQfinish(postgres_);
}

bool Sql::read(const std::string& sql, std::vector<Row>& out) {
  out.clear();
  if (postgres_ != nullptr) {
    PGresult* result = PQexec(postgres_, sql.c_str());
    const bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
    for (int r = 0; done && r < PQntuples(result); ++r) {
      Row& row = out.emplace_back();
      for (int c = 0; c < PQnfields(result); ++c)
        row.emplace_back(PQgetisnull(result, r, c) != 0 ? "NULL" : PQgetvalue(result, r, c));
    }
    PQclear(result);
    return done;
  }
  sqlite3_stmt* statement = nullptr;
  int step = sqlite3_prepare_v2(sqlite_, sql.c_str(), -1, &statement, nullptr);
  if (step != SQLITE_OK) return false;
  while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
    Row& row = out.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      row.emplace_back(text ? text : "NULL");
    }
  }
  sqlite3_finalize(statement);
  return step == SQLITE_DONE;
}

std::vector<Sql::Row> Sql::rows(const std::string& sql) {
  std::vector<Row> out;
  const bool done = read(sql, out);
  INFO(sql << ": " << (postgres_ != nullptr ? PQerrorMessage(postgres_) : sqlite3_errmsg(sqlite_)));
  REQUIRE(done);
  return out;
}

std::string Sql::text(const std::string& sql) {
  const auto found = rows(sql);
  REQUIRE(found.size() == 1);
  return found[0].at(0);
}

std::string Sql::error(const std::string& sql) {
  if (postgres_ != nullptr) {
    PGresult* result = PQexec(postgres_, sql.c_str());
    const auto status = PQresultStatus(result);
    const bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    std::string error = done ? "" : PQresultErrorMessage(result);
    PQclear(result);
    return error;
  }
  return sqlite3_exec(sqlite_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK
             ? ""
             : sqlite3_errmsg(sqlite_);
}

void Sql::hold() {
  REQUIRE(error(postgres_ != nullptr ? "BEGIN; LOCK TABLE source_head IN EXCLUSIVE MODE"
                                     : "BEGIN IMMEDIATE") == "");
}

void Sql::let_go() { REQUIRE(error("ROLLBACK") == ""); }

std::string plan(Sql& sql, std::string statement, const std::vector<const char*>& values) {
  std::string name = ":a";
  for (const char* value : values) {
    for (auto at = statement.find(name); at != std::string::npos; at = statement.find(name))
      statement.replace(at, 2, value);
    ++name[1];
  }
  std::string steps;
  for (const auto& row : sql.rows((on_postgres() ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") + statement))
    steps += row.back() + "\n";
  return steps;
}

void eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) FAIL("it did not come to pass");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

World::World(base::Log* l) : log(l ? l : null_log.get()) { open(); }

void World::open() {
  auto opened = db::Content::open(place.content_url, place.dir.str(), db::Content::Access::own);
  if (!opened) FAIL(opened.error());
  content = std::move(*opened);
}

db::RecordingConfig World::config() {
  db::RecordingConfig config;
  config.version = "0.1.0";
  config.domain = "localhost";
  config.clock = &clock;
  config.random = &random;
  config.log = log;
  return config;
}

void World::record(const db::RecordingConfig& config) {
  const auto started = content->start_recording(config);
  if (!started) FAIL(started.error());
}

void World::close() { content.reset(); }

record::Outcome World::commit(std::vector<record::Event> events) {
  Answers answers;
  content->recorder().submit(std::move(events), answers.next());
  return answers.all().at(0);
}

void KeptLog::write(base::Level, std::string_view event,
                    std::initializer_list<base::Field> fields) {
  std::string line(event);
  for (const auto& field : fields) line += " " + std::string(field.key) + "=" + field.value;
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}

std::size_t KeptLog::count(const std::string& text) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(
      lines_, [&](const auto& line) { return line.find(text) != std::string::npos; }));
}

std::function<void(record::Settlement)> Answers::next() {
  return [this, n = asked_++](record::Outcome outcome) {
    const std::lock_guard lock(mutex_);
    came_.emplace_back(n, outcome);
  };
}

std::size_t Answers::count() const {
  const std::lock_guard lock(mutex_);
  return came_.size();
}

std::vector<record::Outcome> Answers::all() {
  eventually([this] { return count() == asked_; });
  const std::lock_guard lock(mutex_);
  std::vector<record::Outcome> out;
  for (const auto& [n, outcome] : came_) {
    CHECK(n == out.size());  // in the order of submission
    out.push_back(outcome);
  }
  return out;
}

xmpp::Jid jid(const std::string& text) { return xmpp::Jid::parse(text).value(); }

namespace {
record::Event in_room(std::int64_t room_id, std::int64_t number, const std::string& who) {
  record::Event event;
  event.at = base::SystemClock().wall();
  event.room_id = room_id;
  event.number = number;
  event.actor = {jid(who + "@localhost/pda"), "stay-" + who, record::Affiliation::none,
                 record::Role::participant};
  return event;
}
}  // namespace

record::Event room_created(std::int64_t room_id, const std::string& room) {
  auto event = in_room(room_id, 1, "romeo");
  event.body = record::RoomCreated{jid(room), {{"muc#roomconfig_roomname", room}}};
  return event;
}
record::Event message(std::int64_t room_id, std::int64_t number, const std::string& text) {
  auto event = in_room(room_id, number, "romeo");
  event.body = record::MessagePosted{"Romeo", "<message><body>" + text + "</body></message>", text,
                                     "id" + std::to_string(number)};
  return event;
}
record::Event joined(std::int64_t room_id, std::int64_t number, const std::string& who) {
  auto event = in_room(room_id, number, who);
  event.body = record::OccupantJoined{who};
  return event;
}
record::Event left(std::int64_t room_id, std::int64_t number, const std::string& who) {
  auto event = in_room(room_id, number, who);
  event.body = record::OccupantLeft{who};
  return event;
}
record::Event account_added(const std::string& localpart, bool admin) {
  record::Event event;
  event.at = base::SystemClock().wall();
  const xmpp::ScramKeys keys{std::string("sa\0lt", 5), 4096, "stored", "server"};
  event.body = record::AccountChanged{record::AccountChanged::Action::added, localpart, admin,
                                      xmpp::ScramVerifiers{keys, keys}};
  return event;
}

std::string verify_chains(Sql& sql, const std::string& table) {
  struct Last {
    std::int64_t number = 0;
    std::string hash = base::base64(std::string(32, '\0'));
  };
  std::map<std::string, Last> sources, rooms;
  const std::string order = table == "event" ? "seq" : "position";
  for (const auto& row : sql.rows("SELECT leaf, leaf_hash FROM " + table + " ORDER BY " + order)) {
    const std::string& bytes = row[0];
    const auto hash = base::sha256(std::string(1, '\0') + bytes);
    if (base::hex(base::as_chars(hash)) != row[1]) return "hash of " + bytes;
    const auto leaf = nlohmann::json::parse(bytes);
    Last& source = sources[leaf.at("src")];
    if (leaf.at("sn") != source.number + 1) return "sn of " + bytes;
    if (leaf.at("sp") != source.hash) return "sp of " + bytes;
    const Last now{source.number + 1, base::base64(base::as_chars(hash))};
    source = now;
    if (!leaf.contains("rp")) continue;
    Last& room = rooms[leaf.at("room")];
    if (leaf.at("rn") != room.number + 1) return "rn of " + bytes;
    if (leaf.at("rp") != room.hash) return "rp of " + bytes;
    room = {room.number + 1, now.hash};
  }
  return "";
}

}  // namespace tests
