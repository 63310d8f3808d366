// SPDX-License-Identifier: Apache-2.0
#include "accounts/personal/vcard.h"

#include "accounts/personal/limits.h"
#include "accounts/personal/space.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace accounts {

using xmpp::Condition;
using xmpp::StanzaError;

Answer vcard(Turn& turn) {
  const xmpp::Element& wanted = turn.payload();
  if (wanted.name() != "vCard") return StanzaError{Condition::service_unavailable};
  auto& kept = turn.data().vcard;
  if (turn.is_get()) {
    if (kept) return turn.result(kept->element);
    return StanzaError{turn.own() ? Condition::item_not_found : Condition::service_unavailable};
  }
  if (!turn.own()) return StanzaError{Condition::service_unavailable};
  std::string xml = xmpp::to_xml(wanted, xmpp::ns::client);
  if (xml.size() > limits::vcard_bytes)
    return StanzaError{Condition::not_acceptable, "The vCard is too large; use a smaller photo."};
  if (!has_room(turn.data(), kept ? kept->bytes : 0, xml.size())) return no_room();
  kept = Kept{wanted, xml.size()};
  turn.record(record::VcardChanged{.localpart = turn.localpart(), .xml = std::move(xml)});
  return turn.result();
}

}  // namespace accounts
