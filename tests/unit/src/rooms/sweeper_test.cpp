// SPDX-License-Identifier: Apache-2.0
#include "src/rooms/sweeper.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <map>
#include <set>

#include "net/loop/shards.h"
#include "tests/unit/src/rooms/fakes.h"

namespace {

using server::Sweeper;
using tests::eventually;
using xmpp::Jid;

Jid room(std::size_t number) {
  const std::string text = std::to_string(1000 + number);
  return *Jid::parse("r" + text.substr(1) + "@chat.localhost");
}

// Rooms that are left open until they have been woken, for ever if they cannot be read.
class LeftOpen final : public muc::RoomStore {
 public:
  template <class T>
  using Read = base::Result<T, muc::StoreError>;

  Read<std::vector<Jid>> with_open_occupancies(std::size_t max) override {
    const std::lock_guard lock(mutex_);
    ++looks_;
    largest_ = std::max(largest_, max);
    if (failures_ > 0) {
      --failures_;
      return base::fail(muc::StoreError::unavailable);
    }
    return first(open_, "", max);
  }
  Read<std::vector<Jid>> temporary_rooms(const std::string& after, std::size_t max) override {
    const std::lock_guard lock(mutex_);
    ++temporary_asked_;
    return first(temporary_, after, max);
  }
  Read<std::optional<muc::StoredRoom>> load(const Jid&, std::size_t) override {
    return std::optional<muc::StoredRoom>{};
  }
  Read<std::vector<muc::HistoryItem>> history(const muc::HistoryRequest&) override {
    return std::vector<muc::HistoryItem>{};
  }
  Read<muc::ArchivePage> archive(const muc::ArchiveRequest&) override { return muc::ArchivePage{}; }
  Read<std::string> vcard(std::int64_t) override { return std::string{}; }
  Read<std::vector<muc::RoomListing>> list_public(const std::string&, const std::string&,
                                                  std::size_t) override {
    return std::vector<muc::RoomListing>{};
  }
  Read<std::vector<muc::RoomListing>> list_public_before(const std::string&, const std::string&,
                                                         std::size_t) override {
    return std::vector<muc::RoomListing>{};
  }
  Read<std::size_t> count_public(const std::string&, const std::string&) override {
    return std::size_t{0};
  }
  Read<std::vector<Jid>> owned_rooms(const Jid&, std::size_t) override {
    return std::vector<Jid>{};
  }

  void wake(const Jid& jid) {
    const std::lock_guard lock(mutex_);
    woken_[jid.str()].push_back(std::chrono::steady_clock::now());
    if (!unreadable_.contains(jid.str())) open_.erase(jid.str());
  }

  // Before it is shared.
  std::set<std::string> open_, unreadable_, temporary_;
  int failures_ = 0;

  std::size_t times(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    const auto at = woken_.find(room(number).str());
    return at == woken_.end() ? 0 : at->second.size();
  }
  std::size_t woken() const {
    const std::lock_guard lock(mutex_);
    return woken_.size();
  }
  std::vector<std::chrono::steady_clock::time_point> when(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    return woken_.at(room(number).str());
  }
  std::size_t looks() const {
    const std::lock_guard lock(mutex_);
    return looks_;
  }
  std::size_t largest() const {
    const std::lock_guard lock(mutex_);
    return largest_;
  }
  std::size_t temporary_asked() const {
    const std::lock_guard lock(mutex_);
    return temporary_asked_;
  }
  void mend() {
    const std::lock_guard lock(mutex_);
    unreadable_.clear();
  }

 private:
  static std::vector<Jid> first(const std::set<std::string>& all, const std::string& after,
                                std::size_t max) {
    std::vector<Jid> rooms;
    for (auto at = all.upper_bound(after); at != all.end() && rooms.size() < max; ++at)
      rooms.push_back(*Jid::parse(*at));
    return rooms;
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::chrono::steady_clock::time_point>> woken_;
  std::size_t looks_ = 0, largest_ = 0, temporary_asked_ = 0;
};

struct Sweeping {
  explicit Sweeping(LeftOpen& left, const Sweeper::Pace& pace = fast())
      : store(left),
        sweeper(
            shards[0], *workers, store, log, [this](const Jid& jid) { store.wake(jid); }, pace) {
    shards[0].post([this] { sweeper.start(); });
    shards.start();
  }
  ~Sweeping() {
    shards.stop();
    shards.join();
    workers.reset();
  }
  static Sweeper::Pace fast() {
    return {.turn = base::milliseconds(1),
            .rooms_a_turn = 5,
            .pause_min = base::milliseconds(20),
            .pause_max = base::milliseconds(80),
            .unreadable_max = 20};
  }

  LeftOpen& store;
  tests::FakeLog log;
  std::unique_ptr<net::Workers> workers = std::make_unique<net::Workers>(1, 10);
  net::Shards shards{1};
  Sweeper sweeper;
};

}  // namespace

TEST_CASE("sweeper: every room that a crash left open is woken once, then it ends") {
  LeftOpen store;
  for (std::size_t i = 0; i < 23; ++i) store.open_.insert(room(i).str());
  Sweeping sweeping(store);
  REQUIRE(eventually([&] { return sweeping.log.count("rooms swept") == 1; }));
  CHECK(store.woken() == 23);
  for (std::size_t i = 0; i < 23; ++i) CHECK(store.times(i) == 1);
  CHECK(sweeping.log.count("woken=23") == 1);
}

TEST_CASE("sweeper: with nothing to do it looks once and says nothing") {
  LeftOpen store;
  Sweeping sweeping(store);
  REQUIRE(eventually([&] { return store.temporary_asked() == 1; }));
  const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  CHECK(eventually([&] { return std::chrono::steady_clock::now() > later; }));
  CHECK(store.looks() == 1);
  CHECK(sweeping.log.count("") == 0);
}

TEST_CASE("sweeper: rooms that must not stay are woken, page by page") {
  const std::size_t page = Sweeping::fast().rooms_a_turn;
  for (const std::size_t count : {page - 1, page, page + 1, 3 * page}) {
    LeftOpen store;
    for (std::size_t i = 0; i < count; ++i) store.temporary_.insert(room(i).str());
    Sweeping sweeping(store);
    REQUIRE(eventually([&] { return sweeping.log.count("rooms swept") == 1; }));
    CHECK(store.woken() == count);
    for (std::size_t i = 0; i < count; ++i) CHECK(store.times(i) == 1);
    CHECK(store.temporary_asked() == count / page + 1);
  }
}

TEST_CASE("sweeper: rooms that cannot be read do not starve the others") {
  LeftOpen store;
  for (std::size_t i = 0; i < 40; ++i) store.open_.insert(room(i).str());
  for (std::size_t i = 0; i < 12; ++i) store.unreadable_.insert(room(i).str());
  Sweeping sweeping(store);
  REQUIRE(eventually([&] { return store.woken() == 40; }));
  for (std::size_t i = 12; i < 40; ++i) CHECK(store.times(i) == 1);
  REQUIRE(eventually([&] { return store.times(0) >= 2; }));
  store.mend();
  REQUIRE(eventually([&] { return sweeping.log.count("rooms swept") == 1; }));
}

TEST_CASE("sweeper: a room that cannot be read is tried after growing pauses") {
  LeftOpen store;
  store.open_ = store.unreadable_ = {room(0).str()};
  Sweeping sweeping(store);
  REQUIRE(eventually([&] { return store.times(0) == 5; }));
  const auto when = store.when(0);
  using std::chrono::milliseconds;
  const milliseconds least[] = {milliseconds(20), milliseconds(40), milliseconds(80),
                                milliseconds(80)};
  for (std::size_t i = 0; i < 4; ++i)  // Less a quarter: a loop's clock is as old as its iteration.
    CHECK(when[i + 1] - when[i] >= least[i] * 3 / 4);
  CHECK(store.looks() < 20);  // nor does it look all the time: 220 ms at 1 ms a turn
}

TEST_CASE("sweeper: how many unreadable rooms it looks past is bounded") {
  LeftOpen store;
  for (std::size_t i = 0; i < 60; ++i) store.open_.insert(room(i).str());
  store.unreadable_ = store.open_;
  const Sweeper::Pace pace = Sweeping::fast();
  const std::size_t most = pace.unreadable_max + pace.rooms_a_turn;
  Sweeping sweeping(store);
  REQUIRE(eventually([&] { return store.woken() == most; }));
  REQUIRE(eventually([&] { return store.times(0) >= 6; }));
  CHECK(store.largest() == most);
  CHECK(store.woken() == most);
}

TEST_CASE("sweeper: a store that does not answer is asked again") {
  LeftOpen store;
  store.failures_ = 3;
  store.open_.insert(room(0).str());
  Sweeping sweeping(store);
  REQUIRE(eventually([&] { return sweeping.log.count("rooms swept") == 1; }));
  CHECK(store.times(0) == 1);
}

TEST_CASE("sweeper: after stop nothing is woken") {
  LeftOpen store;
  store.open_ = store.unreadable_ = {room(0).str()};
  Sweeping sweeping(store);
  REQUIRE(eventually([&] { return store.times(0) >= 1; }));
  std::promise<std::size_t> stopped;
  sweeping.shards[0].post([&] {
    sweeping.sweeper.stop();
    stopped.set_value(store.times(0));
  });
  const std::size_t times = stopped.get_future().get();
  const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
  CHECK(eventually([&] { return std::chrono::steady_clock::now() > later; }));
  CHECK(store.times(0) == times);
}
