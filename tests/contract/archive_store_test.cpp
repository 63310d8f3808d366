// SPDX-License-Identifier: Apache-2.0
// What the archive keeps beside the leaves, and what it lets nobody do to any of it.
#include <catch2/catch.hpp>

#include "compliance/tree/merkle.h"
#include "db/sql/migrate.h"
#include "db/sql/sql.h"
#include "tests/contract/archive_world.h"

using compliance::Checkpoint;
using compliance::Manifest;
using compliance::StoreError;
using compliance::Subtree;
using tests::ArchiveWorld;
using tests::message;
using tests::room_created;
using tests::Sql;

namespace {

base::Sha256 hash_of(const std::string& text) { return base::sha256(text); }

Checkpoint checkpoint(std::int64_t size) {
  return {size, hash_of("root" + std::to_string(size)), 1000 + size,
          "origin\n" + std::to_string(size) + "\n"};
}

bool same(const Checkpoint& a, const Checkpoint& b) {
  return a.size == b.size && a.root == b.root && a.issued_us == b.issued_us && a.note == b.note;
}

struct Filled : ArchiveWorld {
  explicit Filled(int messages) {
    add(room_created(1, "a@chat.localhost"));
    for (int i = 1; i < messages; ++i) add(message(1, 0));
  }
};

}  // namespace

TEST_CASE("an archive has an id of its own, and keeps it") {
  ArchiveWorld one, other;
  const auto id = one.archive->id();
  REQUIRE(id);
  CHECK(id->size() == 16);
  CHECK(id->find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(*other.archive->id() != *id);
  CHECK(*one.reader()->id() == *id);
  one.open();
  CHECK(*one.archive->id() == *id);
}

TEST_CASE("hashes of leaves are given in order, and fewer at the end") {
  Filled world(5);
  std::vector<base::Sha256> all;
  for (const auto& row : world.rows) all.push_back(row.leaf_hash);
  const auto reader = world.reader();
  const auto both = [&](std::int64_t first, std::size_t count) {
    const auto own = world.archive->leaf_hashes(first, count);
    const auto read = reader->leaf_hashes(first, count);
    REQUIRE((own && read && *own == *read));
    return *own;
  };
  CHECK(both(0, 100) == all);
  CHECK(both(1, 3) == std::vector(all.begin() + 1, all.begin() + 4));
  CHECK(both(4, 3) == std::vector(all.begin() + 4, all.end()));
  CHECK(both(5, 3).empty());
  CHECK(both(0, 0).empty());
  CHECK(*reader->size() == 5);
}

TEST_CASE("checkpoints and subtrees are kept together, and read in order") {
  Filled world(6);
  const auto reader = world.reader();
  CHECK_FALSE(*world.archive->last_checkpoint());
  const std::vector<Subtree> trees{
      {1, 0, hash_of("1/0")}, {1, 1, hash_of("1/1")}, {2, 0, hash_of("2/0")}};
  REQUIRE(world.archive->add_checkpoint(checkpoint(2), {}));
  REQUIRE(world.archive->add_checkpoint(checkpoint(4), trees));
  REQUIRE(world.archive->add_checkpoint(checkpoint(6), {{1, 2, hash_of("1/2")}}));
  CHECK(same(**world.archive->last_checkpoint(), checkpoint(6)));

  const auto of_level = [&](int level, std::int64_t first, std::size_t count) {
    const auto own = world.archive->subtrees(level, first, count);
    const auto read = reader->subtrees(level, first, count);
    REQUIRE((own && read && *own == *read));
    return *own;
  };
  CHECK(of_level(1, 0, 10) == std::vector{hash_of("1/0"), hash_of("1/1"), hash_of("1/2")});
  CHECK(of_level(1, 1, 1) == std::vector{hash_of("1/1")});
  CHECK(of_level(2, 0, 10) == std::vector{hash_of("2/0")});
  CHECK(of_level(2, 1, 10).empty());
  CHECK(of_level(3, 0, 10).empty());

  const auto sizes = [&](std::int64_t above, std::size_t max) {
    std::vector<std::int64_t> out;
    const auto all = *reader->checkpoints(above, max);
    for (const auto& found : all) {
      CHECK(same(found, checkpoint(found.size)));
      out.push_back(found.size);
    }
    return out;
  };
  CHECK(sizes(0, 10) == std::vector<std::int64_t>{2, 4, 6});
  CHECK(sizes(2, 1) == std::vector<std::int64_t>{4});
  CHECK(sizes(6, 10).empty());
  CHECK((*reader->checkpoint_covering(3))->size == 4);
  CHECK((*reader->checkpoint_covering(4))->size == 4);
  CHECK((*reader->checkpoint_covering(5))->size == 6);
  CHECK_FALSE(*reader->checkpoint_covering(7));
}

TEST_CASE("a checkpoint that is not the next is refused, and nothing of it is kept") {
  Filled world(4);
  const std::vector<Subtree> tree{{1, 0, hash_of("a")}};
  REQUIRE(world.archive->add_checkpoint(checkpoint(3), tree));
  const auto refused = [&](const Checkpoint& next, const std::vector<Subtree>& complete) {
    const auto done = world.archive->add_checkpoint(next, complete);
    REQUIRE_FALSE(done);
    CHECK(done.error() == StoreError::refused);
    CHECK_FALSE(world.archive->last_error().empty());
    CHECK((*world.archive->last_checkpoint())->size == 3);
    CHECK(world.archive->subtrees(1, 0, 10)->size() == 1);
  };
  refused(checkpoint(2), {});
  refused(checkpoint(3), {});
  refused(checkpoint(5), {});                                            // beyond the leaves
  refused(checkpoint(4), {{1, 1, hash_of("b")}, {1, 0, hash_of("a")}});  // one is there
  REQUIRE(world.archive->add_checkpoint(checkpoint(4), {{1, 1, hash_of("b")}}));
  world.open();
  CHECK((*world.archive->last_checkpoint())->size == 4);
}

TEST_CASE("the tree that is kept is the tree over the leaves") {
  ArchiveWorld world;
  std::vector<compliance::OutboxRow> rows;
  compliance::CompactRange tree;
  std::vector<Subtree> complete;
  for (int i = 0; i < 600; ++i) {
    rows.push_back(world.made.next(message(1, 0)));
    tree.append(rows.back().leaf_hash);
    complete.insert(complete.end(), tree.completed().begin(), tree.completed().end());
  }
  world.append(rows);
  REQUIRE(world.archive->add_checkpoint({600, tree.root(), 1, "n"}, complete));
  const auto kept = compliance::tree_at(compliance::hashes_of(*world.archive), 600);
  REQUIRE(kept);
  CHECK(kept->root() == tree.root());
  const auto reader = world.reader();
  const auto hashes = compliance::hashes_of(*reader);
  const auto proof = compliance::inclusion_proof(hashes, 300, 600);
  REQUIRE(proof);
  CHECK(compliance::root_from(*proof, rows[300].leaf_hash, 300, 600) == tree.root());
}

TEST_CASE("manifests are numbered, found by what was asked for, and chained") {
  Filled world(1);
  auto opened = db::open_manifests(world.place.archive_url, world.place.dir.str());
  REQUIRE(opened);
  auto& manifests = **opened;
  CHECK_FALSE(*manifests.last_manifest());
  CHECK_FALSE(*manifests.manifest_for(hash_of("a")));
  const auto add = [&](std::int64_t number, const std::string& request) {
    return manifests.add_manifest(
        {number, hash_of(request), hash_of("m" + request), "text of " + request + "\n"});
  };
  REQUIRE(add(1, "a"));
  REQUIRE(add(2, "b"));
  for (const auto& [number, request] :
       {std::pair{2, "c"}, std::pair{4, "c"}, std::pair{0, "c"}, std::pair{3, "a"}}) {
    INFO(number << request);
    const auto done = add(number, request);
    REQUIRE_FALSE(done);
    CHECK(done.error() == StoreError::refused);
    CHECK_FALSE(manifests.last_error().empty());
  }
  const auto last = *manifests.last_manifest();
  REQUIRE(last);
  CHECK(last->number == 2);
  CHECK(last->sha256 == hash_of("mb"));
  const auto first = *manifests.manifest_for(hash_of("a"));
  REQUIRE(first);
  CHECK((first->number == 1 && first->request == hash_of("a") && first->text == "text of a\n"));
}

TEST_CASE("all that is evidence refuses updates, deletes and replacement") {
  Filled world(3);
  REQUIRE(world.archive->add_checkpoint(checkpoint(3), {{1, 0, hash_of("a")}}));
  auto manifests = db::open_manifests(world.place.archive_url, world.place.dir.str());
  REQUIRE((*manifests)->add_manifest({1, hash_of("a"), hash_of("b"), "text"}));
  Sql sql(world.place.archive_url);
  const auto refused = [&](const std::string& attack) {
    INFO(attack);
    CHECK(sql.error(attack).find("append-only") != std::string::npos);
  };
  for (const auto& [table, column] :
       {std::pair{"event", "leaf"}, std::pair{"part", "data"}, std::pair{"checkpoint", "note"},
        std::pair{"subtree", "hash"}, std::pair{"manifest", "body"},
        std::pair{"archive_id", "id"}}) {
    const std::string name = table;
    refused("UPDATE " + name + " SET " + column + " = " + column);
    refused("DELETE FROM " + name);
    if (tests::on_postgres())
      refused("TRUNCATE " + name);
    else
      refused("INSERT OR REPLACE INTO " + name + " SELECT * FROM " + name);
  }
  refused("INSERT INTO manifest SELECT 3, '" + std::string(64, 'a') +
          "', sha256, body FROM manifest");
  CHECK(sql.error("INSERT INTO manifest SELECT 2, request, sha256, body FROM manifest") != "");
}

TEST_CASE("a superuser as a replica is refused too (C22)", "[.postgresql]") {
  Filled world(3);
  REQUIRE(world.archive->add_checkpoint(checkpoint(3), {{1, 0, hash_of("a")}}));
  const char* admin = std::getenv("HANSARD_TEST_POSTGRES_ADMIN");
  REQUIRE(admin != nullptr);
  const std::string server(admin), url = world.place.archive_url;
  Sql sql(server.substr(0, server.rfind('/')) + url.substr(url.rfind('/')));
  REQUIRE(sql.error("SET session_replication_role = replica") == "");
  for (const char* attack :
       {"DELETE FROM event WHERE seq = 1", "UPDATE event SET leaf = ''", "TRUNCATE event",
        "UPDATE part SET data = ''", "DELETE FROM part", "TRUNCATE part", "TRUNCATE event, part",
        "UPDATE checkpoint SET note = ''", "DELETE FROM checkpoint", "DELETE FROM subtree",
        "DELETE FROM manifest", "TRUNCATE manifest, checkpoint, subtree", "DELETE FROM archive_id",
        "INSERT INTO event SELECT 7, leaf, leaf_hash, 'x', 1, event_id, t, ts, room, rn FROM event"
        " WHERE seq = 1"}) {
    INFO(attack);
    CHECK(sql.error(attack).find("append-only") != std::string::npos);
  }
  CHECK(*world.archive->size() == 3);
}

TEST_CASE("an archive of the first schema is brought up to date with all that is derived") {
  tests::Place place;
  tests::ArchiveRows made;
  const auto dialect = tests::on_postgres() ? db::Dialect::postgres : db::Dialect::sqlite;
  std::vector<compliance::OutboxRow> rows;
  rows.push_back(made.next(room_created(1, "a@chat.localhost")));
  rows.push_back(made.next(tests::joined(1, 0, "romeo")));
  rows.push_back(made.next(message(1, 0)));
  rows.push_back(made.next(tests::left(1, 0, "romeo")));
  {
    const auto target = db::parse_target(place.archive_url, place.dir.str());
    db::Session session(*target, db::Session::Use::full);
    REQUIRE(db::migrate(session, {db::archive_migrations(dialect).front()}, "a", {1}));
    Sql sql(place.archive_url);
    std::int64_t seq = 0;
    for (const auto& row : rows) {
      const auto n = [](std::int64_t number) { return std::to_string(number); };
      const auto at = n(seq++);
      REQUIRE(sql.error("INSERT INTO event VALUES (" + at + ", '" + row.leaf + "', '" +
                        base::hex(base::as_chars(row.leaf_hash)) + "', 'n1.1', " + n(row.sn) +
                        ", '" + row.event_id + "', " + n(row.code) + ", " + n(row.at_us) + ", " +
                        n(row.room_id) + ", " + n(row.number) + ")") == "");
      for (const auto& part : row.parts)
        REQUIRE(sql.error("INSERT INTO part VALUES (" + at + ", " + n(part.n) + ", '" + part.kind +
                          "', '" + base::hex(part.salt) + "', '" + part.data + "')") == "");
    }
    REQUIRE(sql.error("INSERT INTO head VALUES ('n1.1', 4, '" +
                      base::hex(base::as_chars(rows.back().leaf_hash)) + "')") == "");
    const auto old = db::read_archive(place.archive_url, place.dir.str());
    REQUIRE_FALSE(old);
    CHECK(old.error().find("start the server with it once") != std::string::npos);
  }
  const auto check = [&] {
    auto archive = db::open_archive(place.archive_url, place.dir.str());
    REQUIRE(archive);
    CHECK(*(*archive)->size() == 4);
    const auto reader = *db::read_archive(place.archive_url, place.dir.str());
    CHECK(*reader->rooms("a@chat.localhost") == std::vector<std::int64_t>{1});
    const auto present = *reader->present(1, 3);
    REQUIRE(present.size() == 1);
    CHECK(present[0].leave_rn == 4);
    CHECK((*reader->find(rows[2].event_id))->seq == 2);
  };
  check();
  Sql sql(place.archive_url);
  SECTION("what is derived was lost") {
    REQUIRE(sql.error("DELETE FROM stay; DELETE FROM room; DELETE FROM stretch;"
                      " UPDATE derived SET size = 0") == "");
  }
  SECTION("it was made of more leaves than there are") {
    REQUIRE(sql.error("UPDATE derived SET size = 9; UPDATE stay SET room = 7") == "");
  }
  check();
}
