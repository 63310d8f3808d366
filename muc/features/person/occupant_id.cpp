// SPDX-License-Identifier: Apache-2.0
// Occupant ids: one person, whatever the nick, without saying who. Exactly one on each presence and
// message; those that a client sent are gone by now.
#include "muc/feature.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

void add_to(const Room& room, const Occupant& occupant, xmpp::Element& stanza) {
  stanza.add("occupant-id", xmpp::ns::occupant_id).set_attr("id", room.occupant_id(occupant));
}

void decorate_message(const Room& room, const Occupant& occupant, const Stamp&,
                      xmpp::Element& message) {
  add_to(room, occupant, message);
}

void disco(const Room&, DiscoInfo& info) { info.features.emplace_back(xmpp::ns::occupant_id); }

}  // namespace

extern const Feature occupant_id_feature{.name = "occupant_id",
                                         .spec = "XEP-0421",
                                         .disco = disco,
                                         .decorate_presence = add_to,
                                         .decorate_message = decorate_message,
                                         .decorate_private_message = add_to};

}  // namespace muc
