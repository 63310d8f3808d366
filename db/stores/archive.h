// SPDX-License-Identifier: Apache-2.0
// The archive database behind compliance::ArchiveStore, and the ways into it beside the archivist.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "compliance/archive_reader.h"
#include "compliance/archive_store.h"
#include "compliance/manifest_store.h"

namespace db {

// `url` and `data_dir` as for Content::open. Refuses a second archivist by a lock.
base::Result<std::unique_ptr<compliance::ArchiveStore>, std::string> open_archive(
    const std::string& url, const std::string& data_dir);

// Reads on connections of its own, beside whoever writes: takes no lock, brings no schema up to
// date. The error is one sentence for the operator, also for a schema that is not this program's.
base::Result<std::unique_ptr<compliance::ArchiveReader>, std::string> read_archive(
    const std::string& url, const std::string& data_dir);

// As read_archive(). Each call has a connection of its own, which is closed when it returns.
base::Result<std::unique_ptr<compliance::ManifestStore>, std::string> open_manifests(
    const std::string& url, const std::string& data_dir);

// PostgreSQL's roles beside the archive's owner; "" is left as it is.
struct ArchiveRoles {
  std::string writer;     // the server's: adds evidence, changes what is derived
  std::string reader;     // reads
  std::string retention;  // erases one part at a time, by hansard_erase_part()
};
// Connects as the owner, brings the schema up to date and gives each role its rights and no others.
// Gives what was granted, a sentence a role; the error is one sentence for the operator.
base::Result<std::vector<std::string>, std::string> grant_archive_roles(const std::string& url,
                                                                        const ArchiveRoles& roles);

}  // namespace db
