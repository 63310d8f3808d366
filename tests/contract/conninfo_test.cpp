// SPDX-License-Identifier: Apache-2.0
// What a URL of PostgreSQL may say, what is added, and what each connection relies on.
#include "db/postgres/conninfo.h"

#include <catch2/catch.hpp>

#include "db/sql/sql.h"
#include "tests/contract/world.h"

using db::postgres::read_url;
using tests::Sql;
using tests::World;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string conninfo(const std::string& url) {
  const auto read = read_url(url);
  if (!read) FAIL(read.error());
  return read->conninfo;
}

std::string setting(db::Session& session, const std::string& name) {
  std::string value;
  db::Statement(session)
      .into(value)
      .prepare(("SELECT current_setting('" + name + "')").c_str())
      .one();
  return value;
}

}  // namespace

TEST_CASE("a URL with which nothing could work is refused with what to leave out") {
  const std::pair<const char*, const char*> urls[] = {
      {"h/d?client_encoding=LATIN1", "client_encoding"},
      {"h/d?client_encoding=auto", "client_encoding"},
      {"h/d?replication=database", "replication"},
      {"h/d?target_session_attrs=standby", "target_session_attrs=standby"},
      {"h/d?target_session_attrs=read-only", "target_session_attrs=read-only"},
      {"h,i/d?target_session_attrs=prefer-standby", "target_session_attrs=prefer-standby"},
      {"h,i/d?target_session_attrs=any", "target_session_attrs=any"},
      {"/d?hostaddr=127.0.0.1,127.0.0.2&target_session_attrs=any", "target_session_attrs=any"},
      {"h/d?connect_timeout=0", "connect_timeout"},
      {"h/d?connect_timeout=-1", "connect_timeout"},
      {"h/d?connect_timeout=soon", "connect_timeout"},
  };
  for (const auto& [rest, what] : urls) {
    const auto refused = read_url(std::string("postgresql://u:hidden@") + rest);
    INFO(rest);
    REQUIRE_FALSE(refused);
    CHECK(has(refused.error(), what));
    CHECK_FALSE(has(refused.error(), "hidden"));
    CHECK_FALSE(has(refused.error(), "\n"));
  }
}

TEST_CASE("what a URL leaves open is added, what it says stays") {
  const auto bare = conninfo("postgresql://h/d");
  CHECK(has(bare, "connect_timeout='2'"));
  CHECK(has(bare, "client_encoding='UTF8'"));
  CHECK_FALSE(has(bare, "target_session_attrs"));
  CHECK(has(conninfo("postgresql://h,i/d"), "target_session_attrs='read-write'"));
  CHECK(has(conninfo("postgresql:///d?hostaddr=127.0.0.1,127.0.0.2"),
            "target_session_attrs='read-write'"));
  CHECK(has(conninfo("postgresql://h,i/d?target_session_attrs=primary"),
            "target_session_attrs='primary'"));
  CHECK(has(conninfo("postgresql://h/d?target_session_attrs=any"), "target_session_attrs='any'"));
  CHECK(has(conninfo("postgresql://h/d?connect_timeout=5"), "connect_timeout='5'"));
  CHECK(has(conninfo("postgresql://h/d?connect_timeout="), "connect_timeout='2'"));
  for (const char* name : {"UTF8", "utf-8", "Unicode", ""})
    CHECK(
        has(conninfo(std::string("postgresql://h/d?client_encoding=") + name), "client_encoding="));
  CHECK(has(conninfo("postgresql://h/d?application_name=me"), "application_name='me'"));
}

TEST_CASE("what a connection relies on holds whatever role, database or URL say otherwise",
          "[.postgresql]") {
  World world;
  world.close();
  const std::string name = world.place.content_url.substr(world.place.content_url.rfind('/') + 1);
  Sql sql(world.place.content_url);
  for (const char* set : {"statement_timeout = 5000", "idle_session_timeout = 60000",
                          "default_transaction_isolation = 'serializable'",
                          "client_encoding = 'LATIN1'", "synchronous_commit = 'off'"})
    REQUIRE(sql.error("ALTER DATABASE " + name + " SET " + set) == "");
  for (const char* options :
       {"", "?options=-c%20statement_timeout%3D5000%20-c%20client_encoding%3DLATIN1"}) {
    const auto target = db::parse_target(world.place.content_url + options, "");
    REQUIRE(target);
    db::Session full(*target, db::Session::Use::full);
    CHECK(setting(full, "statement_timeout") == "0");
    CHECK(setting(full, "idle_session_timeout") == "0");
    CHECK(setting(full, "default_transaction_isolation") == "read committed");
    CHECK(setting(full, "client_encoding") == "UTF8");
    CHECK(setting(full, "synchronous_commit") == "on");
    db::Session reader(*target, db::Session::Use::reader);
    CHECK(setting(reader, "statement_timeout") == "10s");
    CHECK(setting(reader, "idle_session_timeout") == "0");
    CHECK(setting(reader, "client_encoding") == "UTF8");
  }
}
