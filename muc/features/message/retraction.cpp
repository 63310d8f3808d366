// SPDX-License-Identifier: Apache-2.0
// Retraction: who said something may take it back. The retraction is a message like others; from
// then on history has a tombstone where the message stood. The record keeps what was said.
#include "muc/feature.h"
#include "muc/turn.h"
#include "xmpp/datetime.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

void on_message(Turn& turn, const Incoming& in, const Occupant& occupant,
                const xmpp::Element& message) {
  const xmpp::Element* retract = message.child("retract", xmpp::ns::message_retract);
  if (retract == nullptr) return;
  Room& room = turn.room;
  const auto target = room.number_named(retract->attr("id"));
  // Of none that is known here, or of the subject that stands: it says what it says, no more.
  if (!target || room.is_current_subject(*target)) return;
  xmpp::Element retracted("retracted", xmpp::ns::message_retract);
  retracted.set_attr("id", message.attr("id")).set_attr("stamp", xmpp::format_datetime(turn.now));
  room.ring.take_back(*target, retracted, room.occupant_id(occupant));
  turn.record(actor_of(occupant, *occupant.session(in.from)),
              record::MessageRetracted{*target, xmpp::to_xml(retracted, xmpp::ns::client)});
}

void disco(const Room& room, DiscoInfo& info) {
  if (!room.settings.get(keeps_history)) return;
  info.features.emplace_back(xmpp::ns::message_retract);
  info.features.emplace_back(std::string(xmpp::ns::message_retract) + "#tombstone");
}

constexpr Payload payloads[] = {{.ns = xmpp::ns::message_retract}};

}  // namespace

extern const Feature retraction_feature{.name = "retraction",
                                        .spec = "XEP-0424",
                                        .payloads = payloads,
                                        .disco = disco,
                                        .on_message = on_message};

}  // namespace muc
