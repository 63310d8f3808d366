// SPDX-License-Identifier: Apache-2.0
// DirectMessages: messages between accounts are events too. One is on record, and queued for the
// archive, before its addressee sees it. What two people send each other keeps its order: whatever
// follows a message waits behind it.
//
// An empty chat state by itself (XEP-0085) says nothing and is not recorded; nor is what nobody
// hears: its sender is told so. What is recorded goes into the archives of both (XEP-0313) as far
// as they want it, and its addressee learns the id it has there.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "bridge/conversations.h"
#include "net/loop/shards.h"
#include "record/recorder.h"
#include "src/people/archive_rules.h"
#include "src/rooms/door.h"

namespace server {

class DirectMessages final : public bridge::Conversations {
 public:
  // Beyond these, on one shard, what more would wait is refused.
  struct Limits {
    std::size_t stanzas = 20'000;
    std::size_t bytes = std::size_t{64} << 20;
  };
  // What it works with; all must outlive it and the shards' threads.
  struct Parts {
    net::Shards& shards;
    record::Recorder& recorder;
    const Door& door;
    const base::Clock& clock;
    const ArchiveRules& archives;
    std::string id_key;  // of the ids in archives
    Limits limits = {};
  };

  explicit DirectMessages(const Parts& parts) : parts_(parts), shards_(parts.shards.size()) {}

  // From a thread that is no shard's, when the server ends: what more is said is refused; waits
  // until all that was taken has been delivered or has come back. False: some has not.
  [[nodiscard]] bool drain(base::Micros at_most);

  void pass(std::size_t shard, const xmpp::Element& stanza, const xmpp::Jid& to, bool heard,
            Deliver deliver) override;

 private:
  struct Waiting {
    std::size_t bytes = 0;
    Deliver deliver;
    std::optional<record::Settlement> outcome;  // once it is known
    std::string owner = {};                     // whose archive gets it as the addressee's
  };
  using Line = std::deque<Waiting>;
  struct Shard {
    std::unordered_map<std::string, Line> lines;  // by both addresses; none is empty
    std::size_t stanzas = 0, bytes = 0;
  };

  std::optional<xmpp::StanzaError> refuse(const Shard& shard, bool record) const;
  void one_less();
  record::DirectMessage event(const xmpp::Element& message, const xmpp::Jid& from,
                              const xmpp::Jid& to, std::string text) const;
  void submit(std::size_t shard, const std::string& key, const xmpp::Jid& from,
              record::DirectMessage message);
  void settled(Shard& shard, const std::string& key, record::Settlement outcome);

  const Parts parts_;
  std::vector<Shard> shards_;  // each on its own thread
  std::atomic<bool> draining_{false};
  std::atomic<std::size_t> waiting_{0};  // over all shards
  std::mutex mutex_;
  std::condition_variable all_done_;
};

}  // namespace server
