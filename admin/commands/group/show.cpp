// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/commands/group/group_rules.h"
#include "admin/listing.h"
#include "xmpp/datetime.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"name", Parameter::Kind::group, true, "the group's name"},
    {"after", Parameter::Kind::user, false, "only members behind this one in the alphabet"},
    rows_parameter,
};

base::Result<Answer, Refusal> show(const Arguments& arguments, const Caller&, Context& context) {
  const auto group = existing_group(context, arguments.at("name"));
  if (!group) return base::fail(group.error());
  const auto max = rows_asked(arguments);
  auto members = context.groups.members(group->name, text_or(arguments, "after", ""), max + 1);
  if (!members) return base::fail(unreadable());
  const bool more = members->size() > max;
  if (more) members->pop_back();
  Table table{.name = "members", .columns = {"jid"}};
  for (const auto& member : *members) table.rows.push_back({member.str()});
  Answer answer{.fields = {{"group", group->name},
                           {"member_count", static_cast<std::int64_t>(group->members)},
                           {"created_at", xmpp::format_datetime(group->created_at)}},
                .count = static_cast<std::int64_t>(members->size())};
  if (more) goes_on(answer, members->back().str());
  answer.tables.push_back(std::move(table));
  return answer;
}

}  // namespace

const Command group_show{.name = "group show",
                         .help = "shows a group and who is in it",
                         .parameters = parameters,
                         .changes = false,
                         .run = show};

}  // namespace admin
