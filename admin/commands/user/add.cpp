// SPDX-License-Identifier: Apache-2.0
#include "admin/account_rules.h"
#include "admin/commands.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"jid", Parameter::Kind::account, true, "the new account, user@domain"},
    {"password", Parameter::Kind::secret, true, "its password"},
    {"admin", Parameter::Kind::flag, false, "the account may administer the server"},
};

base::Result<Answer, Refusal> add(const Arguments& arguments, const Caller& caller,
                                  Context& context) {
  const auto jid = jid_of(arguments, "jid");
  const auto found = find_account(context, jid);
  if (!found) return base::fail(found.error());
  if (*found)
    return base::fail(
        Refusal{.text = "the account " + jid.str() +
                        " exists already; `hansard user passwd` changes its password"});
  const auto password = prepared_password(arguments.at("password"));
  if (!password) return base::fail(Refusal{.text = password.error()});

  const bool is_admin = arguments.contains("admin");
  if (auto refusal = record_and_wait(
          context, caller,
          {record::AccountChanged{
              .action = record::AccountChanged::Action::added,
              .localpart = std::string(jid.local()),
              .admin = is_admin,
              .verifiers = derive_verifiers(*password, context.scram_iterations, context.random)}},
          [&live = context.live, jid, is_admin] {
            if (is_admin) live.set_administrator(jid, true);
          }))
    return base::fail(std::move(*refusal));
  return Answer{.text = "made the account " + jid.str() + (is_admin ? ", an administrator" : ""),
                .fields = {{"jid", jid.str()}, {"admin", is_admin}},
                .count = 1};
}

}  // namespace

const Command user_add{.name = "user add",
                       .help = "makes an account",
                       .parameters = parameters,
                       .may_be_first = true,
                       .run = add};

}  // namespace admin
