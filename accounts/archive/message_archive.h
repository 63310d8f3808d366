// SPDX-License-Identifier: Apache-2.0
// Messages between accounts as the archives of their owners hold them; writing is derived from
// record::DirectMessage. Numbers ascend in the order of commit: what is committed later never has a
// smaller one. Calls block: run them on workers. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accounts/account_store.h"
#include "accounts/archive/preferences.h"
#include "base/result.h"
#include "base/time.h"
#include "xmpp/jid.h"

namespace accounts {

struct ArchivedMessage {
  std::int64_t number = 0;
  base::Time at;
  std::string stanza;  // as it was delivered
};

// What all must hold of a message.
struct ArchiveFilter {
  std::optional<xmpp::Jid> with;              // the other one; bare: with any resource
  std::optional<base::Time> start, end;       // both included
  std::optional<std::int64_t> after, before;  // numbers, both excluded
  std::vector<std::int64_t> only =
      {};  // if there are any: these numbers, all of which must be there
};

class MessageArchive {
 public:
  template <class T>
  using Read = base::Result<T, StoreError>;

  struct Page {
    bool missing = false;  // one of `only` is not there; nothing else is said then
    std::vector<ArchivedMessage> messages = {};  // in order of number
    bool more = false;  // there are others behind it, in the direction it was read
  };
  struct Ends {
    ArchivedMessage first, last;  // without their stanzas
  };

  virtual ~MessageArchive() = default;
  // The first that match, or from the end: the last. At most `max`, and none after `bytes_max`
  // bytes of stanzas are reached, but always one.
  virtual Read<Page> page(const std::string& localpart, const ArchiveFilter& filter, bool from_end,
                          std::size_t max, std::size_t bytes_max) = 0;
  // How many match; nullopt: one of `only` is not there.
  virtual Read<std::optional<std::size_t>> count(const std::string& localpart,
                                                 const ArchiveFilter& filter) = 0;
  virtual Read<std::optional<ArchivedMessage>> find(const std::string& localpart,
                                                    std::int64_t number) = 0;
  virtual Read<std::optional<Ends>> ends(const std::string& localpart) = 0;
  // Those who ever said what they want, before the shards start.
  virtual Read<std::vector<ArchiveOwner>> owners() = 0;
};

}  // namespace accounts
