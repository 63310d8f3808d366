// SPDX-License-Identifier: Apache-2.0
// Archiving: the archive database, the keys, the sealer and the archivist of a running server, in
// the order in which they come up.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "compliance/archivist.h"
#include "compliance/tree/keys.h"
#include "src/config/config.h"

namespace server {

class Archiving {
 public:
  // All must outlive it. The error is a sentence.
  static base::Result<std::unique_ptr<Archiving>, std::string> open(const Config& config,
                                                                    compliance::Outbox& outbox,
                                                                    base::Clock& clock,
                                                                    base::Log& log);

  compliance::ArchiveStore& store() { return *store_; }
  compliance::Archivist& archivist() { return *archivist_; }
  compliance::Sealer& sealer() { return *sealer_; }
  bool made_key() const { return keys_.made_now; }
  std::string key_text() const;  // the public half of the current key

 private:
  Archiving(std::unique_ptr<compliance::ArchiveStore> store, compliance::ArchiveKeys keys,
            std::string name);

  std::unique_ptr<compliance::ArchiveStore> store_;
  compliance::ArchiveKeys keys_;
  std::string name_;
  std::optional<compliance::Sealer> sealer_;
  std::optional<compliance::Archivist> archivist_;
};

}  // namespace server
