// SPDX-License-Identifier: Apache-2.0
// Copies of PostgreSQL's databases: how pg_dump is found, told, watched and ended. What it writes
// is looked at in backup_test.cpp.
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>

#include "db/keep/copy.h"
#include "db/postgres/snapshot.h"
#include "db/sql/sql.h"
#include "tests/contract/world.h"

using tests::Sql;
using tests::TempDir;
using tests::World;

namespace {

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Programs before or instead of those that PATH has.
class Programs {
 public:
  Programs() {
    const char* path = ::getenv("PATH");
    before_ = path != nullptr ? path : "";
  }
  ~Programs() { ::setenv("PATH", before_.c_str(), 1); }

  std::string file(const std::string& name) const { return dir_.file(name); }
  void none() { ::setenv("PATH", dir_.str().c_str(), 1); }
  // What follows #!/bin/sh. `"$real" "$@"` is the one that is there.
  void pg_dump(const std::string& script) {
    {
      std::ofstream out(file("pg_dump"));
      out << "#!/bin/sh\nreal() { PATH=${PATH#*:} exec pg_dump \"$@\"; }\n" << script << '\n';
    }
    REQUIRE(::chmod(file("pg_dump").c_str(), 0700) == 0);
    ::setenv("PATH", (dir_.str() + ":" + before_).c_str(), 1);
  }

 private:
  TempDir dir_;
  std::string before_;
};

bool lives(pid_t pid) { return ::kill(pid, 0) == 0 || errno != ESRCH; }

struct Dumping : World {
  // The sentence; "" if it was made.
  std::string backup(const std::function<bool()>& go_on = [] { return true; }) {
    TempDir folder;
    const auto made = content->backup("", place.dir.str(), folder.str(),
                                      [&](std::int64_t, std::int64_t) { return go_on(); });
    return made ? "" : made.error();
  }
  std::string server_major() {
    Sql sql(place.content_url);
    return std::to_string(sql.number("SHOW server_version_num") / 10000);
  }
  Programs programs;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("no secret of the URL is on pg_dump's command line", "[.postgresql]") {
  Dumping world;
  world.close();
  auto& url = world.place.content_url;
  const std::string whole = url;
  url.insert(url.find('@'), ":hidden%20one%20");
  url += "?sslpassword=hidden%20'two&passfile=/nowhere/hidden-three&options=-c%20jit%3Doff";
  world.open();
  world.programs.pg_dump(
      "echo \"$0 $@\" >> " + world.programs.file("argv") + "; env > " + world.programs.file("env") +
      "; [ -z \"$PGSERVICEFILE\" ] || cat $PGSERVICEFILE > " + world.programs.file("service") +
      "; stat -L -c %a $PGSERVICEFILE > " + world.programs.file("mode") + "; real \"$@\"");
  ::setenv("PGHOST", "nowhere.invalid", 1);
  ::setenv("PGPASSWORD", "hidden-other", 1);
  CHECK(world.backup() == "");
  ::unsetenv("PGHOST");
  ::unsetenv("PGPASSWORD");
  const auto argv = contents(world.programs.file("argv"));
  CHECK(has(argv, "--snapshot="));
  CHECK_FALSE(has(argv, "hidden"));
  const auto env = contents(world.programs.file("env"));
  CHECK(has(env, "PGPASSWORD=hidden one \n"));
  CHECK_FALSE(has(env, "hidden-other"));
  CHECK_FALSE(has(env, "PGHOST"));
  const auto service = contents(world.programs.file("service"));
  CHECK(has(service, "\nsslpassword=hidden 'two\n"));
  CHECK(has(service, "\noptions=-c jit=off\n"));
  CHECK(has(service, "\nhostaddr=127.0.0.1\n"));
  CHECK(contents(world.programs.file("mode")) == "600\n");
  url = whole;
}

TEST_CASE("what pg_dump cannot be told is said", "[.postgresql]") {
  Dumping world;
  world.close();
  const std::string whole = world.place.content_url;
  world.place.content_url += "?options=-c%20jit%3Doff%20";
  world.open();
  CHECK(has(world.backup(), "cannot be told the options"));
  world.place.content_url = whole;
}

TEST_CASE("a pg_dump that is not there, or is too old, is said with what to install",
          "[.postgresql]") {
  Dumping world;
  const std::string package = "postgresql-client-" + world.server_major();
  SECTION("none") { world.programs.none(); }
  SECTION("Debian's wrapper around none") {
    world.programs.pg_dump("echo 'Error: You must install at least one package' >&2; exit 1");
  }
  SECTION("too old") {
    world.programs.pg_dump("echo 'Warning: 1 thing'; echo 'pg_dump (PostgreSQL) 9.6.24'");
    CHECK(has(world.backup(), "of PostgreSQL 9,"));
  }
  SECTION("no pg_dump at all") { world.programs.pg_dump("echo hello"); }
  const auto said = world.backup();
  INFO(said);
  CHECK(has(said, package));
  CHECK_FALSE(has(said, "\n"));
}

TEST_CASE("a newer pg_dump will do", "[.postgresql]") {
  Dumping world;
  world.programs.pg_dump(
      "[ $1 = --version ] && exec echo 'pg_dump (PostgreSQL) 99.1'; real \"$@\"");
  CHECK(world.backup() == "");
}

TEST_CASE("how pg_dump ended is said", "[.postgresql]") {
  Dumping world;
  const std::string ok = "[ $1 = --version ] && exec echo 'pg_dump (PostgreSQL) 99.1'; ";
  world.programs.pg_dump(ok + "echo 'pg_dump: error: it is full' >&2; echo more; exit 1");
  CHECK(has(world.backup(), "failed: it is full"));
  world.programs.pg_dump(ok + "exit 3");
  CHECK(has(world.backup(), "failed: exit code 3"));
  world.programs.pg_dump(ok + "kill -9 $$");
  CHECK(has(world.backup(), "failed: it was killed"));
}

TEST_CASE("where SIGCHLD is ignored a pg_dump is still waited for", "[.postgresql]") {
  Dumping world;
  ::signal(SIGCHLD, SIG_IGN);
  CHECK(world.backup() == "");
  ::signal(SIGCHLD, SIG_DFL);
}

TEST_CASE("a backup that is given up leaves no pg_dump behind", "[.postgresql]") {
  Dumping world;
  // One that does not want to end, as one whose server is frozen.
  world.programs.pg_dump(
      "[ $1 = --version ] && exec echo 'pg_dump (PostgreSQL) 99.1'; trap '' TERM; echo $$ > " +
      world.programs.file("pid") + "; exec sleep 600");
  CHECK(world.backup([&] { return contents(world.programs.file("pid")).empty(); }) == "given up");
  CHECK_FALSE(lives(std::stoi(contents(world.programs.file("pid")))));
}

// What `wait` throws.
std::string error_of(const std::function<void()>& wait) {
  try {
    wait();
  } catch (const db::DatabaseError& error) {
    return error.what();
  }
  return "";
}

void look_on(db::postgres::Snapshot& snapshot) {
  tests::eventually([&] {
    snapshot.look();
    return false;
  });
}

TEST_CASE("a connection that holds a snapshot learns that its server is frozen", "[.postgresql]") {
  World world;
  const auto target = db::parse_target(world.place.content_url, "");
  REQUIRE(target);
  db::postgres::Snapshot snapshot(*target);
  const pid_t backend = std::stoi(snapshot.value("SELECT pg_backend_pid()"));
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(::kill(backend, SIGSTOP) == 0);
  const auto said = error_of([&] { look_on(snapshot); });
  ::kill(backend, SIGCONT);
  CHECK(has(said, "has not answered for 12 seconds"));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
}

TEST_CASE("a connection that holds a snapshot learns that its server is gone", "[.postgresql]") {
  World world;
  const auto target = db::parse_target(world.place.content_url, "");
  REQUIRE(target);
  db::postgres::Snapshot snapshot(*target);
  Sql sql(world.place.content_url);
  CHECK(sql.text("SELECT pg_terminate_backend(" + snapshot.value("SELECT pg_backend_pid()") +
                 ")") == "t");
  CHECK_FALSE(error_of([&] { look_on(snapshot); }).empty());
}
