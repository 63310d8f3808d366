// SPDX-License-Identifier: Apache-2.0
// The room's vCard with its picture. Owners set it; whoever may know of the room may read it. Only
// the hashes are in memory. They are told by disco#info, before anybody enters, and not by a
// presence of the room's own, which XEP-0486 3.2 advises against.
#include "muc/feature.h"
#include "muc/render.h"
#include "muc/state/vcard.h"
#include "muc/turn.h"
#include "xmpp/ns.h"
#include "xmpp/writer.h"

namespace muc {
namespace {

using xmpp::Condition;

// Derived from room.vcard_changed.
const Setting<std::vector<std::string>> avatar{
    .var = "hansard#avatar", .label = "Hashes of the avatar", .internal = true};
const AnySetting settings[] = {avatar};

void disco(const Room& room, DiscoInfo& info) {
  info.features.emplace_back(xmpp::ns::vcard);
  auto hashes = room.settings.get(avatar);
  if (hashes.empty()) return;
  info.roominfo.push_back({.var = "muc#roominfo_avatarhash",
                           .type = xmpp::FieldType::text_multi,
                           .label = "Avatar hash",
                           .values = std::move(hashes)});
}

void get(Turn& turn, const Incoming& in) {
  VcardQuery query{.iq = in.stanza, .room_id = turn.room.id};
  query.iq.nodes().clear();
  query.place = turn.room.world.vcard_readings->take(in.from.bare());
  if (query.place == nullptr)
    return turn.refuse(in, {xmpp::ErrorType::wait, Condition::resource_constraint,
                            "Wait for the answers to what you have asked."});
  turn.effects.emplace_back(std::move(query));
}

void set(Turn& turn, const Incoming& in, const xmpp::Element& given) {
  Room& room = turn.room;
  if (room.affiliation_of(in.from) != Affiliation::owner)
    return turn.refuse(in, {Condition::forbidden, "Only owners set the vCard of a room."});
  auto accepted = accept_vcard(given);
  if (!accepted) return turn.refuse(in, accepted.error());
  room.settings.set(avatar, SettingText::write(accepted->hashes));
  turn.record(actor_of(room, in.from),
              record::RoomVcardChanged{std::move(accepted->hashes), std::move(accepted->xml)});
  turn.answer(in);
  turn.broadcast(
      xmpp::to_payload(status_message(room, {Status::config_changed}), xmpp::ns::client));
}

bool handle_iq(Turn& turn, const Incoming& in) {
  const xmpp::Element* vcard = in.stanza.child("vCard", xmpp::ns::vcard);
  if (vcard == nullptr) return false;
  if (in.stanza.attr("type") == "get")
    get(turn, in);
  else
    set(turn, in, *vcard);
  return true;
}

}  // namespace

extern const Feature avatar_feature{.name = "avatar",
                                    .spec = "XEP-0486, XEP-0054",
                                    .settings = settings,
                                    .disco = disco,
                                    .handle_iq = handle_iq};

}  // namespace muc
