// SPDX-License-Identifier: Apache-2.0
// Who may send private messages: everybody, those with voice, moderators, nobody.
#include "muc/feature.h"

namespace muc {
namespace {

constexpr Option choices[] = {{"anyone", "Everybody"},
                              {"participants", "Those who may speak"},
                              {"moderators", "Moderators"},
                              {"none", "Nobody"}};
const Setting<std::string> allow_pm{.var = "muc#roomconfig_allowpm",
                                    .fallback = "anyone",
                                    .label = "Who may send private messages",
                                    .options = choices};
const AnySetting settings[] = {allow_pm};

Refusal gate_private_message(const Room& room, const Occupant& from, const Occupant&) {
  const std::string who = room.settings.get(allow_pm);
  const bool allowed = who == "anyone" ||
                       (who == "participants" && from.role >= Role::participant) ||
                       (who == "moderators" && from.role == Role::moderator);
  if (allowed) return std::nullopt;
  return xmpp::StanzaError{xmpp::Condition::forbidden, "You may not send private messages here."};
}

}  // namespace

extern const Feature allow_pm_feature{.name = "allow_pm",
                                      .spec = "XEP-0045 7.5",
                                      .settings = settings,
                                      .gate_private_message = gate_private_message};

}  // namespace muc
