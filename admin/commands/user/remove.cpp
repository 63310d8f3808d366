// SPDX-License-Identifier: Apache-2.0
#include "admin/account_rules.h"
#include "admin/commands.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"jid", Parameter::Kind::account, true, "the account, user@domain"},
};

base::Result<Answer, Refusal> remove(const Arguments& arguments, const Caller& caller,
                                     Context& context) {
  const auto jid = jid_of(arguments, "jid");
  const auto close = [&live = context.live, jid] {
    live.set_administrator(jid, false);
    live.end_sessions(jid, Ending::removed);
  };
  const auto account = find_account(context, jid);
  if (!account) return base::fail(account.error());
  if (!*account) {
    close();  // should anything of it be left
    return base::fail(no_account(jid));
  }
  if (auto refusal =
          record_and_wait(context, caller,
                          {record::AccountChanged{.action = record::AccountChanged::Action::removed,
                                                  .localpart = std::string(jid.local())}},
                          close))
    return base::fail(std::move(*refusal));
  return Answer{
      .text = "removed the account " + jid.str(), .fields = {{"jid", jid.str()}}, .count = 1};
}

}  // namespace

const Command user_remove{.name = "user remove",
                          .help = "removes an account; what it said stays on record",
                          .parameters = parameters,
                          .run = remove};

}  // namespace admin
