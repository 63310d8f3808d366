// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/listing.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"name", Parameter::Kind::group, true, "the new group's name"},
};

base::Result<Answer, Refusal> add(const Arguments& arguments, const Caller& caller,
                                  Context& context) {
  const auto& name = arguments.at("name");
  const auto found = context.groups.find(name);
  if (!found) return base::fail(unreadable());
  if (*found)
    return base::fail(Refusal{.text = "the group " + name +
                                      " exists already; `hansard group show " + name +
                                      "` shows who is in it"});
  if (auto refusal = record_and_wait(
          context, caller,
          {record::GroupChanged{.action = record::GroupChanged::Action::added, .group = name}}))
    return base::fail(std::move(*refusal));
  return Answer{.text = "made the group " + name, .fields = {{"group", name}}, .count = 1};
}

}  // namespace

const Command group_add{.name = "group add",
                        .help = "makes a group of users, empty at first",
                        .parameters = parameters,
                        .run = add};

}  // namespace admin
