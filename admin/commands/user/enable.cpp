// SPDX-License-Identifier: Apache-2.0
#include "admin/account_rules.h"
#include "admin/commands.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"jid", Parameter::Kind::account, true, "the account, user@domain"},
};

base::Result<Answer, Refusal> enable(const Arguments& arguments, const Caller& caller,
                                     Context& context) {
  const auto jid = jid_of(arguments, "jid");
  const auto account = existing_account(context, jid);
  if (!account) return base::fail(account.error());
  if (account->enabled)
    return Answer{.text = jid.str() + " was enabled already", .fields = {{"jid", jid.str()}}};

  if (auto refusal =
          record_and_wait(context, caller,
                          {record::AccountChanged{.action = record::AccountChanged::Action::enabled,
                                                  .localpart = account->localpart}}))
    return base::fail(std::move(*refusal));
  return Answer{.text = "enabled " + jid.str(), .fields = {{"jid", jid.str()}}, .count = 1};
}

}  // namespace

const Command user_enable{.name = "user enable",
                          .help = "lets a disabled account log in again",
                          .parameters = parameters,
                          .run = enable};

}  // namespace admin
