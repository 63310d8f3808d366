// SPDX-License-Identifier: Apache-2.0
// PersonKeeper: the accounts of one shard that somebody wants something of. It reads what is stored
// when it is first needed, keeps it while the account has sessions, and runs what the rules say:
// the events go to the record, and whatever was said after them waits until they are durable. An
// account whose record was refused is read again before it says anything more. What waits, for the
// data or for the record, is bounded in bytes: beyond, requests are refused, and what is told
// unasked is left out (it is told again at the next login).
//
//   absent ──request──► reading ──► known ──(record refused, last session gone)──► absent
//
// Everything on the shard's thread; the shard's loop and all parts outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "accounts/personal/person.h"
#include "accounts/personal_store.h"
#include "base/log.h"
#include "base/receipt.h"
#include "base/time.h"
#include "bridge/iq_registry.h"
#include "net/loop/loop.h"
#include "net/loop/workers.h"
#include "record/recorder.h"
#include "src/people/archive_rules.h"

namespace server {

class PersonKeeper {
 public:
  // Of what waits, for one account and for all of the shard; one answer may go beyond.
  struct Limits {
    std::size_t account_bytes = std::size_t{4} << 20;
    std::size_t bytes = std::size_t{64} << 20;
  };
  struct Parts {
    net::Loop& loop;
    net::Workers& workers;
    record::Recorder& recorder;
    accounts::PersonalStore& store;
    const base::Clock& clock;
    base::Log& log;
    const std::string& domain;                              // of the accounts
    std::function<void(xmpp::Element)> route;               // a stanza with from and to
    std::function<std::size_t(const xmpp::Jid&)> sessions;  // how many the account has
    Limits limits = {};
    ArchiveRules* archives = nullptr;  // told of durable preferences; null: nobody wants to know
  };
  static constexpr std::size_t waiting_max = 500;  // requests of an account that is being read

  explicit PersonKeeper(Parts parts) : parts_(std::move(parts)) {}

  void handle(bridge::IqRequest request);
  void on_response(const xmpp::Element& iq);
  void on_available(const xmpp::Jid& session, const xmpp::Element& presence, bool initial);
  void on_unavailable(const xmpp::Jid& session);
  void on_end(const xmpp::Jid& session);
  std::size_t kept() const { return people_.size(); }
  std::size_t waiting_bytes() const { return bytes_; }

 private:
  // Said behind the events up to `ticket`.
  struct Words {
    std::uint64_t ticket;
    std::vector<xmpp::Element> stanzas;
    base::Receipt receipt;
    std::size_t bytes = 0;
  };
  struct Waiting {
    bridge::IqRequest request;
    std::size_t bytes = 0;
  };
  struct Entry {
    explicit Entry(accounts::Person p) : person(std::move(p)) {}
    accounts::Person person;
    bool reading = false;
    std::deque<Waiting> waiting;  // for the data
    std::uint64_t submitted = 0, settled = 0;
    std::deque<Words> line;
    std::size_t bytes = 0;  // of both
  };

  Entry& entry(const xmpp::Jid& account);
  void read(const xmpp::Jid& account, Entry& entry);
  void loaded(const xmpp::Jid& account,
              base::Result<std::optional<accounts::PersonalData>, accounts::StoreError> found);
  void run(const xmpp::Jid& account, Entry& entry, accounts::Effects effects,
           base::Receipt receipt = {});
  void tell(const xmpp::Jid& account, Entry& entry, accounts::Effects effects);
  bool full(const Entry& entry) const;
  void count(Entry& entry, std::size_t more, std::size_t less);
  void queue(Entry& entry, std::vector<xmpp::Element> stanzas, base::Receipt receipt);
  void speak(Entry& entry);
  void submit(const xmpp::Jid& account, Entry& entry, std::vector<record::Event> events);
  void settled(const xmpp::Jid& account, std::uint64_t ticket, record::Outcome outcome);
  void refused(const xmpp::Jid& account, Entry& entry);
  void release(const xmpp::Jid& account, Entry& entry);
  void refuse(const bridge::IqRequest& request, const xmpp::StanzaError& error);

  Parts parts_;
  accounts::Capabilities capabilities_;
  std::unordered_map<xmpp::Jid, Entry> people_;  // by bare JID
  std::size_t bytes_ = 0;                        // of all entries
};

}  // namespace server
