// SPDX-License-Identifier: Apache-2.0
// The archive as it is read: what was appended, and what is looked up in it.
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>
#include <optional>

#include "tests/contract/archive_world.h"

using compliance::OutboxRow;
using compliance::StoredEvent;
using tests::ArchiveWorld;
using tests::joined;
using tests::left;
using tests::message;
using tests::room_created;
using tests::Sql;

namespace {

void check_same(const StoredEvent& event, std::int64_t seq, const OutboxRow& row) {
  CHECK(event.seq == seq);
  CHECK(event.leaf == row.leaf);
  CHECK(event.leaf_hash == base::hex(base::as_chars(row.leaf_hash)));
  CHECK((event.source == row.source && event.sn == row.sn && event.event_id == row.event_id));
  CHECK((event.code == row.code && event.at_us == row.at_us));
  const auto about = [&](std::int64_t value) {
    return row.room_id == 0 ? std::nullopt : std::optional(value);
  };
  CHECK((event.room_id == about(row.room_id) && event.number == about(row.number)));
  REQUIRE(event.parts.size() == row.parts.size());
  for (std::size_t i = 0; i < row.parts.size(); ++i) {
    CHECK((event.parts[i].n == row.parts[i].n && event.parts[i].kind == row.parts[i].kind));
    CHECK((event.parts[i].salt == row.parts[i].salt && event.parts[i].data == row.parts[i].data));
  }
}

std::vector<std::int64_t> seqs(const std::vector<StoredEvent>& events) {
  std::vector<std::int64_t> out;
  for (const auto& event : events) out.push_back(event.seq);
  return out;
}

using Numbers = std::vector<std::int64_t>;

record::Event at(record::Event event, std::int64_t us) {
  event.at.us = us;
  return event;
}

record::Event viewed(std::int64_t room, std::int64_t first, std::int64_t last, std::int64_t n) {
  auto event = message(room, 0);
  record::HistoryViewed body;
  body.via = "mam";
  body.first = first;
  body.last = last;
  body.count = n;
  event.body = body;
  return event;
}

record::Event joined_with_history(std::int64_t room, const std::string& who, std::int64_t first,
                                  std::int64_t last, std::int64_t n) {
  auto event = joined(room, 0, who);
  auto& body = std::get<record::OccupantJoined>(event.body);
  body.history_first = first;
  body.history_last = last;
  body.history_count = n;
  return event;
}

}  // namespace

TEST_CASE("events come back as they were appended, page by page") {
  ArchiveWorld world;
  world.add(room_created(1, "a@chat.localhost"));
  world.add(tests::account_added("romeo"));
  for (int i = 0; i < 600; ++i) world.append({world.made.next(message(1, 0, "é'\"\\\n{},NULL"))});
  const auto reader = world.reader();
  std::int64_t next = 0;
  for (const std::size_t max : {1u, 2u, 255u, 256u, 257u, 1000u}) {
    const auto page = reader->events(next, max);
    REQUIRE(page);
    CHECK(page->size() == std::min(max, world.rows.size() - static_cast<std::size_t>(next)));
    for (const auto& event : *page) {
      check_same(event, next, world.rows[static_cast<std::size_t>(next)]);
      ++next;
    }
  }
  CHECK(next == 602);
  CHECK(reader->events(602, 10)->empty());
  CHECK(reader->events(0, 0)->empty());
  CHECK(*reader->size() == 602);
  const auto heads = *reader->heads();
  REQUIRE(heads.size() == 1);
  CHECK((heads.at("n1.1").sn == 602 && heads.at("n1.1").hash == world.rows.back().leaf_hash));
}

TEST_CASE("a page ends at about eight MiB") {
  ArchiveWorld world;
  const std::string body(std::size_t{200} << 10, 'b');
  for (int i = 0; i < 300; ++i) world.add(message(1, 0, body));
  const auto reader = world.reader();
  std::size_t got = 0;
  while (got < 300) {
    const auto page = reader->events(static_cast<std::int64_t>(got), 1000);
    REQUIRE((page && !page->empty()));
    std::size_t bytes = 0;
    for (const auto& event : *page)
      for (const auto& part : event.parts) bytes += part.data.size();
    CHECK(bytes < std::size_t{12} << 20);
    got += page->size();
  }
  CHECK(reader->events(0, 1000)->size() < 100);
}

TEST_CASE("holes are given as holes, and what is no part's salt as it stands") {
  ArchiveWorld world;
  for (int i = 0; i < 5; ++i) world.add(message(1, 0));
  Sql sql(world.place.archive_url);
  if (tests::on_postgres())
    REQUIRE(
        sql.error("ALTER TABLE event DISABLE TRIGGER ALL; ALTER TABLE part DISABLE TRIGGER ALL") ==
        "");
  else
    REQUIRE(sql.error("DROP TRIGGER event_no_delete; DROP TRIGGER part_no_update") == "");
  REQUIRE(sql.error("DELETE FROM event WHERE seq = 2") == "");
  const std::string salt(64, 'z');
  REQUIRE(sql.error("UPDATE part SET salt = '" + salt + "' WHERE seq = 3 AND n = 0") == "");
  const auto events = *world.reader()->events(0, 10);
  CHECK(seqs(events) == Numbers{0, 1, 3, 4});
  CHECK(events[2].parts.at(0).salt == salt);
  CHECK(events[2].parts.size() == world.rows[3].parts.size());
}

TEST_CASE("parts of no event are told, wherever there is none") {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  ArchiveWorld world;
  for (int i = 0; i < 5; ++i) world.add(message(1, 0));
  Sql sql(world.place.archive_url);
  const auto reader = world.reader();
  const auto stray = [&](std::int64_t first, std::int64_t end) {
    return *reader->part_of_no_event(first, end);
  };
  CHECK_FALSE(stray(least, most));
  if (tests::on_postgres())
    REQUIRE(sql.error("ALTER TABLE event DISABLE TRIGGER ALL") == "");
  else
    REQUIRE(sql.error("DROP TRIGGER event_no_delete") == "");
  REQUIRE(sql.error("DELETE FROM event WHERE seq = 2") == "");
  CHECK(stray(least, most) == 2);
  CHECK_FALSE(stray(least, 2));
  CHECK_FALSE(stray(3, most));
  for (const char* seq : {"-9", "77", "9223372036854775807"})
    REQUIRE(sql.error(std::string("INSERT INTO part VALUES (") + seq + ", 0, 'body', '" +
                      std::string(64, '0') + "', '')") == "");
  CHECK(stray(least, 0) == -9);
  CHECK(stray(5, most) == 77);
  CHECK(stray(78, most) == most);
  if (tests::on_postgres()) return;
  REQUIRE(sql.error("DROP TRIGGER part_no_update; UPDATE part SET seq = 'x' WHERE seq > 77") == "");
  CHECK_FALSE(stray(78, 1000));
  CHECK(stray(78, most) == -1);  // SQLite keeps what is no number: behind all of them
}

TEST_CASE("SQLite does not lock for each column what one thread alone uses", "[sqlite]") {
  const ArchiveWorld world;
  sqlite3* made_after = nullptr;
  REQUIRE(sqlite3_open(":memory:", &made_after) == SQLITE_OK);
  CHECK(sqlite3_db_mutex(made_after) == nullptr);
  sqlite3_close(made_after);
}

TEST_CASE("manifests are given as they are stored, page by page") {
  ArchiveWorld world;
  const auto manifests = *db::open_manifests(world.place.archive_url, world.place.dir.str());
  for (int n = 1; n <= 3; ++n) {
    const auto text = std::to_string(n);
    REQUIRE(manifests->add_manifest({n, base::sha256(text), base::sha256(text + "."), text}));
  }
  const auto reader = world.reader();
  const auto page = *reader->manifests(1, 10);
  REQUIRE(page.size() == 2);
  CHECK((page[0].number == 2 && page[0].text == "2"));
  CHECK(page[1].sha256 == base::hex(base::as_chars(base::sha256("3."))));
  CHECK(reader->manifests(0, 2)->size() == 2);
  CHECK(reader->manifests(3, 2)->empty());
}

TEST_CASE("a room's events are given in order of its numbers, all of a number on one page") {
  ArchiveWorld world;
  world.add(room_created(1, "a@chat.localhost"));  // 1
  world.add(message(1, 0));                        // 2
  world.add(message(2, 0));
  for (int i = 0; i < 3; ++i) world.add(viewed(1, 1, 2, 2));  // noted at 2
  world.add(message(1, 0));                                   // 3
  world.add(message(1, 0));                                   // 4
  const auto reader = world.reader();
  const auto page = [&](std::int64_t first, std::size_t max) {
    const auto events = reader->room_events(1, first, max);
    REQUIRE(events);
    for (const auto& event : *events)
      check_same(event, event.seq, world.rows[static_cast<std::size_t>(event.seq)]);
    return seqs(*events);
  };
  CHECK(page(1, 100) == Numbers{0, 1, 3, 4, 5, 6, 7});
  CHECK(page(3, 100) == Numbers{6, 7});
  CHECK(page(1, 1) == Numbers{0});
  CHECK(page(1, 2) == Numbers{0});  // of 2 there is more than this page has
  CHECK(page(1, 5) == Numbers{0});
  CHECK(page(1, 6) == Numbers{0, 1, 3, 4, 5});
  CHECK(page(2, 1) == Numbers{1, 3, 4, 5});
  CHECK(page(2, 4) == Numbers{1, 3, 4, 5});
  CHECK(page(2, 5) == Numbers{1, 3, 4, 5});
  CHECK(page(5, 10).empty());
  CHECK(reader->room_events(3, 0, 10)->empty());
}

TEST_CASE("events are found by id, wherever they stand") {
  ArchiveWorld world;
  std::vector<OutboxRow> rows;
  for (int i = 0; i < 2100; ++i) rows.push_back(world.made.next(message(1, 0)));
  rows[2090].event_id = "00000000-0000-7000-8000-000000000000";  // older than all
  world.append(rows);
  const auto reader = world.reader();
  for (const std::size_t i : {0u, 1023u, 1024u, 2047u, 2048u, 2090u, 2099u}) {
    const auto found = *reader->find(rows[i].event_id);
    REQUIRE(found);
    check_same(*found, static_cast<std::int64_t>(i), rows[i]);
  }
  for (const char* id :
       {"", "0198c7c2-0000-7000-8000-000000002101", "x", "00000000-0000-7000-8000-000000000001"})
    CHECK_FALSE(*reader->find(id));
}

TEST_CASE("times are found though the clock goes back") {
  ArchiveWorld world;
  std::vector<std::int64_t> times;
  for (int i = 0; i < 2500; ++i) times.push_back(10000 + 10 * i - (i >= 1500 ? 9000 : 0));
  std::vector<OutboxRow> rows;
  for (const auto time : times) rows.push_back(world.made.next(at(message(1, 0), time)));
  for (std::size_t i = 0; i < rows.size(); i += 700)
    world.append({rows.begin() + static_cast<std::ptrdiff_t>(i),
                  rows.begin() + static_cast<std::ptrdiff_t>(std::min(i + 700, rows.size()))});
  const auto reader = world.reader();
  for (const std::int64_t time :
       {0, 9999, 10000, 10001, 15990, 15991, 16000, 20000, 24990, 24991, 25990, 25991, 99999}) {
    INFO(time);
    std::optional<std::int64_t> first, last;
    for (std::size_t i = 0; i < times.size(); ++i) {
      if (times[i] >= time && !first) first = static_cast<std::int64_t>(i);
      if (times[i] < time) last = static_cast<std::int64_t>(i);
    }
    CHECK(*reader->first_at(time) == first);
    CHECK(*reader->last_before(time) == last);
  }
}

TEST_CASE("rooms are found by the address they were made with, of which there may be several") {
  ArchiveWorld world;
  world.add(room_created(7, "a@chat.localhost"));
  world.add(room_created(3, "a@chat.localhost"));
  world.add(room_created(5, "b@chat.localhost"));
  const auto reader = world.reader();
  CHECK(*reader->rooms("a@chat.localhost") == Numbers{7, 3});
  CHECK(*reader->rooms("b@chat.localhost") == Numbers{5});
  CHECK(reader->rooms("c@chat.localhost")->empty());
}

TEST_CASE("who was present at a number follows from joins and leaves") {
  ArchiveWorld world;
  struct Span {
    std::string session;
    std::int64_t join_seq, join_rn, leave_seq = 0, leave_rn = 1 << 30;
  };
  std::vector<Span> model;
  std::map<std::string, std::size_t> open;
  tests::SeededRandom random;
  std::vector<OutboxRow> batch;
  std::int64_t seq = 0;
  for (int i = 0; i < 1500; ++i) {
    std::byte draw[2];
    random.fill(draw);
    const auto who = "user" + std::to_string(static_cast<int>(draw[0]) % 40);
    const bool there = open.contains(who);
    const int what = static_cast<int>(draw[1]) % 4;
    if (what == 0) {
      batch.push_back(world.made.next(message(1, 0)));
    } else if (what == 1 && there) {
      batch.push_back(world.made.next(left(1, 0, who)));
      model[open[who]].leave_seq = seq;
      model[open[who]].leave_rn = world.made.number(1);
      open.erase(who);
    } else if (!there) {
      batch.push_back(world.made.next(joined(1, 0, who)));
      open[who] = model.size();
      model.push_back({"stay-" + who, seq, world.made.number(1)});
    } else {
      batch.push_back(world.made.next(joined(2, 0, who)));  // elsewhere, never to leave
    }
    ++seq;
    if (i % 97 == 0 || i == 1499) world.append(std::exchange(batch, {}));
  }
  REQUIRE(batch.empty());
  const auto reader = world.reader();
  for (std::int64_t number = 0; number <= world.made.number(1) + 1; number += 7) {
    INFO(number);
    std::vector<std::pair<std::int64_t, std::int64_t>> wanted, got;
    for (const auto& span : model)
      if (span.join_rn < number && span.leave_rn >= number)
        wanted.emplace_back(span.join_seq, span.leave_seq);
    const auto present = *reader->present(1, number);
    for (const auto& stay : present) {
      got.emplace_back(stay.join_seq, stay.leave_seq.value_or(0));
      CHECK(stay.leave_seq.has_value() == stay.leave_rn.has_value());
      CHECK(stay.pseudonym.starts_with("p-"));
      CHECK(stay.session.starts_with("stay-user"));
    }
    CHECK(got == wanted);
  }
  CHECK(reader->present(3, 1)->empty());
}

TEST_CASE("of who was present the address, the nick and the time of the join are known") {
  ArchiveWorld world;
  world.add(room_created(1, "a@chat.localhost"));
  world.add(at(joined(1, 0, "romeo"), 12345));
  world.add(message(1, 0));
  const auto known = world.reader()->present(1, 3);
  REQUIRE((known && known->size() == 1));
  const auto& stay = known->front();
  const auto& parts = world.rows[1].parts;
  const auto part = [&](const char* kind) {
    return std::ranges::find(parts, kind, &record::Part::kind)->data;
  };
  CHECK((stay.jid == part("full_jid") && stay.nick == part("nick") && stay.joined_us == 12345));
  // Derived again, it is the same.
  world.archive.reset();
  REQUIRE(Sql(world.place.archive_url)
              .error("DELETE FROM derived; INSERT INTO derived VALUES"
                     " (1, 1000)") == "");
  world.open();
  const auto again = world.reader()->present(1, 3);
  REQUIRE((again && again->size() == 1));
  CHECK(again->front().joined_us == 12345);
}

TEST_CASE("by which joins and pages a number was given out") {
  ArchiveWorld world;
  for (int i = 0; i < 20; ++i) world.add(message(1, 0));
  world.add(viewed(1, 3, 9, 7));                          // 20
  world.add(viewed(1, 9, 9, 1));                          // 21
  world.add(viewed(1, 0, 0, 0));                          // 22: nothing
  world.add(viewed(2, 1, 20, 20));                        // 23: elsewhere
  world.add(joined_with_history(1, "romeo", 5, 20, 10));  // 24
  world.add(joined_with_history(1, "juliet", 0, 0, 0));   // 25: nothing
  const auto reader = world.reader();
  const auto given = [&](std::int64_t number) { return *reader->given_out(1, number); };
  CHECK(given(2).empty());
  CHECK(given(3) == Numbers{20});
  CHECK(given(5) == Numbers{20, 24});
  CHECK(given(9) == Numbers{20, 21, 24});
  CHECK(given(10) == Numbers{24});
  CHECK(given(20) == Numbers{24});
  CHECK(given(21).empty());
}

TEST_CASE("who reads takes no lock, and gets no archive that is not there or another's") {
  tests::Place place;
  const auto said = [&] {
    const auto reader = db::read_archive(place.archive_url, place.dir.str());
    const auto manifests = db::open_manifests(place.archive_url, place.dir.str());
    CHECK(bool(reader) == bool(manifests));
    if (!reader) CHECK(reader.error() == manifests.error());
    return reader ? "" : reader.error();
  };
  if (tests::on_postgres()) {
    CHECK(said().find("has schema 0") != std::string::npos);
  } else {
    CHECK(said().find("is not there") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(place.dir.file("archive.db")));
  }
  auto archive = db::open_archive(place.archive_url, place.dir.str());
  REQUIRE(archive);
  CHECK(said() == "");
  tests::ArchiveRows made;
  const auto reader = *db::read_archive(place.archive_url, place.dir.str());
  CHECK(reader->events(0, 10)->empty());
  REQUIRE((*archive)->append({made.next(message(1, 0))}));
  CHECK(reader->events(0, 10)->size() == 1);  // beside the one who writes
  archive->reset();
  CHECK(db::open_archive(place.archive_url, place.dir.str()));
  Sql sql(place.archive_url);
  REQUIRE(sql.error("INSERT INTO schema_version VALUES (999, 1)") == "");
  CHECK(said().find("use a newer Hansard") != std::string::npos);
}
