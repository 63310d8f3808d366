// SPDX-License-Identifier: Apache-2.0
// Stanza ids: each message that is kept can be named, by the same name in history and archive. One
// that is not kept has none: clients go on reading the archive behind the last id they saw.
#include "muc/feature.h"
#include "xmpp/ns.h"

namespace muc {
namespace {

void decorate_message(const Room& room, const Occupant&, const Stamp& stamp,
                      xmpp::Element& message) {
  if (!stamp.kept) return;
  message.add("stanza-id", xmpp::ns::stanza_id)
      .set_attr("id", stamp.id)
      .set_attr("by", room.jid.str());
}

void disco(const Room&, DiscoInfo& info) { info.features.emplace_back(xmpp::ns::stanza_id); }

constexpr Payload payloads[] = {{.ns = xmpp::ns::stanza_id, .kept = false}};

}  // namespace

extern const Feature stanza_id_feature{.name = "stanza_id",
                                       .spec = "XEP-0359",
                                       .payloads = payloads,
                                       .disco = disco,
                                       .decorate_message = decorate_message};

}  // namespace muc
