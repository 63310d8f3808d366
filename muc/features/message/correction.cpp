// SPDX-License-Identifier: Apache-2.0
// Correction of what one said, under whatever nick one said it. A message that claims to correct
// somebody else's is handed on as one that corrects nothing (BI-MUC-33), as far as the room
// remembers who used that id; beyond that it is for clients to compare occupant ids.
#include <algorithm>

#include "muc/feature.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

void amend_message(const Room& room, const Occupant& occupant, xmpp::Element& message) {
  const xmpp::Element* replace = message.child("replace", xmpp::ns::message_correct);
  if (replace == nullptr) return;
  const auto said = room.ring.named(replace->attr("id"));
  const std::string own = room.occupant_id(occupant);
  if (said.empty() || std::ranges::find(said, own, &Ring::Named::occupant_id) != said.end()) return;
  message.remove_children_if(
      [](const xmpp::Element& child) { return child.ns() == xmpp::ns::message_correct; });
}

constexpr Payload payloads[] = {{.ns = xmpp::ns::message_correct}};

}  // namespace

extern const Feature correction_feature{
    .name = "correction", .spec = "XEP-0308", .payloads = payloads, .amend_message = amend_message};

}  // namespace muc
