// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "admin/commands.h"
#include "xmpp/datetime.h"

namespace admin {
namespace {

constexpr std::size_t page = 1000;

bool may_administer(const accounts::Account& account, const std::string& jid,
                    const Context& context) {
  return account.admin || std::any_of(context.admins.begin(), context.admins.end(),
                                      [&](const xmpp::Jid& a) { return a.str() == jid; });
}

base::Result<Answer, Refusal> list(const Arguments&, const Caller&, Context& context) {
  Table table{.name = "users", .columns = {"jid", "enabled", "admin", "created_at"}};
  std::string after;
  for (bool more = true; more;) {
    const auto accounts = context.accounts.list(after, page);
    if (!accounts)
      return base::fail(Refusal{.text = "the database cannot be read at the moment; try again"});
    for (const auto& account : *accounts) {
      const auto jid = account.localpart + "@" + context.domain;
      table.rows.push_back({jid, account.enabled, may_administer(account, jid, context),
                            xmpp::format_datetime(account.created_at)});
    }
    more = accounts->size() == page;
    if (more) after = accounts->back().localpart;
  }
  const auto count = static_cast<std::int64_t>(table.rows.size());
  return Answer{.text = count == 0 ? "no accounts yet; `hansard user add` makes one" : "",
                .tables = {std::move(table)},
                .count = count};
}

}  // namespace

const Command user_list{.name = "user list", .help = "lists the accounts", .run = list};

}  // namespace admin
