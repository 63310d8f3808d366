// SPDX-License-Identifier: Apache-2.0
// Allowable traffic: a room may let only some extensions through, those that rooms here know or
// those that it lists. What else is attached to messages and presence is taken out before they are
// recorded or seen, also what was attached already when the room began to mind; the node
// muc#traffic says what passes. Without a filter that node has nothing to say: service-unavailable,
// as 18.1.1 wants it.
#include <algorithm>

#include "muc/render.h"
#include "muc/verbs/verbs.h"
#include "xmpp/ns.h"
#include "xmpp/parser/read_stanza.h"

namespace muc {
namespace {

constexpr std::string_view node = "http://jabber.org/protocol/muc#traffic";

constexpr Option choices[] = {{"all", "All"},
                              {"known", "Those that rooms know: retractions, reactions …"},
                              {"listed", "Those listed below"}};
const Setting<std::string> traffic{.var = "hansard#traffic",
                                   .fallback = "all",
                                   .label = "Extensions that pass in messages and presence",
                                   .options = choices};
const Setting<std::vector<std::string>> listed{.var = "hansard#traffic_listed",
                                               .label = "Namespaces of extensions that pass",
                                               .bytes_max = 255};
const AnySetting settings[] = {traffic, listed};

// nullopt: everything.
std::optional<std::vector<std::string>> passing(const Settings& of) {
  const std::string choice = of.get(traffic);
  if (choice == "all") return std::nullopt;
  if (choice == "listed") return of.get(listed);
  std::vector<std::string> known;
  for (const Feature* feature : all_features())
    for (const Payload& payload : feature->payloads)
      if (std::ranges::find(known, payload.ns) == known.end()) known.emplace_back(payload.ns);
  return known;
}

void filter(const Room& room, xmpp::Element& stanza) {
  if (!room.settings.differs(traffic)) return;
  const auto namespaces = passing(room.settings);
  if (!namespaces) return;
  stanza.remove_children_if([&](const xmpp::Element& child) {
    return child.ns() != xmpp::ns::client &&
           std::ranges::find(*namespaces, child.ns()) == namespaces->end();
  });
}

// Of a message that nothing is left of its sender hears.
Refusal gate_message(const Room& room, const Occupant&, const xmpp::Element& message) {
  if (!room.settings.differs(traffic) || message.child_count() == 0) return std::nullopt;
  xmpp::Element left = message;
  filter(room, left);
  if (left.child_count() > 0) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::not_acceptable, "Nothing of this passes in this room."};
}

void on_config(Turn& turn, const Settings& before) {
  Room& room = turn.room;
  if (passing(before) == passing(room.settings)) return;
  for (const auto& occupant : room.occupants) {
    for (Session& session : occupant->sessions)
      if (const auto presence = xmpp::read_stanza("<presence>" + session.extra + "</presence>"))
        session.extra = relayed_presence(room, *presence);
    refresh(room, *occupant);
  }
}

bool handle_node(Turn& turn, const Incoming& in, std::string_view asked) {
  if (asked != node) return false;
  const auto namespaces = passing(turn.room.settings);
  if (!namespaces) {
    turn.refuse(in, {xmpp::Condition::service_unavailable, "Everything passes in this room."});
    return true;
  }
  xmpp::Element query("query", xmpp::ns::disco_info);
  query.set_attr("node", node);
  for (const auto& ns : *namespaces) query.add("feature", xmpp::ns::disco_info).set_attr("var", ns);
  turn.answer(in, std::move(query));
  return true;
}

}  // namespace

extern const Feature traffic_feature{.name = "traffic",
                                     .spec = "XEP-0045 18.1.1",
                                     .settings = settings,
                                     .gate_message = gate_message,
                                     .filter = filter,
                                     .on_config = on_config,
                                     .handle_node = handle_node};

}  // namespace muc
