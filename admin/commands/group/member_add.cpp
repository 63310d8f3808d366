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
     .help = "user@domain, of this server or another",
     .repeated = true},
};

base::Result<Answer, Refusal> add(const Arguments& arguments, const Caller& caller,
                                  Context& context) {
  return change_members(arguments, caller, context, record::GroupChanged::Action::member_added);
}

}  // namespace

const Command group_member_add{.name = "group member add",
                               .help = "takes users into a group; none twice",
                               .parameters = parameters,
                               .run = add};

}  // namespace admin
