// SPDX-License-Identifier: Apache-2.0
// compliance.md C12: kill -9 between every two steps on the way into the archive and under a
// checkpoint. What died is found again by the next start: nothing is lost, nothing is there twice.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iterator>
#include <string>

#include "compliance/archivist.h"
#include "compliance/tree/keys.h"
#include "compliance/verify/archive.h"
#include "db/stores/archive.h"
#include "tests/contract/archiving.h"
#include "tests/contract/forwarding_archive.h"

using compliance::Archivist;
using tests::OutboxRow;
using tests::Sql;
using tests::StoreError;

namespace {

// Where a process dies, the how many-th time it comes there.
enum class Point { append, appended, publish, published, kept, clear, cleared, nowhere };
constexpr Point points[] = {Point::append, Point::appended, Point::publish, Point::published,
                            Point::kept,   Point::clear,    Point::cleared};

class Death {
 public:
  Death(Point where, int when) : where_(where), left_(when) {}
  void at(Point point) {
    if (point == where_ && --left_ == 0) ::kill(::getpid(), SIGKILL);
  }

 private:
  const Point where_;
  int left_;
};

struct MortalArchive final : tests::ForwardingArchive {
  MortalArchive(compliance::ArchiveStore& a, Death& d) : ForwardingArchive(a), death(d) {}
  Answer<void> append(const std::vector<OutboxRow>& rows) override {
    death.at(Point::append);
    auto done = real.append(rows);
    death.at(Point::appended);
    return done;
  }
  Answer<void> add_checkpoint(const compliance::Checkpoint& checkpoint,
                              const std::vector<compliance::Subtree>& complete) override {
    death.at(Point::published);
    auto done = real.add_checkpoint(checkpoint, complete);
    death.at(Point::kept);
    return done;
  }
  Death& death;
};

struct MortalOutbox final : tests::StubbornOutbox {
  MortalOutbox(compliance::Outbox& o, Death& d) : StubbornOutbox(o), death(d) {
    refuse_clear = false;
  }
  base::Result<void, StoreError> clear(std::int64_t up_to, const tests::Kept& kept) override {
    death.at(Point::clear);
    auto done = real.clear(up_to, kept);
    death.at(Point::cleared);
    return done;
  }
  Death& death;
};

// A node that records, archives and signs, as the server wires it.
struct Node {
  Node(const tests::Place& place, Death& d) : death(d) {
    auto opened = db::Content::open(place.content_url, "", db::Content::Access::own);
    auto stored = db::open_archive(place.archive_url, "");
    auto loaded = compliance::load_keys(place.dir.str());
    if (!opened || !stored || !loaded) std::_Exit(2);
    content = *std::move(opened);
    archive = *std::move(stored);
    keys.emplace(*std::move(loaded));
    mortal.emplace(*archive, death);
    outbox.emplace(content->outbox(), death);
    name = "localhost/archive/" + *archive->id();
    sealer.emplace(compliance::Sealer::Parts{.store = *mortal,
                                             .clock = clock,
                                             .log = *log,
                                             .key = keys->current,
                                             .known = known(),
                                             .origin = name,
                                             .file = place.dir.file("checkpoints.log")});
    archivist.emplace(*outbox, *mortal, *log, &*sealer);
    db::RecordingConfig config;
    config.clock = &recording_clock;
    config.random = &random;
    config.log = log.get();
    if (!content->start_recording(config)) std::_Exit(3);
  }
  std::vector<compliance::NoteKey> known() const { return {{name, keys->current.public_key()}}; }
  void record(std::vector<record::Event> events) {
    std::promise<record::Outcome> outcome;
    content->recorder().submit(std::move(events),
                               [&](record::Outcome result) { outcome.set_value(result); });
    if (outcome.get_future().get() != record::Outcome::durable) std::_Exit(4);
  }
  void archive_all() {
    while (archivist->step(3) == compliance::StepResult::copied) {
    }
    clock.advance(compliance::checkpoint_time);
    death.at(Point::publish);
    archivist->step();
  }

  Death& death;
  tests::FakeClock clock;  // the sealer's, which is not waited for
  base::SystemClock recording_clock;
  base::SystemRandom random;
  std::unique_ptr<base::Log> log = base::make_null_log();
  std::unique_ptr<db::Content> content;
  std::unique_ptr<compliance::ArchiveStore> archive;
  std::optional<compliance::ArchiveKeys> keys;
  std::optional<MortalArchive> mortal;
  std::optional<MortalOutbox> outbox;
  std::string name;
  std::optional<compliance::Sealer> sealer;
  std::optional<Archivist> archivist;
};

[[noreturn]] void run_until(const tests::Place& place, Point where, int when, int room) {
  Death death(where, when);
  Node node(place, death);
  node.record({tests::room_created(room, "r" + std::to_string(room) + "@chat.localhost")});
  for (int n = 2; n <= 11; ++n) {
    node.record({tests::message(room, n)});
    if (n % 5 == 0) node.archive_all();
  }
  node.archive_all();
  std::_Exit(5);
}

void run_and_die(const tests::Place& place, Point where, int when, int room) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) run_until(place, where, when, room);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  if (!tests::on_postgres()) return;
  for (const auto& url : {place.content_url, place.archive_url}) {  // what it had sent is done
    Sql sql(url);
    tests::eventually([&] {
      return sql.number(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == 1;
    });
  }
}

std::string findings(const tests::Place& place, const Node& node) {
  std::ifstream file(place.dir.file("checkpoints.log"));
  const std::string published{std::istreambuf_iterator<char>(file), {}};
  const auto reader = db::read_archive(place.archive_url, "");
  REQUIRE(reader);
  std::string found;
  compliance::Report report([&](const compliance::Finding& finding) {
    if (!finding.information) found += finding.json() + "\n";
  });
  const auto verified =
      compliance::verify_archive(**reader,
                                 {.keys = node.known(),
                                  .outside = compliance::notes_in(published),
                                  .go_on = [](std::int64_t, std::int64_t) { return true; }},
                                 report);
  if (!verified) return verified.error();
  CHECK(verified->signed_to == verified->size);
  return found;
}

}  // namespace

TEST_CASE("kill -9 between every two steps into the archive loses nothing and doubles nothing") {
  const tests::Place place;
  int room = 0;
  for (const Point where : points)
    for (const int when : {1, 2}) {
      INFO("point " << static_cast<int>(where) << ", time " << when);
      run_and_die(place, where, when, ++room);
    }

  Death none(Point::nowhere, 0);
  Node node(place, none);
  node.archive_all();
  CHECK_FALSE(node.archivist->any_stopped());
  CHECK(node.sealer->state() == compliance::Sealing::ready);
  CHECK(findings(place, node) == "");
  Sql content(place.content_url), archive(place.archive_url);
  tests::eventually([&] { return content.number("SELECT count(*) FROM outbox") == 0; });
  // Source for source as far as was recorded, and each event once.
  CHECK(archive.rows("SELECT src, sn, hash FROM head ORDER BY src") ==
        content.rows("SELECT source, sn, hash FROM source_head WHERE sn > 0 ORDER BY source"));
  CHECK(archive.number("SELECT count(*) FROM event") ==
        content.number("SELECT sum(sn) FROM source_head"));
  CHECK(tests::verify_chains(archive, "event") == "");
}
