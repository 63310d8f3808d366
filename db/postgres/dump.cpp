// SPDX-License-Identifier: Apache-2.0
// pg_dump (PostgreSQL 15) in a process of its own, on a snapshot that a connection of ours exports
// and holds: the moment of the copy is that of opening it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "db/keep/copy.h"
#include "db/postgres/program.h"
#include "db/postgres/snapshot.h"
#include "db/sql/sql.h"

namespace db {
namespace {

using postgres::Command;
using postgres::Run;

constexpr std::chrono::seconds version_within{20};
// Somebody's lock on a table, which pg_dump would wait for as long as it is there.
constexpr const char* lock_wait = "--lock-wait-timeout=60s";
// Debian's wrapper around pg_dump takes the newest one there is when it reads this.
constexpr const char* where = "--dbname=service=hansard";

std::string first_line(std::string text) {
  const auto begin = text.find("error: ");
  if (begin != std::string::npos) text.erase(0, begin + 7);
  return text.substr(0, text.find('\n'));
}

std::string failure(const Run& ran) {
  const std::string said = first_line(ran.said);
  if (!said.empty()) return said;
  return ran.code < 0 ? "it was killed" : "exit code " + std::to_string(ran.code);
}

std::int64_t size_of(const std::string& file) {
  struct stat about {};
  return ::stat(file.c_str(), &about) == 0 ? about.st_size : 0;
}

// How pg_dump is told where to connect: by a service file (§34.17) that has no name, since there
// may be secrets in it, and everybody on the machine can read a command line. The password goes by
// the environment, which only the owner of a process can read: a file forgets blanks at its end.
class Told {
 public:
  explicit Told(PGconn* as) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfo(as),
                                                                               &PQconninfoFree);
    for (const auto* o = options.get(); o != nullptr && o->keyword != nullptr; ++o) {
      if (o->envvar != nullptr) command.withheld.emplace_back(o->envvar);
      if (o->val != nullptr && *o->val != '\0') tell(*o);
    }
    // The very server whose snapshot it is, of those that the URL names.
    line("host", PQhost(as));
    line("port", PQport(as));
    if (*PQhostaddr(as) != '\0') line("hostaddr", PQhostaddr(as));
    file.emplace(text_);
    command.file = &*file;
    command.environment.push_back(std::string("PGSERVICEFILE=") + Command::given);
    command.environment.emplace_back("LC_ALL=C");
  }

  Command command;
  std::optional<postgres::MemoryFile> file;

 private:
  void tell(const PQconninfoOption& option) {
    const std::string_view key = option.keyword;
    if (key == "password") {
      command.environment.push_back(std::string("PGPASSWORD=") + option.val);
      return;
    }
    for (const std::string_view other :
         {"service", "host", "hostaddr", "port", "target_session_attrs", "client_encoding"})
      if (key == other) return;
    // What is so without being said may be unknown to a pg_dump of another version.
    if (option.compiled == nullptr || std::strcmp(option.compiled, option.val) != 0)
      line(key, option.val);
  }
  void line(std::string_view key, std::string_view value) {
    if (value.find_first_of("\r\n") != std::string_view::npos || value.ends_with(' ') ||
        value.ends_with('\t'))
      throw DatabaseError("pg_dump cannot be told the " + std::string(key) +
                          " of the database's URL: it must not have a line break in it nor end"
                          " in a blank");
    text_ += std::string(key) + "=" + std::string(value) + "\n";
  }

  std::string text_ = "[hansard]\n";
};

// The sentence for a pg_dump that is not there or too old, "" if it will do.
std::string unfit(const std::optional<Run>& version, const std::string& database, int server) {
  const std::string package = "postgresql-client-" + std::to_string(server);
  if (!version || version->code != 0)
    return "there is no pg_dump in PATH that runs, and it is what copies " + database +
           ": install Debian's package " + package +
           (version ? " (" + failure(*version) + ")" : "");
  const std::string& said = version->said;
  const auto digit = said.find_first_of("0123456789", said.find("(PostgreSQL)"));
  const int program = digit == std::string::npos ? 0 : std::atoi(said.c_str() + digit);
  if (program >= server) return {};
  return "pg_dump is of PostgreSQL " + std::to_string(program) + ", the server of " + database +
         " of " + std::to_string(server) + ", which is too new for it: install Debian's package " +
         package;
}

class PostgresCopy final : public Copy {
 public:
  PostgresCopy(const Target& target, Copied which) : name_(target.name), snapshot_(target) {
    schema = std::stoi(snapshot_.value("SELECT coalesce(max(version), 0) FROM schema_version"));
    head = snapshot_.value(head_query(which));
    bytes = std::stoll(snapshot_.value("SELECT pg_database_size(current_database())"));
    refuse_unfit_program();
  }

  std::string file_name(const std::string& database) const override { return database + ".dump"; }

  void write(const std::string& file, const GoOn& go_on) override {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) throw DatabaseError(file + " cannot be made: " + std::strerror(errno));
    ::close(fd);
    Told told(snapshot_.connection());
    told.command.words = {"pg_dump",         "--format=custom",
                          "--encoding=UTF8", "--no-password",
                          lock_wait,         "--snapshot=" + snapshot_.id(),
                          "--file=" + file,  where};
    const auto ran = run(told.command, [&] {
      snapshot_.look();
      return go_on(std::min(size_of(file), bytes));
    });
    if (!ran || ran->code != 0)
      throw DatabaseError("pg_dump of " + name_ +
                          " failed: " + (ran ? failure(*ran) : "it is gone"));
    sync_file(file);
    (void)go_on(bytes);
  }

 private:
  void refuse_unfit_program() {
    const auto deadline = std::chrono::steady_clock::now() + version_within;
    const Command version{
        .words = {"pg_dump", "--version", where}, .environment = {"LC_ALL=C"}, .withheld = {}};
    const auto said = run(version, [&] {
      if (std::chrono::steady_clock::now() > deadline)
        throw DatabaseError("what stands as pg_dump in PATH does not say its version");
      return true;
    });
    const auto refusal = unfit(said, name_, snapshot_.server_version());
    if (!refusal.empty()) throw DatabaseError(refusal);
  }

  const std::string name_;
  postgres::Snapshot snapshot_;
};

}  // namespace

std::unique_ptr<Copy> open_postgres_copy(const Target& target, Copied which) {
  return std::make_unique<PostgresCopy>(target, which);
}

}  // namespace db
