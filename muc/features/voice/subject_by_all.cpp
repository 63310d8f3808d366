// SPDX-License-Identifier: Apache-2.0
// Who besides moderators may change the subject: participants, if the room says so.
#include "muc/feature.h"

namespace muc {
namespace {

const Setting<bool> change_subject{.var = "muc#roomconfig_changesubject",
                                   .label = "Participants may change the subject"};
const AnySetting settings[] = {change_subject};

Refusal gate_subject(const Room& room, const Occupant& occupant) {
  if (occupant.role >= Role::participant && room.settings.get(change_subject)) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::forbidden, "You may not change the subject."};
}

void disco(const Room& room, DiscoInfo& info) {
  info.roominfo.push_back({.var = "muc#roominfo_subjectmod",
                           .type = xmpp::FieldType::boolean,
                           .label = "Participants may change the subject",
                           .values = {SettingText::write(room.settings.get(change_subject))}});
}

}  // namespace

extern const Feature subject_by_all_feature{.name = "subject_by_all",
                                            .spec = "XEP-0045 8.1",
                                            .settings = settings,
                                            .disco = disco,
                                            .gate_subject = gate_subject};

}  // namespace muc
