// SPDX-License-Identifier: Apache-2.0
// Who may make a room, and how many one account may own (LIM-ROOMS). What is stored of that may lag
// behind: rooms made lately, whose record may still be on its way, are kept in mind here.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "muc/feature.h"
#include "muc/state/room.h"
#include "muc/turn.h"

namespace muc {

class Creation {
 public:
  explicit Creation(const World& world) : world_(world) {}

  // The account whose rooms must be known before it is decided whether this stanza makes one;
  // nullopt if that does not matter.
  std::optional<xmpp::Jid> must_know(const Incoming& in) const;

  // `stored`: rooms that the account owns as far as the store knows.
  using InMemory = std::function<const Room*(const xmpp::Jid&)>;  // null: not in memory
  Refusal gate(const Incoming& in, const std::vector<xmpp::Jid>& stored,
               const InMemory& in_memory) const;
  void made(const xmpp::Jid& creator, const xmpp::Jid& room, base::Time now);
  void tick(base::Time now);

 private:
  struct Made {
    xmpp::Jid creator, room;
    base::Time at;
  };

  bool administers(const xmpp::Jid& who) const;
  std::size_t owned(const xmpp::Jid& account, const std::vector<xmpp::Jid>& stored,
                    const InMemory& in_memory) const;

  const World& world_;
  std::deque<Made> lately_;  // in order of time
};

}  // namespace muc
