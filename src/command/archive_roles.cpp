// SPDX-License-Identifier: Apache-2.0
#include "src/command/archive_roles.h"

#include <fstream>

#include "src/command/cli.h"

namespace server {

int run_archive_roles(const ArchiveRolesWords& words) {
  const auto& roles = words.roles;
  if (roles.writer.empty() && roles.reader.empty() && roles.retention.empty()) {
    print_error("say which role: --writer, --reader or --retention");
    return exit_usage;
  }
  std::string url = words.owner;
  if (!words.owner_file.empty()) {
    std::ifstream file(words.owner_file);
    if (!std::getline(file, url)) {
      print_error(words.owner_file + " has no first line that could be read, which is the URL");
      return exit_usage;
    }
  }
  const auto granted = db::grant_archive_roles(url, roles);
  if (!granted) {
    print_error(granted.error());
    return exit_failed;
  }
  admin::Answer answer;
  for (const auto& line : *granted) answer.text += (answer.text.empty() ? "" : "; ") + line;
  answer.count = static_cast<std::int64_t>(granted->size());
  print_answer(answer, words.output);
  return exit_done;
}

}  // namespace server
