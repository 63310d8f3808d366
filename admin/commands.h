// SPDX-License-Identifier: Apache-2.0
// The list of all administrative commands: the one place where a new one is named.
#pragma once

#include <span>
#include <string_view>

#include "admin/command.h"

namespace admin {

extern const Command user_add, user_passwd, user_disable, user_enable, user_remove, user_list,
    user_import, group_add, group_remove, group_list, group_show, group_member_add,
    group_member_remove, room_list, room_show, room_set, room_purge, status, reload, db_status,
    db_migrate, db_backup, archive_status, archive_accept_loss, archive_show, archive_who,
    archive_export, archive_prove;

std::span<const Command* const> commands();
// What the commands have in common that begin with this word: for help.
std::string_view about(std::string_view first_word);
const Command* find_command(std::string_view name);  // null if there is none

}  // namespace admin
