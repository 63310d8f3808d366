// SPDX-License-Identifier: Apache-2.0
#include "admin/account_rules.h"

#include <array>

namespace admin {
namespace {

std::string fresh_salt(base::Random& random) {
  std::array<std::byte, 16> bytes{};
  random.fill(bytes);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

base::Result<xmpp::Jid, Refusal> account_jid(std::string_view text, const std::string& domain) {
  const auto jid = xmpp::Jid::parse(text);
  if (!jid || !jid->is_bare() || !jid->has_local())
    return base::fail(Refusal{
        .kind = Refusal::Kind::usage,
        .text = "'" + std::string(text) + "' is not an account's JID; write user@" + domain});
  if (jid->domain() != domain)
    return base::fail(Refusal{.text = "accounts live at " + domain + " here, not at " +
                                      std::string(jid->domain()) + "; write " +
                                      std::string(jid->local()) + "@" + domain});
  return *jid;
}

base::Result<std::optional<accounts::Account>, Refusal> find_account(Context& context,
                                                                     const xmpp::Jid& jid) {
  auto found = context.accounts.find(std::string(jid.local()));
  if (!found)
    return base::fail(Refusal{.text = "the database cannot be read at the moment; try again"});
  return std::move(*found);
}

Refusal no_account(const xmpp::Jid& jid) {
  return {.text =
              "there is no account " + jid.str() + "; `hansard user list` shows those there are"};
}

base::Result<accounts::Account, Refusal> existing_account(Context& context, const xmpp::Jid& jid) {
  auto found = find_account(context, jid);
  if (!found) return base::fail(std::move(found.error()));
  if (!*found) return base::fail(no_account(jid));
  return std::move(**found);
}

base::Result<std::string, std::string> prepared_password(std::string_view password) {
  if (password.empty()) return base::fail(std::string("the password is empty; give one"));
  if (password.size() > password_bytes_max)
    return base::fail(std::string("the password is over 1024 bytes; choose a shorter one"));
  auto prepared = xmpp::prepare_password(password);
  if (prepared.empty())
    return base::fail(std::string(
        "the password has characters that SASLprep (RFC 4013) forbids; choose another"));
  return prepared;
}

xmpp::ScramVerifiers derive_verifiers(std::string_view password, int iterations,
                                      base::Random& random) {
  return {
      .sha1 = xmpp::derive_scram_keys(base::Hash::sha1, password, fresh_salt(random), iterations),
      .sha256 =
          xmpp::derive_scram_keys(base::Hash::sha256, password, fresh_salt(random), iterations)};
}

}  // namespace admin
