// SPDX-License-Identifier: Apache-2.0
// From an event about an account or a local group to its rows; what an account keeps is
// PersonalDerivation's. For derive.cpp.
#pragma once

#include <string>

#include "base/time.h"
#include "db/writer/derive/account_rows.h"
#include "record/event.h"

namespace db {

class AccountDerivation {
 public:
  explicit AccountDerivation(Session& s)
      : account_(s),
        password_(s),
        enable_(s),
        no_account_(s),
        removed_account_(s),
        no_removed_account_(s),
        no_memberships_(s),
        group_(s),
        no_group_(s),
        no_members_(s),
        member_(s),
        no_member_(s) {}

  // Throw DatabaseError, or Refused if there is no such account, group or member.
  void write(const record::AccountChanged& e, base::Time at, const std::string& local_domain);
  void write(const record::GroupChanged& e, base::Time at);

 private:
  void add(const record::AccountChanged& e, base::Time at);
  void set_password(const record::AccountChanged& e);
  void set_enabled(const std::string& localpart, bool enabled);
  void remove(const std::string& localpart, base::Time at, const std::string& local_domain);
  void remove_group(const std::string& name);

  Prepared<rows::InsertAccount> account_;
  Prepared<rows::SetPassword> password_;
  Prepared<rows::EnableAccount> enable_;
  Prepared<rows::DeleteAccount> no_account_;
  Prepared<rows::PutRemovedAccount> removed_account_;
  Prepared<rows::DeleteRemovedAccount> no_removed_account_;
  Prepared<rows::DeleteMemberships> no_memberships_;
  Prepared<rows::InsertGroup> group_;
  Prepared<rows::DeleteGroup> no_group_;
  Prepared<rows::DeleteGroupMembers> no_members_;
  Prepared<rows::InsertMember> member_;
  Prepared<rows::DeleteMember> no_member_;
};

}  // namespace db
