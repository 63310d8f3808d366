// SPDX-License-Identifier: Apache-2.0
// The list of all administrative commands: the one place where a new one is named.
#pragma once

#include <span>
#include <string_view>

#include "admin/command.h"

namespace admin {

extern const Command user_add, user_passwd, user_disable, user_enable, user_remove, user_list,
    user_import, status;

std::span<const Command* const> commands();
const Command* find_command(std::string_view name);  // null if there is none

}  // namespace admin
