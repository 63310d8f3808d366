// SPDX-License-Identifier: Apache-2.0
// Manifests of exports, as the archive keeps them: each names the hash of the one before, so that
// none can be left out, and the same request is answered with the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/crypto.h"
#include "base/result.h"
#include "compliance/outbox.h"

namespace compliance {

struct Manifest {
  std::int64_t number = 0;  // dense from 1
  base::Sha256 request{};   // over what was asked for
  base::Sha256 sha256{};    // over `text`
  std::string text;
};

// Calls block; one thread. Beside an archivist at work.
class ManifestStore {
 public:
  virtual ~ManifestStore() = default;
  template <class T>
  using Read = base::Result<T, StoreError>;
  virtual Read<std::optional<Manifest>> manifest_for(const base::Sha256& request) = 0;
  virtual Read<std::optional<Manifest>> last_manifest() = 0;
  // `refused`: its number is not the next, or the request has one already; read again.
  virtual base::Result<void, StoreError> add_manifest(const Manifest& manifest) = 0;
  virtual std::string last_error() const = 0;  // of the last call that failed, for people
};

}  // namespace compliance
