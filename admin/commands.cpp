// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"

namespace admin {

std::span<const Command* const> commands() {
  static constexpr const Command* all[] = {
      &user_add,
      &user_passwd,
      &user_disable,
      &user_enable,
      &user_remove,
      &user_list,
      &user_import,
      &group_add,
      &group_remove,
      &group_list,
      &group_show,
      &group_member_add,
      &group_member_remove,
      &room_list,
      &room_show,
      &room_set,
      &room_purge,
      &status,
      &reload,
      &db_status,
      &db_migrate,
      &db_backup,
      &archive_status,
      &archive_show,
      &archive_who,
      &archive_export,
      &archive_prove,
      &archive_accept_loss,
  };
  return all;
}

std::string_view about(std::string_view first_word) {
  if (first_word == "user") return "accounts";
  if (first_word == "group") return "local groups of users";
  if (first_word == "member") return "who is in a group";
  if (first_word == "room") return "rooms of all services";
  if (first_word == "archive") return "the archive, and what proves it";
  if (first_word == "db") return "the databases";
  if (first_word == "archive") return "the archive of events";
  return "more commands";
}

const Command* find_command(std::string_view name) {
  for (const auto* command : commands())
    if (command->name == name) return command;
  return nullptr;
}

}  // namespace admin
