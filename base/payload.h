// SPDX-License-Identifier: Apache-2.0
// Payload: bytes serialised once and sent to many. The only thing that differs between recipients
// is one short text (a stanza's ` to='…'`), which goes into the hole at `splice_at`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace base {

struct Payload {
  static constexpr std::uint32_t no_splice = UINT32_MAX;

  std::shared_ptr<const std::string> bytes;  // never null in a payload that is sent; never changes
  std::uint32_t splice_at = no_splice;       // offset of the hole, or no_splice

  std::size_t size() const { return bytes ? bytes->size() : 0; }
};

inline Payload make_payload(std::string bytes, std::uint32_t splice_at = Payload::no_splice) {
  return {std::make_shared<const std::string>(std::move(bytes)), splice_at};
}

}  // namespace base
