// SPDX-License-Identifier: Apache-2.0
// The file that `user import` reads: one `localpart,password` a line. A password may hold commas.
// Empty lines and lines that begin with '#' are passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace admin {

struct NewAccount {
  std::size_t line = 0;   // from 1
  std::string localpart;  // prepared
  std::string password;   // prepared
};

struct ImportFile {
  std::vector<NewAccount> accounts;
  std::vector<std::string> problems;  // "line 7: …", in order, never showing a password
};

// Knows nothing of accounts that exist; duplicates within the file are problems.
ImportFile parse_import(std::string_view text);

}  // namespace admin
