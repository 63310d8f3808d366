// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "admin/commands.h"
#include "admin/listing.h"
#include "xmpp/datetime.h"

namespace admin {
namespace {

constexpr std::size_t page = 1000;
constexpr std::int64_t all = 100'000'000;
constexpr Parameter parameters[] = {
    {"after", Parameter::Kind::account, false, "only accounts behind this one in the alphabet"},
    {.name = "max",
     .kind = Parameter::Kind::integer,
     .required = false,
     .help = "at most so many; all of them if left out",
     .min = 1,
     .max = all},
};

bool may_administer(const accounts::Account& account, const std::string& jid,
                    const Context& context) {
  return account.admin || std::any_of(context.admins.begin(), context.admins.end(),
                                      [&](const xmpp::Jid& a) { return a.str() == jid; });
}

base::Result<Answer, Refusal> list(const Arguments& arguments, const Caller&, Context& context) {
  Table table{.name = "users", .columns = {"jid", "enabled", "admin", "created_at"}};
  std::string after;
  if (arguments.contains("after")) after = jid_of(arguments, "after").local();
  auto left = static_cast<std::size_t>(integer_or(arguments, "max", all));
  bool more = true;
  while (more && left > 0) {
    const auto accounts = context.accounts.list(after, std::min(left, page) + 1);
    if (!accounts) return base::fail(unreadable());
    const auto shown = std::min({accounts->size(), left, page});
    for (std::size_t i = 0; i < shown; ++i) {
      const auto& account = (*accounts)[i];
      const auto jid = account.localpart + "@" + context.domain;
      table.rows.push_back({jid, account.enabled, may_administer(account, jid, context),
                            xmpp::format_datetime(account.created_at)});
      after = account.localpart;
    }
    more = accounts->size() > shown;
    left -= shown;
  }
  Answer answer{.count = static_cast<std::int64_t>(table.rows.size())};
  if (more) goes_on(answer, after + "@" + context.domain);
  if (table.rows.empty() && !arguments.contains("after"))
    answer.text = "no accounts yet; `hansard user add` makes one";
  answer.tables.push_back(std::move(table));
  return answer;
}

}  // namespace

const Command user_list{.name = "user list",
                        .help = "lists the accounts",
                        .parameters = parameters,
                        .changes = false,
                        .run = list};

}  // namespace admin
