// SPDX-License-Identifier: Apache-2.0
// Reads a leaf back from its bytes, strictly: what build_leaf() could not have written is no leaf.
// For those who verify an archive and those who look something up in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/crypto.h"

namespace record {

// Views into the bytes it was read from; members as docs/archive-format.md names them.
struct LeafView {
  std::string_view source, id, boot;
  std::int64_t sn = 0, code = 0, at_us = 0, mono_us = 0;
  base::Sha256 previous{};
  std::optional<std::int64_t> room_id, number;
  std::optional<base::Sha256> room_previous;
  std::string_view pseudonym, session;  // of the actor; "" if there is none
  std::optional<std::int64_t> affiliation, role, domain;
  std::string_view details;  // `d`, canonical JSON: json::integer_of(), json::text_of()
  struct Part {
    std::string_view kind;
    std::int64_t size = 0;
    base::Sha256 commitment{};
  };
  std::vector<Part> parts;  // in order of n, from 0
};

// nullopt: these bytes are no leaf of version 1. Members that are not known are read over.
std::optional<LeafView> read_leaf(std::string_view bytes);

}  // namespace record
