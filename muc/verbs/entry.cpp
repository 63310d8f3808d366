// SPDX-License-Identifier: Apache-2.0
// What one who enters is told, in the order of XEP-0045 7.1: occupants, itself, history, subject.
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {

void tell_occupants(Turn& turn, const Entry& entry) {
  const Room& room = turn.room;
  const bool with_jids = room.sees_jids(entry.occupant);
  std::vector<base::Payload> presences;
  presences.reserve(room.occupants.size());
  for (const auto& other : room.occupants)
    if (other.get() != &entry.occupant && other->shown)
      presences.push_back(kept(room, *other, with_jids));

  Shape self{.codes = {Status::self_presence}, .id = entry.id};
  for_each_hook<&Feature::entry_codes>(room, self.codes);
  self.codes.insert(self.codes.end(), entry.codes.begin(), entry.codes.end());
  presences.push_back(render(room, entry.occupant, self, with_jids, &entry.session));
  turn.send(entry.session.jid, std::move(presences));
}

// An empty subject where none was ever set; otherwise the one that stands, with its time.
std::vector<base::Payload> subject_on_entry(const Room& room) {
  if (!room.subject.stanza.empty()) return {replay(room.subject.stanza, room.jid, room.subject.at)};
  xmpp::Element message("message", xmpp::ns::client);
  message.set_attr("from", room.jid.str()).set_attr("type", "groupchat");
  message.add("subject", xmpp::ns::client);
  return {xmpp::to_payload(message, xmpp::ns::client)};
}

void tell_history(Turn& turn, const Entry& entry, HistoryPlan plan) {
  const record::Actor actor = actor_of(entry.occupant, entry.session);
  auto subject = subject_on_entry(turn.room);
  if (!plan.query) {
    plan.stanzas.insert(plan.stanzas.end(), subject.begin(), subject.end());
    return turn.send(entry.session.jid, std::move(plan.stanzas));
  }
  turn.room.reading_history.insert(entry.session.jid);
  turn.effects.emplace_back(
      HistoryQuery{.to = entry.session.jid,
                   .request = *plan.query,
                   .max_chars = plan.max_chars,
                   .viewed = turn.read_event(actor, record::HistoryViewed{.via = "join"}),
                   .then = std::move(subject),
                   .room = turn.room.jid});
}

}  // namespace muc
