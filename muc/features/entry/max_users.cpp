// SPDX-License-Identifier: Apache-2.0
// Full rooms: by the room's own limit and by the service's. Admins and owners get in beyond it, up
// to a small surplus.
#include <algorithm>

#include "muc/feature.h"

namespace muc {
namespace {

constexpr std::size_t surplus = 5;
constexpr std::string_view unlimited = "none";

constexpr Option choices[] = {{"5", "5"},       {"10", "10"},
                              {"20", "20"},     {"30", "30"},
                              {"50", "50"},     {"100", "100"},
                              {"200", "200"},   {"500", "500"},
                              {"1000", "1000"}, {unlimited, "As many as the service allows"}};

const Setting<std::string> max_users{.var = "muc#roomconfig_maxusers",
                                     .fallback = std::string(unlimited),
                                     .label = "Most occupants",
                                     .options = choices};
const AnySetting settings[] = {max_users};

std::size_t limit(const Room& room) {
  const std::size_t service = room.world.config.limits.room_occupants;
  std::int64_t own = 0;
  SettingText::read(room.settings.get(max_users), own);  // "none" is no number
  return own > 0 ? std::min(service, static_cast<std::size_t>(own)) : service;
}

Refusal gate_join(const Room& room, const Join& join) {
  const std::size_t places = limit(room) + (join.affiliation >= Affiliation::admin ? surplus : 0);
  const Occupant* present = room.occupants.by_nick(join.nick);
  const bool further_session = present != nullptr && present->real() == join.real.bare();
  if (further_session || room.occupants.size() < places) return std::nullopt;
  return xmpp::StanzaError{xmpp::ErrorType::wait, xmpp::Condition::service_unavailable,
                           "The room is full."};
}

}  // namespace

extern const Feature max_users_feature{
    .name = "max_users", .spec = "XEP-0045 7.2.9", .settings = settings, .gate_join = gate_join};

}  // namespace muc
