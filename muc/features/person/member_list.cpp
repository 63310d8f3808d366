// SPDX-License-Identifier: Apache-2.0
// Who inside may fetch the member list, by role. Admins may anyway, and members where everybody
// sees real JIDs. By default moderators, who see them too: plain members do not (5.2.1).
#include <algorithm>

#include "muc/administration/lists.h"
#include "muc/verbs/verbs.h"

namespace muc {
namespace {

constexpr Option choices[] = {
    {"moderator", "Moderators"}, {"participant", "Participants"}, {"visitor", "Visitors"}};
const Setting<std::vector<std::string>> who_may{.var = "muc#roomconfig_getmemberlist",
                                                .fallback = {"moderator"},
                                                .label = "Who may fetch the list of members",
                                                .options = choices};
const AnySetting settings[] = {who_may};

}  // namespace

bool role_gets_member_list(const Room& room, const Occupant& occupant) {
  const auto roles = room.settings.get(who_may);
  return std::find(roles.begin(), roles.end(), record::name(occupant.role)) != roles.end();
}

extern const Feature member_list_feature{
    .name = "member_list", .spec = "XEP-0045 7.11, 9.5", .settings = settings};

}  // namespace muc
