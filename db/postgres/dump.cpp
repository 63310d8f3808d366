// SPDX-License-Identifier: Apache-2.0
// pg_dump (PostgreSQL 15) in a process of its own, on a snapshot that a connection of ours exports
// and holds: the moment of the copy is that of opening it. Passwords go by the environment, which
// only the owner of a process can read, never by the command line.
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include "db/keep/copy.h"
#include "db/sql/sql.h"

extern char** environ;

namespace db {
namespace {

constexpr std::chrono::milliseconds look{100};
constexpr std::size_t said_max = 4096;

struct Finish {
  void operator()(PGconn* c) const { PQfinish(c); }
  void operator()(PGresult* r) const { PQclear(r); }
  void operator()(PQconninfoOption* o) const { PQconninfoFree(o); }
};

std::string first_line(std::string text) {
  const auto begin = text.find("error: ");
  if (begin != std::string::npos) text.erase(0, begin + 7);
  return text.substr(0, text.find('\n'));
}

// A program's run: its exit code and what it said.
struct Run {
  int code = -1;
  std::string said;
};

// What `go_on` says while it runs: false ends it. Empty if there is no such program.
template <class GoOn>
std::optional<Run> run(const std::vector<std::string>& words, const std::string& password,
                       GoOn&& go_on) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw DatabaseError(std::string("no pipe: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  // The server blocks signals in all of its threads; a child must be able to hear them.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> argv, env;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::string secret = "PGPASSWORD=" + password, language = "LC_ALL=C";
  for (char** at = environ; *at != nullptr; ++at)
    if ((password.empty() || std::strncmp(*at, "PGPASSWORD=", 11) != 0) &&
        std::strncmp(*at, "LC_ALL=", 7) != 0)
      env.push_back(*at);
  if (!password.empty()) env.push_back(secret.data());
  env.push_back(language.data());
  env.push_back(nullptr);
  pid_t child = -1;
  const int failed =
      ::posix_spawnp(&child, argv[0], &actions, &attributes, argv.data(), env.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  Run ran;
  const auto read_all = [&] {
    std::array<char, 1024> piece{};
    for (;;) {
      const auto n = ::read(ends[0], piece.data(), piece.size());
      if (n <= 0) return;
      if (ran.said.size() < said_max) ran.said.append(piece.data(), static_cast<std::size_t>(n));
    }
  };
  int status = 0;
  bool ended = failed != 0, killed = false;
  while (!ended) {
    read_all();
    ended = ::waitpid(child, &status, WNOHANG) == child;
    if (ended) break;
    if (!killed && !go_on()) {
      ::kill(child, SIGTERM);
      killed = true;
    }
    std::this_thread::sleep_for(look);
  }
  read_all();
  ::close(ends[0]);
  if (failed == ENOENT) return std::nullopt;
  if (failed != 0) throw DatabaseError(words[0] + " cannot be run: " + std::strerror(failed));
  if (killed) throw DatabaseError("given up");
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

std::int64_t size_of(const std::string& file) {
  struct stat about {};
  return ::stat(file.c_str(), &about) == 0 ? about.st_size : 0;
}

class PostgresCopy final : public Copy {
 public:
  PostgresCopy(const Target& target, Copied which) : name_(target.name) {
    connection_.reset(PQconnectdb(target.where.c_str()));
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      throw DatabaseError("the database " + name_ + " does not answer");
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    value("SET idle_in_transaction_session_timeout = 0");
    value("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    snapshot_ = value("SELECT pg_export_snapshot()");
    schema = std::stoi(value("SELECT coalesce(max(version), 0) FROM schema_version"));
    head = value(head_query(which));
    bytes = std::stoll(value("SELECT pg_database_size(current_database())"));
    read_options(target.where);
    refuse_unfit_program();
  }

  std::string file_name(const std::string& database) const override { return database + ".dump"; }

  void write(const std::string& file, const GoOn& go_on) override {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) throw DatabaseError(file + " cannot be made: " + std::strerror(errno));
    ::close(fd);
    const auto ran = run({"pg_dump", "--format=custom", "--no-password", "--snapshot=" + snapshot_,
                          "--file=" + file, "--dbname=" + conninfo_},
                         password_, [&] { return go_on(std::min(size_of(file), bytes)); });
    if (!ran || ran->code != 0)
      throw DatabaseError("pg_dump of " + name_ +
                          " failed: " + (ran ? first_line(ran->said) : std::string("it is gone")));
    sync_file(file);
    (void)go_on(bytes);
  }

 private:
  std::string value(const char* sql) {
    const std::unique_ptr<PGresult, Finish> result(PQexec(connection_.get(), sql));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
      throw DatabaseError("the database " + name_ +
                          " cannot be read: " + first_line(PQerrorMessage(connection_.get())));
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

  // As we are connected, to the very server whose snapshot it is; the password apart.
  void read_options(const std::string& where) {
    const std::unique_ptr<PQconninfoOption, Finish> options(
        PQconninfoParse(where.c_str(), nullptr));
    for (const auto* o = options.get(); o != nullptr && o->keyword != nullptr; ++o) {
      const std::string_view key = o->keyword;
      if (o->val == nullptr || *o->val == '\0') continue;
      if (key == "password") password_ = o->val;
      if (key == "password" || key == "host" || key == "hostaddr" || key == "port" ||
          key == "target_session_attrs")
        continue;
      add(key, o->val);
    }
    add("host", PQhost(connection_.get()));
    add("port", PQport(connection_.get()));
  }
  void add(std::string_view key, std::string_view text) {
    conninfo_ += std::string(key) + "='";
    for (const char c : text) {
      if (c == '\'' || c == '\\') conninfo_ += '\\';
      conninfo_ += c;
    }
    conninfo_ += "' ";
  }

  void refuse_unfit_program() {
    const auto ran = run({"pg_dump", "--version"}, "", [] { return true; });
    if (!ran || ran->code != 0)
      throw DatabaseError(
          "there is no pg_dump on this machine, which copies PostgreSQL's databases: install"
          " Debian's package postgresql-client");
    const auto digit = ran->said.find_first_of("0123456789", ran->said.find("PostgreSQL"));
    const int program = digit == std::string::npos ? 0 : std::atoi(ran->said.c_str() + digit);
    const int server = PQserverVersion(connection_.get()) / 10000;
    if (program < server)
      throw DatabaseError("pg_dump is of PostgreSQL " + std::to_string(program) +
                          ", the server of " + name_ + " of " + std::to_string(server) +
                          ": install postgresql-client-" + std::to_string(server));
  }

  const std::string name_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::string snapshot_, conninfo_, password_;
};

}  // namespace

std::unique_ptr<Copy> open_postgres_copy(const Target& target, Copied which) {
  return std::make_unique<PostgresCopy>(target, which);
}

}  // namespace db
