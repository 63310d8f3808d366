// SPDX-License-Identifier: Apache-2.0
// What a message is on record: a correction, a set of reactions, or one like others. It is told and
// kept the same way.
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

// The newest that its author gave this id, as far as the room remembers.
std::int64_t own_message(const Room& room, const Occupant& author, std::string_view id) {
  const std::string own = room.occupant_id(author);
  std::int64_t number = 0;
  for (const auto& said : room.ring.named(id))
    if (said.occupant_id == own) number = said.number;
  return number;
}

}  // namespace

record::Body said(const Room& room, const Occupant& author, const xmpp::Element& message,
                  record::MessagePosted event) {
  if (const auto* replace = message.child("replace", xmpp::ns::message_correct)) {
    const std::string_view id = replace->attr("id");
    const std::int64_t target = event.is_private ? 0 : own_message(room, author, id);
    return record::MessageCorrected{std::move(event), target, std::string(id)};
  }
  if (const auto* reactions = message.child("reactions", xmpp::ns::reactions)) {
    const std::string_view id = reactions->attr("id");
    return record::MessageReaction{
        {std::move(event)}, room.number_named(id).value_or(0), std::string(id)};
  }
  return event;
}

}  // namespace muc
