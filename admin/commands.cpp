// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"

namespace admin {

std::span<const Command* const> commands() {
  static constexpr const Command* all[] = {
      &user_add,    &user_passwd, &user_disable, &user_enable,
      &user_remove, &user_list,   &user_import,  &status,
  };
  return all;
}

const Command* find_command(std::string_view name) {
  for (const auto* command : commands())
    if (command->name == name) return command;
  return nullptr;
}

}  // namespace admin
