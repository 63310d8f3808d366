// SPDX-License-Identifier: Apache-2.0
#include "admin/account_rules.h"
#include "admin/commands.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"jid", Parameter::Kind::account, true, "the account, user@domain"},
};

base::Result<Answer, Refusal> disable(const Arguments& arguments, const Caller& caller,
                                      Context& context) {
  const auto jid = jid_of(arguments, "jid");
  const auto account = existing_account(context, jid);
  if (!account) return base::fail(account.error());
  if (!account->enabled) {
    context.live.end_sessions(jid, Ending::disabled);  // should it have been disabled late
    return Answer{.text = jid.str() + " was disabled already", .fields = {{"jid", jid.str()}}};
  }

  if (auto refusal = record_and_wait(
          context, caller,
          {record::AccountChanged{.action = record::AccountChanged::Action::disabled,
                                  .localpart = account->localpart}},
          [&live = context.live, jid] { live.end_sessions(jid, Ending::disabled); }))
    return base::fail(std::move(*refusal));
  return Answer{.text = "disabled " + jid.str() + "; its sessions are ended",
                .fields = {{"jid", jid.str()}},
                .count = 1};
}

}  // namespace

const Command user_disable{.name = "user disable",
                           .help = "keeps an account but lets nobody log in to it",
                           .parameters = parameters,
                           .run = disable};

}  // namespace admin
