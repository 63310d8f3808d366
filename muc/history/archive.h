// SPDX-License-Identifier: Apache-2.0
// The archive of a room (XEP-0313) as somebody reads it. What may be read is the affair of
// features/archive.cpp; here what was read becomes stanzas.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/payload.h"
#include "base/result.h"
#include "muc/effect.h"
#include "muc/room_store.h"
#include "xmpp/jid.h"

namespace muc {

// An answer, ready to send: messages, then the result of the IQ, or an error.
struct ArchiveAnswer {
  std::vector<base::Payload> stanzas;
  std::int64_t first = 0, last = 0, count = 0;  // messages given out: numbers, how many
};

// Does what an ArchiveQuery asks for. `id_key`: that of stanza ids. Blocks: on workers only.
base::Result<ArchiveAnswer, StoreError> read_archive(RoomStore& store, const ArchiveQuery& query,
                                                     std::string_view id_key);

// Questions of one kind that are being answered, of each account (BI-MAM-07).
class Readings {
 public:
  explicit Readings(std::size_t each) : each_(each) {}
  // The place is the asker's until the last copy of it is gone, on whatever thread. Null: it has as
  // many as it may have.
  std::shared_ptr<const void> take(const xmpp::Jid& account);  // bare JID

 private:
  using Places = std::vector<std::weak_ptr<const void>>;
  const std::size_t each_;
  std::unordered_map<xmpp::Jid, Places> taken_;
  std::size_t sweep_at_ = 1000;
};

}  // namespace muc
