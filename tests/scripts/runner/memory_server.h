// SPDX-License-Identifier: Apache-2.0
// A whole MUC service in memory: the rules, the store, and a runner of effects that does what the
// real one does, and watches: numbers are dense, and nobody hears of anything before it is on
// record.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "muc/service.h"
#include "tests/scripts/runner/memory_store.h"
#include "tests/support/fakes.h"
#include "xmpp/element.h"

namespace tests {

class MemoryServer {
 public:
  explicit MemoryServer(std::uint64_t seed = 1);

  muc::ServiceConfig& config() { return config_; }
  void restart();  // a new service on what was recorded; seats and sessions are gone
  void shut_down();

  void connect(const xmpp::Jid& full);
  // From now on it gets what is for its account.
  void make_available(const xmpp::Jid& full) { available_.insert(full); }
  // Its end tells every room it had sent presence to.
  void disconnect(const xmpp::Jid& full);
  void handle(const xmpp::Element& stanza);  // with from and to
  void advance(base::Micros delay);
  void drop(const xmpp::Jid& room);
  void wake(const xmpp::Jid& room);
  // From now on history and archives are read only when finish_reads() is called.
  void hold_reads() { reads_held_ = true; }
  void finish_reads();

  // The next payload that the session has got; a null one if there is none.
  base::Payload next(const xmpp::Jid& full);
  std::deque<base::Payload>& inbox(const xmpp::Jid& full) { return inboxes_[full]; }

  MemoryRoomStore& store() { return store_; }
  const muc::Service& service() const { return *service_; }
  base::Time now() const { return clock_.wall(); }

 private:
  struct Place {
    muc::OccupantNumber occupant = 0;
    bool sees_jids = false;
    bool held = false;
    std::vector<base::Payload> waiting;
  };
  using Audience = std::map<xmpp::Jid, Place>;

  void run(const xmpp::Jid& room, muc::Effects effects);
  void drain();
  void act(const xmpp::Jid& room, muc::Record& e);
  void act(const xmpp::Jid& room, muc::Aside& e);
  void act(const xmpp::Jid& room, muc::Send& e);
  void act(const xmpp::Jid& room, muc::Route& e);
  void act(const xmpp::Jid& room, muc::Seat& e);
  void act(const xmpp::Jid& room, muc::Unseat& e);
  void act(const xmpp::Jid& room, muc::Broadcast& e);
  void act(const xmpp::Jid& room, muc::HistoryQuery& e);
  void act(const xmpp::Jid& room, muc::ArchiveQuery& e);
  void act(const xmpp::Jid& room, muc::VcardQuery& e);
  void act(const xmpp::Jid& room, muc::RoomsQuery& e);
  void act(const xmpp::Jid& room, muc::Load& e);
  void act(const xmpp::Jid& room, muc::Unload& e);
  void act(const xmpp::Jid&, muc::Handled&) {}
  void deliver(const xmpp::Jid& to, const base::Payload& payload);
  void answer(const xmpp::Jid& room, muc::HistoryQuery& query);
  void answer(muc::ArchiveQuery& query);
  void check_recorded(const xmpp::Jid& room, const base::Payload& payload) const;
  bool fits_record(const xmpp::Jid& room, const xmpp::Element& presence) const;

  FakeClock clock_;
  SeededRandom random_;
  muc::ServiceConfig config_;
  MemoryRoomStore store_;
  std::unique_ptr<muc::Service> service_;
  std::map<xmpp::Jid, Audience> audiences_;
  std::map<xmpp::Jid, std::deque<base::Payload>> inboxes_;
  std::set<xmpp::Jid> available_;
  std::map<xmpp::Jid, std::map<std::string, xmpp::Element>> directed_;  // session → address
  std::deque<std::pair<xmpp::Jid, muc::Effect>> queue_;
  bool draining_ = false;
  bool reads_held_ = false;
  std::deque<std::pair<xmpp::Jid, muc::HistoryQuery>> reads_;
  std::deque<muc::ArchiveQuery> archive_reads_;
};

}  // namespace tests
