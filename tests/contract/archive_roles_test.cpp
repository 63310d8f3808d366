// SPDX-License-Identifier: Apache-2.0
// Roles of PostgreSQL beside the archive's owner: what each may do, and nothing else (C21, C22).
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "compliance/verify/archive.h"
#include "tests/contract/archive_world.h"

using tests::message;
using tests::Place;
using tests::Sql;

namespace {

std::string as(const std::string& url, const std::string& role) {
  const auto begin = url.find("//") + 2;
  return url.substr(0, begin) + role + url.substr(url.find('@'));
}

std::string as_superuser(const std::string& url) {
  const char* admin = std::getenv("HANSARD_TEST_POSTGRES_ADMIN");
  REQUIRE(admin != nullptr);
  const std::string server(admin);
  return server.substr(0, server.rfind('/')) + url.substr(url.rfind('/'));
}

// An archive of the tests' role, and three roles that own nothing.
struct Roles {
  Roles() {
    Sql sql(as_superuser(place.archive_url));
    for (const auto& role : {writer, reader, retention})
      REQUIRE(sql.error("CREATE ROLE " + role + " LOGIN") == "");
  }
  ~Roles() {
    Sql sql(as_superuser(place.archive_url));
    for (const auto& role : {writer, reader, retention})
      CHECK(sql.error("DROP OWNED BY " + role + "; DROP ROLE " + role) == "");
  }
  std::string refusal(const std::string& role) const {
    const auto opened = db::open_archive(as(place.archive_url, role), place.dir.str());
    const auto checked = db::check_archive(as(place.archive_url, role), place.dir.str());
    if (opened) {
      CHECK(checked);
      return "";
    }
    REQUIRE_FALSE(checked);
    CHECK(checked.error() == opened.error());
    return opened.error();
  }
  base::Result<std::vector<std::string>, std::string> grant() const {
    return db::grant_archive_roles(place.archive_url, {writer, reader, retention});
  }

  Place place;
  const std::string number = std::to_string(::getpid());
  const std::string writer = "writer" + number, reader = "reader" + number,
                    retention = "retention" + number;
};

}  // namespace

TEST_CASE("roles: the writer adds, the reader reads, and a start says who lets them in",
          "[.postgresql]") {
  const Roles roles;
  (void)*db::open_archive(roles.place.archive_url, roles.place.dir.str());
  CHECK(roles.refusal(roles.writer)
            .find("hansard archive roles --owner URL --writer " + roles.writer) !=
        std::string::npos);
  for (int i = 0; i < 2; ++i) {
    const auto granted = roles.grant();
    INFO((granted ? "" : granted.error()));
    REQUIRE(granted);
    CHECK(granted->size() == 3);
  }
  CHECK(roles.refusal(roles.reader).find("may not write the archive") != std::string::npos);
  CHECK(roles.refusal(roles.retention).find("may not read the archive") != std::string::npos);
  {
    const auto url = as(roles.place.archive_url, roles.writer);
    auto archive = db::open_archive(url, roles.place.dir.str());
    REQUIRE(archive);
    tests::ArchiveRows made;
    REQUIRE(
        (*archive)->append({made.next(tests::room_created(1, "a@chat.localhost")),
                            made.next(tests::joined(1, 0, "romeo")), made.next(message(1, 0))}));
    REQUIRE((*archive)->append({made.next(tests::left(1, 0, "romeo"))}));
    REQUIRE((*archive)->skip("n2.1", {5, {}}));
    REQUIRE((*archive)->add_checkpoint({4, {}, 1, "note"}, {{1, 0, {}}}));
    REQUIRE((*db::open_manifests(url, ""))->add_manifest({1, {}, {}, "text"}));
    const auto reader = *db::read_archive(as(roles.place.archive_url, roles.reader), "");
    CHECK(reader->events(0, 10)->size() == 4);
    CHECK(reader->present(1, 3)->size() == 1);
    CHECK((*reader->checkpoint_covering(1))->size == 4);
  }
  Sql sql(as_superuser(roles.place.archive_url));
  REQUIRE(sql.error("DELETE FROM derived; INSERT INTO derived VALUES (1, 9)") == "");
  CHECK(roles.refusal(roles.writer) == "");  // makes it anew
  REQUIRE(sql.error("DELETE FROM schema_version WHERE version >= 3") == "");
  CHECK(roles.refusal(roles.writer).find("has schema 2 and needs 4") != std::string::npos);
}

TEST_CASE("roles: every forbidden statement fails for want of the right (C21)", "[.postgresql]") {
  const Roles roles;
  {
    auto archive = *db::open_archive(roles.place.archive_url, roles.place.dir.str());
    tests::ArchiveRows made;
    REQUIRE(archive->append({made.next(message(1, 0)), made.next(message(1, 0))}));
    REQUIRE(archive->add_checkpoint({2, {}, 1, "note"}, {{1, 0, {}}}));
  }
  REQUIRE(roles.grant());
  for (const auto& role : {roles.writer, roles.reader, roles.retention}) {
    Sql sql(as(roles.place.archive_url, role));
    const auto denied = [&](const std::string& statement) {
      INFO(role << ": " << statement);
      const auto error = sql.error(statement);
      CHECK((error.find("permission denied") != std::string::npos ||
             error.find("must be owner") != std::string::npos));
    };
    for (const auto& [table, column] :
         {std::pair{"event", "leaf"}, std::pair{"part", "data"}, std::pair{"checkpoint", "note"},
          std::pair{"subtree", "hash"}, std::pair{"manifest", "body"},
          std::pair{"archive_id", "id"}}) {
      const std::string name = table;
      denied("UPDATE " + name + " SET " + column + " = ''");
      denied("DELETE FROM " + name);
      denied("TRUNCATE " + name);
      denied("DROP TABLE " + name);
      denied("ALTER TABLE " + name + " DISABLE TRIGGER ALL");
      denied("ALTER TABLE " + name + " DROP COLUMN " + column);
      denied("CREATE TRIGGER mine BEFORE INSERT ON " + name +
             " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()");
    }
    denied("SET session_replication_role = replica");
    denied("CREATE TABLE mine (a bigint)");
    denied("DROP FUNCTION hansard_append_only() CASCADE");
    denied("TRUNCATE head");
    denied("INSERT INTO schema_version VALUES (4, 1)");
    if (role != roles.retention) denied("SELECT hansard_erase_part(0, 0)");
    if (role != roles.writer) denied("UPDATE head SET sn = 9");
    if (role != roles.writer) denied("INSERT INTO part VALUES (0, 9, '', '', '')");
    if (role == roles.retention) denied("SELECT * FROM part");
  }
  Sql sql(roles.place.archive_url);
  CHECK(sql.number("SELECT count(*) FROM event") == 2);
}

TEST_CASE("roles: one part is erased by its function alone, and the leaf stays", "[.postgresql]") {
  const Roles roles;
  tests::ArchiveRows made;
  const auto row = made.next(message(1, 0, "secret"));
  REQUIRE((*db::open_archive(roles.place.archive_url, ""))->append({row}));
  REQUIRE(roles.grant());
  Sql owner(roles.place.archive_url), retention(as(roles.place.archive_url, roles.retention));
  for (const char* attack :
       {"UPDATE part SET salt = '', data = '' WHERE n = 0", "UPDATE part SET data = ''",
        "SET hansard.erasing = '0/0'; UPDATE part SET data = 'x' WHERE n = 0",
        "SET hansard.erasing = '0/0'; UPDATE part SET salt = '', data = '', kind = 'x' WHERE n = 0",
        "SET hansard.erasing = '0/0'; UPDATE part SET salt = '', data = '' WHERE n = 1",
        "SET hansard.erasing = '0/0'; DELETE FROM part WHERE n = 0"}) {
    INFO(attack);
    CHECK(owner.error(attack).find("append-only") != std::string::npos);
  }
  CHECK(retention.text("SELECT hansard_erase_part(0, 0)") == "t");
  CHECK(retention.text("SELECT hansard_erase_part(0, 7)") == "f");
  // A table of the caller's own under that name is not taken for ours.
  CHECK(retention.error("CREATE TEMP TABLE part (seq bigint, n bigint, salt text, data text);"
                        "SELECT hansard_erase_part(0, 1)") == "");
  const auto event = (*db::read_archive(roles.place.archive_url, ""))->events(0, 1)->at(0);
  CHECK(event.leaf == row.leaf);
  REQUIRE(event.parts.size() == row.parts.size());
  for (std::size_t n = 0; n < event.parts.size(); ++n) {
    CHECK(event.parts[n].data == (n < 2 ? "" : row.parts[n].data));
    CHECK(event.parts[n].salt == (n < 2 ? "" : row.parts[n].salt));
  }
  // No event says so: to a verifier it is a part that was taken away.
  int named = 0;
  compliance::Report report([&](const compliance::Finding& finding) {
    if (finding.kind == compliance::Kind::part_missing && finding.seq == 0) ++named;
  });
  const auto reader = *db::read_archive(roles.place.archive_url, "");
  REQUIRE(compliance::verify_archive(*reader, {}, report));
  CHECK((named == 2 && report.findings() == 2));
}

TEST_CASE("roles: those whom rights would not bind, or who are not there, are refused",
          "[.postgresql]") {
  const Roles roles;
  const auto said = [&](const std::string& url, const db::ArchiveRoles& wanted) {
    const auto granted = db::grant_archive_roles(url, wanted);
    REQUIRE_FALSE(granted);
    return granted.error();
  };
  const auto url = roles.place.archive_url;
  CHECK(said(url, {"nobody_of_that_name", "", ""}).find("there is no role") != std::string::npos);
  CHECK(said(url, {"", "postgres", ""}).find("is a superuser") != std::string::npos);
  CHECK(said(url, {"", "", "hansard"}).find("archive's owner") != std::string::npos);
  CHECK(said("sqlite:archive.db", {"a", "", ""}).find("SQLite has no roles") != std::string::npos);
  CHECK(said(as(url, roles.writer), {roles.writer, "", ""}).find(roles.writer) !=
        std::string::npos);
  Sql sql(as_superuser(url));
  REQUIRE(sql.error("GRANT hansard TO " + roles.reader) == "");
  CHECK(said(url, {"", roles.reader, ""}).find("a member of it") != std::string::npos);
}
