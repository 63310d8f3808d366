// SPDX-License-Identifier: Apache-2.0
// What the rooms work with, for tests: a recorder that settles by hand, a store that knows what was
// recorded and can be slow or out of order, an output that keeps what was said. All thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "record/recorder.h"
#include "src/rooms/keeper.h"
#include "tests/scripts/runner/memory_store.h"
#include "xmpp/element.h"

namespace tests {

// Polls until it holds; false after ten seconds.
bool eventually(const std::function<bool()>& condition);

// `texts` as one line, for comparisons that read well when they fail.
std::string joined(const std::vector<std::string>& texts);

class FakeStore final : public muc::RoomStore {
 public:
  void apply(const std::vector<record::Event>& events);
  std::vector<record::Event> log() const;

  void fail(std::optional<muc::StoreError> error);  // from now on, reads of rooms and history
  void hold_reads();                                // reads block until
  void let_reads();
  std::size_t reads() const;  // begun
  std::size_t loads() const;  // ended

  template <class T>
  using Read = base::Result<T, muc::StoreError>;
  Read<std::optional<muc::StoredRoom>> load(const xmpp::Jid& room, std::size_t max) override;
  Read<std::vector<muc::HistoryItem>> history(const muc::HistoryRequest& request) override;
  Read<muc::ArchivePage> archive(const muc::ArchiveRequest& request) override;
  Read<std::string> vcard(std::int64_t room_id) override;
  Read<std::vector<muc::RoomListing>> list_public(const std::string& service,
                                                  const std::string& after,
                                                  std::size_t max) override;
  Read<std::vector<muc::RoomListing>> list_public_before(const std::string& service,
                                                         const std::string& before,
                                                         std::size_t max) override;
  Read<std::size_t> count_public(const std::string& service, const std::string& before) override;
  Read<std::vector<xmpp::Jid>> with_open_occupancies(std::size_t max) override;
  Read<std::vector<xmpp::Jid>> temporary_rooms(const std::string& after,
                                               std::size_t at_most) override;
  Read<std::vector<xmpp::Jid>> owned_rooms(const xmpp::Jid& account, std::size_t at_most) override;

 private:
  // Waits while reads are held; the error they shall have, if any.
  std::optional<muc::StoreError> enter(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  MemoryRoomStore rooms_;
  std::optional<muc::StoreError> error_;
  bool held_ = false;
  std::size_t reads_ = 0, loads_ = 0;
};

class FakeRecorder final : public record::Recorder {
 public:
  explicit FakeRecorder(FakeStore& store) : store_(store) {}

  void submit(std::vector<record::Event> events,
              std::function<void(record::Settlement)> done) override;
  bool accepting() const override;

  void accept(bool accepting);
  void settle_at_once(bool at_once);  // also what waits
  std::size_t waiting() const;
  std::vector<record::Event> front() const;
  // The oldest submission comes to its end. What is durable is in the store.
  void settle(record::Settlement outcome = record::Outcome::durable);

 private:
  struct Submission {
    std::vector<record::Event> events;
    std::function<void(record::Settlement)> done;
  };
  mutable std::mutex mutex_;
  FakeStore& store_;
  std::deque<Submission> waiting_;
  bool accepting_ = true, at_once_ = false;
};

// Each act as a short text, see describe().
class FakeOutput final : public server::RoomOutput {
 public:
  void send(const xmpp::Jid& to, std::vector<base::Payload> stanzas) override;
  void route(xmpp::Element message) override;
  void seat(const xmpp::Jid& room, muc::Seat seat) override;
  void unseat(const xmpp::Jid& room, const xmpp::Jid& jid) override;
  void broadcast(const xmpp::Jid& room, muc::Broadcast broadcast) override;
  void forget(const xmpp::Jid& room) override;
  void hold(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number) override;
  void release(const xmpp::Jid& room, const xmpp::Jid& jid, std::uint64_t number,
               std::vector<base::Payload> first) override;

  std::vector<std::string> said() const;
  std::vector<std::string> take();
  bool has(const std::string& text) const;           // an act that contains it
  std::size_t count(const std::string& text) const;  // acts that contain it

 private:
  void add(std::string text);

  mutable std::mutex mutex_;
  std::vector<std::string> said_;
};

// "message:hello" · "presence(unavailable)332" · "iq(error)#id internal-server-error".
std::string describe(const base::Payload& payload);

class FakeLog final : public base::Log {
 public:
  bool enabled(base::Level) const override { return true; }
  void write(base::Level level, std::string_view event,
             std::initializer_list<base::Field> fields) override;
  std::size_t count(const std::string& text) const;  // lines that contain it

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace tests
