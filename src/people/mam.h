// SPDX-License-Identifier: Apache-2.0
// Mam: the archives of accounts for their owners (XEP-0313): queries, their form, metadata, and the
// preferences (XEP-0441), which the keeper of the account answers. Others are told forbidden,
// whether there is such an account or not. Reading is done on workers; what is found is sent from
// the shard of the account, and the answer behind it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "accounts/archive/message_archive.h"
#include "bridge/router.h"
#include "net/loop/shards.h"
#include "net/loop/workers.h"
#include "record/recorder.h"
#include "xmpp/mam.h"

namespace server {

class Mam {
 public:
  static constexpr std::size_t page_default = 50;
  static constexpr std::size_t page_bytes = 512 * 1024;  // of stanzas; one may go beyond
  static constexpr std::size_t reads_max = 4;            // of one account at a time
  static constexpr std::size_t ids_max = 100;

  struct Parts {
    net::Shards& shards;
    bridge::Router& router;
    net::Workers& workers;
    record::Recorder& recorder;
    const base::Clock& clock;
    accounts::MessageArchive& archive;
    std::string id_key;
    std::function<std::size_t()> page_max;               // limits.archive_page now; any thread
    std::function<void(bridge::IqRequest)> preferences;  // on the shard of the account
  };
  // Before the shards start. All parts outlive it; it outlives the shards' threads.
  explicit Mam(Parts parts);

 private:
  struct Found {
    std::vector<accounts::ArchivedMessage> messages;
    bool complete = true;
    std::optional<std::size_t> count = {};
  };
  template <class T>
  using Read = base::Result<T, xmpp::StanzaError>;

  void handle(bridge::IqRequest request);
  void query(bridge::IqRequest request);
  void metadata(bridge::IqRequest request);
  // `read` on a worker, `say` on the shard.
  template <class T, class ReadIt, class Say>
  void look(bridge::IqRequest request, ReadIt read, Say say);

  // On a worker.
  Read<Found> find(const std::string& localpart, const xmpp::MamQuery& query);
  Read<accounts::ArchiveFilter> filter_of(const std::string& localpart,
                                          const xmpp::MamQuery& query);
  Read<std::int64_t> number_of(const std::string& localpart, const std::string& id);

  void answer(const bridge::IqRequest& request, bridge::IqAnswer outcome);
  // What is given out is on record before.
  void give(const bridge::IqRequest& request, const xmpp::MamQuery& query, Found found);
  void send(const bridge::IqRequest& request, const xmpp::MamQuery& query, const Found& found);

  Parts parts_;
  std::vector<std::unordered_map<std::string, std::size_t>> reading_;  // each shard its own
};

}  // namespace server
