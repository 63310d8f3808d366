// SPDX-License-Identifier: Apache-2.0
#include "accounts/group_store.h"

namespace accounts {

std::optional<std::string> prepare_group_name(std::string_view text) {
  auto name = xmpp::prepare_local(text);
  if (!name || name->empty() || name->size() > group_name_bytes_max) return std::nullopt;
  // Principals are written group:NAME and everyone, and +P and -P change lists of them.
  if (name->front() == '-' || name->front() == '+' || *name == "everyone") return std::nullopt;
  return std::string(std::move(*name));
}

}  // namespace accounts
