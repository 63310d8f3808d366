// SPDX-License-Identifier: Apache-2.0
// Self-ping: an occupant asks whether it still is one. Answered at once, outside the room's order;
// who is no occupant gets not-acceptable from the relay of IQs. A ping to the room itself is
// answered too.
#include "muc/feature.h"
#include "muc/turn.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

bool is_ping(const Incoming& in) {
  return in.stanza.attr("type") == "get" && in.stanza.child("ping", xmpp::ns::ping) != nullptr;
}

bool handle_own_iq(Turn& turn, const Incoming& in) {
  if (!is_ping(in)) return false;
  const auto result = xmpp::to_payload(xmpp::iq_result(in.stanza), xmpp::ns::client);
  turn.effects.emplace_back(Send{in.from, {result}, true});
  return true;
}

bool handle_iq(Turn& turn, const Incoming& in) {
  if (!is_ping(in)) return false;
  turn.answer(in);
  return true;
}

void disco(const Room&, DiscoInfo& info) {
  info.features.emplace_back(xmpp::ns::ping);
  info.features.emplace_back("http://jabber.org/protocol/muc#self-ping-optimization");
}

}  // namespace

extern const Feature self_ping_feature{.name = "self_ping",
                                       .spec = "XEP-0410, XEP-0199",
                                       .disco = disco,
                                       .handle_own_iq = handle_own_iq,
                                       .handle_iq = handle_iq};

}  // namespace muc
