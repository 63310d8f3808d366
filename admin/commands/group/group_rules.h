// SPDX-License-Identifier: Apache-2.0
// What the group commands have in common.
#pragma once

#include "admin/command.h"

namespace admin {

// A group that does not exist is refused.
base::Result<accounts::Group, Refusal> existing_group(Context& context, const std::string& name);

// Records that `members` come or go; those that have not been there, or were there already, are
// left alone.
base::Result<Answer, Refusal> change_members(const Arguments& arguments, const Caller& caller,
                                             Context& context, record::GroupChanged::Action action);

}  // namespace admin
