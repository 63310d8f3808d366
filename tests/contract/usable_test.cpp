// SPDX-License-Identifier: Apache-2.0
// Databases that cannot be used are refused by a start and by `check` with the same sentence.
#include <catch2/catch.hpp>

#include "db/stores/archive.h"
#include "tests/contract/world.h"

using db::Content;
using tests::Place;
using tests::Sql;

namespace {

struct Looked {
  std::string peek, own;    // what content says; "" if nothing
  std::string check, open;  // what the archive says
};

template <class T>
std::string said(const base::Result<T, std::string>& result) {
  return result ? std::string() : result.error();
}

Looked look(const Place& place) {
  const auto dir = place.dir.str();
  return {said(Content::open(place.content_url, dir, Content::Access::peek)),
          said(Content::open(place.content_url, dir, Content::Access::own)),
          said(db::check_archive(place.archive_url, dir)),
          said(db::open_archive(place.archive_url, dir))};
}

void all_say(const Looked& looked, const std::string& words) {
  for (const auto& text : {looked.peek, looked.own, looked.check, looked.open}) {
    INFO(text);
    CHECK(text.find(words) != std::string::npos);
  }
}

void in_both(const Place& place, const std::string& sql) {
  for (const auto& url : {place.content_url, place.archive_url}) {
    Sql database(url);
    REQUIRE(database.error(sql) == "");
  }
}

// What only a superuser may.
void as_superuser(const std::string& url, const std::string& sql) {
  const char* admin = std::getenv("HANSARD_TEST_POSTGRES_ADMIN");
  REQUIRE(admin != nullptr);
  const std::string server(admin);
  Sql database(server.substr(0, server.rfind('/')) + url.substr(url.rfind('/')));
  REQUIRE(database.error(sql) == "");
}

std::string name_of(const std::string& url) { return url.substr(url.rfind('/') + 1); }

}  // namespace

TEST_CASE("databases that can be used are, before the first start and after it") {
  const Place place;
  for (int i = 0; i < 2; ++i) {
    const auto looked = look(place);
    CHECK(looked.peek + looked.own + looked.check + looked.open == "");
  }
}

TEST_CASE("a newer schema of either database is found before the start") {
  const Place place;
  (void)look(place);
  in_both(place, "INSERT INTO schema_version VALUES (999, 1)");
  all_say(look(place), "use a newer Hansard");
}

TEST_CASE("the other one of the two databases is not taken for one with a newer schema") {
  Place place;
  (void)look(place);
  std::swap(place.content_url, place.archive_url);
  const auto looked = look(place);
  for (const auto& text : {looked.peek, looked.own})
    CHECK(text.find("holds an archive") != std::string::npos);
  for (const auto& text : {looked.check, looked.open})
    CHECK(text.find("holds rooms and accounts") != std::string::npos);
}

TEST_CASE("a database in whose schema the role may make no tables", "[.postgresql]") {
  const Place place;
  for (const bool made : {false, true}) {
    for (const auto& url : {place.content_url, place.archive_url})
      as_superuser(url, "ALTER DATABASE " + name_of(url) + " OWNER TO postgres");
    all_say(look(place), "may not make tables in the schema public");
    all_say(look(place), "ALTER DATABASE … OWNER TO hansard");
    for (const auto& url : {place.content_url, place.archive_url})
      as_superuser(url, "ALTER DATABASE " + name_of(url) + " OWNER TO hansard");
    if (!made) (void)look(place);
  }
}

TEST_CASE("a database whose tables are somebody else's", "[.postgresql]") {
  const Place place;
  (void)look(place);
  for (const auto& url : {place.content_url, place.archive_url})
    as_superuser(url,
                 "ALTER TABLE schema_version OWNER TO postgres;"
                 "GRANT ALL ON schema_version TO hansard");
  all_say(look(place), "REASSIGN OWNED");
}

TEST_CASE("a database without Unicode, or without a schema", "[.postgresql]") {
  const Place place;
  for (const auto& url : {place.content_url, place.archive_url})
    as_superuser(url.substr(0, url.rfind('/')) + "/postgres",
                 "ALTER DATABASE " + name_of(url) + " SET search_path = 'nowhere'");
  all_say(look(place), "search_path");
  for (const auto& url : {place.content_url, place.archive_url}) {
    const auto postgres = url.substr(0, url.rfind('/')) + "/postgres";
    as_superuser(postgres, "DROP DATABASE " + name_of(url));
    as_superuser(postgres, "CREATE DATABASE " + name_of(url) +
                               " OWNER hansard TEMPLATE template0 ENCODING 'LATIN1'"
                               " LOCALE_PROVIDER libc LOCALE 'C'");
  }
  all_say(look(place), "ENCODING 'UTF8'");
}

TEST_CASE("two URLs that lead to one database are found out", "[.postgresql]") {
  const Place place;
  CHECK(db::lead_to_one(place.content_url, place.content_url + "?application_name=x"));
  CHECK_FALSE(db::lead_to_one(place.content_url, place.archive_url));
  CHECK_FALSE(db::lead_to_one("postgresql://127.0.0.1:1/d", "postgresql://127.0.0.1:1/d"));
}
