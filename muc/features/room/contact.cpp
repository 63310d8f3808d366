// SPDX-License-Identifier: Apache-2.0
// Whom to turn to about the room.
#include "muc/feature.h"

namespace muc {
namespace {

const Setting<std::vector<std::string>> contact{.var = "hansard#contact_jids",
                                                .label = "Contact addresses",
                                                .bytes_max = 3071,
                                                .values_max = 20,
                                                .jids = true};
const AnySetting settings[] = {contact};

void disco(const Room& room, DiscoInfo& info) {
  auto jids = room.settings.get(contact);
  if (jids.empty()) return;
  info.roominfo.push_back({.var = "muc#roominfo_contactjid",
                           .type = xmpp::FieldType::jid_multi,
                           .label = "Contact addresses",
                           .values = std::move(jids)});
}

}  // namespace

extern const Feature contact_feature{
    .name = "contact", .spec = "XEP-0045 6.4", .settings = settings, .disco = disco};

}  // namespace muc
