// SPDX-License-Identifier: Apache-2.0
// The parts of a leaf as one text, as they wait in the outbox; and digests as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/leaf.h"

namespace db {

// For each part:  n SP kind SP salt in hex SP size of the data in bytes LF data
std::string write_parts(const std::vector<record::Part>& parts);
std::optional<std::vector<record::Part>> read_parts(std::string_view text);

using base::from_hex;
inline std::optional<base::Sha256> digest_from_hex(std::string_view text) {
  return base::sha256_from_hex(text);
}

}  // namespace db
