// SPDX-License-Identifier: Apache-2.0
#include "db/writer/derive/accounts.h"

#include <limits>

#include "base/crypto.h"
#include "db/writer/derive/must_change.h"

namespace db {
namespace {

rows::ScramColumns columns(const xmpp::ScramKeys& keys) {
  return {base::hex(keys.salt), base::hex(keys.stored_key), base::hex(keys.server_key),
          keys.iterations};
}

}  // namespace

void AccountDerivation::write(const record::AccountChanged& e, base::Time at,
                              const std::string& local_domain) {
  using enum record::AccountChanged::Action;
  switch (e.action) {
    case added:
      return add(e, at);
    case password:
      return set_password(e);
    case disabled:
      return set_enabled(e.localpart, false);
    case enabled:
      return set_enabled(e.localpart, true);
    case removed:
      return remove(e.localpart, at, local_domain);
  }
}

void AccountDerivation::add(const record::AccountChanged& e, base::Time at) {
  if (!e.verifiers) throw Refused("an account without keys");
  no_removed_account_.row.localpart = e.localpart;
  if (no_removed_account_.run() > 0 && e.in_band)
    throw Refused("an account of that name was removed");
  auto& row = account_.row;
  row.localpart = e.localpart;
  row.admin = e.admin ? 1 : 0;
  row.created_at = at.us;
  row.sha1 = columns(e.verifiers->sha1);
  row.sha256 = columns(e.verifiers->sha256);
  account_.run();
}

void AccountDerivation::set_password(const record::AccountChanged& e) {
  if (!e.verifiers) throw Refused("a password without keys");
  auto& row = password_.row;
  row.localpart = e.localpart;
  row.made_from = e.made ? e.made->us : 0;
  row.made_to = e.made ? e.made->us : std::numeric_limits<std::int64_t>::max();
  row.sha1 = columns(e.verifiers->sha1);
  row.sha256 = columns(e.verifiers->sha256);
  must_change(password_.run(), "no such account");
}

void AccountDerivation::set_enabled(const std::string& localpart, bool enabled) {
  enable_.row.enabled = enabled ? 1 : 0;
  enable_.row.localpart = localpart;
  must_change(enable_.run(), "no such account");
}

// Whoever gets the name later is somebody else. Rooms may still know it, so that nobody gets it by
// asking.
void AccountDerivation::remove(const std::string& localpart, base::Time at,
                               const std::string& local_domain) {
  no_account_.row.localpart = localpart;
  must_change(no_account_.run(), "no such account");
  removed_account_.row.localpart = localpart;
  removed_account_.row.removed_at = at.us;
  removed_account_.run();
  if (local_domain.empty()) return;
  no_memberships_.row.jid = localpart + "@" + local_domain;
  no_memberships_.run();
}

void AccountDerivation::write(const record::GroupChanged& e, base::Time at) {
  using enum record::GroupChanged::Action;
  switch (e.action) {
    case added:
      group_.row.name = e.group;
      group_.row.created_at = at.us;
      group_.run();
      return;
    case removed:
      return remove_group(e.group);
    case member_added:
      member_.row.name = e.group;
      member_.row.jid = e.member.bare_str();
      return must_change(member_.run(), "no such group");
    case member_removed:
      no_member_.row.name = e.group;
      no_member_.row.jid = e.member.bare_str();
      return must_change(no_member_.run(), "no such member");
  }
}

void AccountDerivation::remove_group(const std::string& name) {
  no_group_.row.name = name;
  must_change(no_group_.run(), "no such group");
  no_members_.row.name = name;
  no_members_.run();
}

}  // namespace db
