// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/commands/group/group_rules.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"name", Parameter::Kind::group, true, "the group's name"},
    {.name = "jid",
     .kind = Parameter::Kind::user,
     .required = true,
     .help = "user@domain",
     .repeated = true},
};

base::Result<Answer, Refusal> remove(const Arguments& arguments, const Caller& caller,
                                     Context& context) {
  return change_members(arguments, caller, context, record::GroupChanged::Action::member_removed);
}

}  // namespace

const Command group_member_remove{.name = "group member remove",
                                  .help = "takes users out of a group",
                                  .parameters = parameters,
                                  .run = remove};

}  // namespace admin
