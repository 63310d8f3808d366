// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/listing.h"
#include "xmpp/datetime.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"after", Parameter::Kind::group, false, "only groups behind this one in the alphabet"},
    rows_parameter,
};

base::Result<Answer, Refusal> list(const Arguments& arguments, const Caller&, Context& context) {
  const auto max = rows_asked(arguments);
  auto groups = context.groups.list(text_or(arguments, "after", ""), max + 1);
  if (!groups) return base::fail(unreadable());
  const bool more = groups->size() > max;
  if (more) groups->pop_back();
  Table table{.name = "groups", .columns = {"name", "members", "created_at"}};
  for (const auto& group : *groups)
    table.rows.push_back({group.name, static_cast<std::int64_t>(group.members),
                          xmpp::format_datetime(group.created_at)});
  Answer answer{.count = static_cast<std::int64_t>(groups->size())};
  if (more) goes_on(answer, groups->back().name);
  if (groups->empty() && !arguments.contains("after"))
    answer.text = "no groups yet; `hansard group add` makes one";
  answer.tables.push_back(std::move(table));
  return answer;
}

}  // namespace

const Command group_list{.name = "group list",
                         .help = "lists the groups of users",
                         .parameters = parameters,
                         .changes = false,
                         .run = list};

}  // namespace admin
