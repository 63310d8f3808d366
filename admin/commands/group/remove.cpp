// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/commands/group/group_rules.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"name", Parameter::Kind::group, true, "the group's name"},
};

base::Result<Answer, Refusal> remove(const Arguments& arguments, const Caller& caller,
                                     Context& context) {
  const auto& name = arguments.at("name");
  const auto group = existing_group(context, name);
  if (!group) return base::fail(group.error());
  if (auto refusal = record_and_wait(
          context, caller,
          {record::GroupChanged{.action = record::GroupChanged::Action::removed, .group = name}}))
    return base::fail(std::move(*refusal));
  const auto members = static_cast<std::int64_t>(group->members);
  return Answer{.text = "removed the group " + name + ", which had " + std::to_string(members) +
                        (members == 1 ? " member" : " members"),
                .fields = {{"group", name}, {"members", members}},
                .count = 1};
}

}  // namespace

const Command group_remove{.name = "group remove",
                           .help = "removes a group; its members keep their accounts",
                           .parameters = parameters,
                           .run = remove};

}  // namespace admin
