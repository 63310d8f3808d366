// SPDX-License-Identifier: Apache-2.0
// `hansard archive roles`: gives PostgreSQL's roles their rights in the archive.
#pragma once

#include <string>

#include "db/stores/archive.h"
#include "src/command/administer.h"

namespace server {

// As typed: the owner's URL itself, or the file that it is the first line of.
struct ArchiveRolesWords {
  std::string owner, owner_file;
  db::ArchiveRoles roles;
  Output output = Output::table;
};

// Returns the exit code: done, failed, or usage if what was typed is not enough.
int run_archive_roles(const ArchiveRolesWords& words);

}  // namespace server
