// SPDX-License-Identifier: Apache-2.0
#include "admin/account_rules.h"
#include "admin/commands.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"jid", Parameter::Kind::account, true, "the account, user@domain"},
    {"password", Parameter::Kind::secret, true, "its new password"},
};

base::Result<Answer, Refusal> change(const Arguments& arguments, const Caller& caller,
                                     Context& context) {
  const auto jid = jid_of(arguments, "jid");
  if (auto account = existing_account(context, jid); !account) return base::fail(account.error());
  const auto password = prepared_password(arguments.at("password"));
  if (!password) return base::fail(Refusal{.text = password.error()});

  if (auto refusal = record_and_wait(
          context, caller,
          {record::AccountChanged{
              .action = record::AccountChanged::Action::password,
              .localpart = std::string(jid.local()),
              .verifiers = derive_verifiers(*password, context.scram_iterations, context.random)}},
          [&live = context.live, jid] { live.end_sessions(jid, Ending::password_changed); }))
    return base::fail(std::move(*refusal));
  return Answer{.text = "changed the password of " + jid.str() + "; its sessions are ended",
                .fields = {{"jid", jid.str()}},
                .count = 1};
}

}  // namespace

const Command user_passwd{.name = "user passwd",
                          .help = "changes an account's password and ends its sessions",
                          .parameters = parameters,
                          .run = change};

}  // namespace admin
