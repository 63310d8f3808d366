// SPDX-License-Identifier: Apache-2.0
// The archive of a configuration as commands get at it.
#pragma once

#include <string>

#include "admin/archive_desk.h"
#include "compliance/archivist.h"
#include "src/config/config.h"

namespace server {

// "localhost/archive/0123456789abcdef": the name that checkpoints are signed under.
std::string archive_name(const Config& config, const std::string& archive_id);

class Desk final : public admin::ArchiveDesk {
 public:
  // Both must outlive it; `archivist` may be null: none runs here.
  Desk(const Config& config, const compliance::Archivist* archivist)
      : config_(config), archivist_(archivist) {}

  Or<std::unique_ptr<compliance::ArchiveReader>> reader() override;
  Or<std::unique_ptr<compliance::ManifestStore>> manifests() override;
  Or<std::vector<compliance::NoteKey>> keys(const std::string& archive_id) override;
  Or<base::SigningKey> signing_key() override;
  Or<std::int64_t> accept_loss() override;
  std::string location() override;
  std::string published() override;
  std::vector<admin::Field> state() override;

 private:
  const Config& config_;
  const compliance::Archivist* archivist_;
};

}  // namespace server
