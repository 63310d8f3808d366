// SPDX-License-Identifier: Apache-2.0
// Allowable traffic: a room may let only some extensions through. What else is attached to messages
// and presence is taken out before they are recorded or seen, and the node muc#traffic says what
// passes. Without a filter that node has nothing to say: service-unavailable, as 18.1.1 wants it.
#include <algorithm>

#include "muc/feature.h"
#include "muc/turn.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

constexpr std::string_view node = "http://jabber.org/protocol/muc#traffic";

const Setting<bool> filtered{.var = "hansard#traffic_filtered",
                             .label = "Only the extensions below pass in messages and presence"};
const Setting<std::vector<std::string>> allowed{
    .var = "hansard#traffic", .label = "Namespaces of extensions that pass", .bytes_max = 255};
const AnySetting settings[] = {filtered, allowed};

void filter(const Room& room, xmpp::Element& stanza) {
  if (!room.settings.get(filtered)) return;
  const auto passing = room.settings.get(allowed);
  stanza.remove_children_if([&](const xmpp::Element& child) {
    return child.ns() != xmpp::ns::client &&
           std::ranges::find(passing, child.ns()) == passing.end();
  });
}

bool handle_node(Turn& turn, const Incoming& in, std::string_view asked) {
  if (asked != node) return false;
  if (!turn.room.settings.get(filtered)) {
    turn.refuse(in, {xmpp::Condition::service_unavailable, "Everything passes in this room."});
    return true;
  }
  xmpp::Element query("query", xmpp::ns::disco_info);
  query.set_attr("node", node);
  for (const auto& ns : turn.room.settings.get(allowed))
    query.add("feature", xmpp::ns::disco_info).set_attr("var", ns);
  turn.answer(in, std::move(query));
  return true;
}

}  // namespace

extern const Feature traffic_feature{.name = "traffic",
                                     .spec = "XEP-0045 18.1.1",
                                     .settings = settings,
                                     .filter = filter,
                                     .handle_node = handle_node};

}  // namespace muc
