// SPDX-License-Identifier: Apache-2.0
// Keeping something about a person besides the affiliation.
#include "muc/verbs/verbs.h"

namespace muc {

void keep(Turn& turn, const record::Actor& actor, const xmpp::Jid& target, const Kept& values) {
  People& people = turn.room.people;
  record::PersonChanged event{target.bare(), {}};
  for (const auto& [key, value] : values)
    if (const auto old = people.get(target, key); old != value)
      event.changes.push_back({std::string(key), std::string(old), value});
  if (event.changes.empty()) return;
  for (const auto& change : event.changes) people.set(target, change.key, change.new_value);
  turn.record(actor, std::move(event));
}

}  // namespace muc
