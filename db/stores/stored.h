// SPDX-License-Identifier: Apache-2.0
// Values of rows as what they stand for. What stands in the database is ours and prepared; anything
// else is damage, and a room that cannot be read whole must not be taken for another. For db/'s own
// files.
#pragma once

#include <algorithm>
#include <string>

#include "db/stores/readers.h"
#include "muc/room_store.h"
#include "record/codes.h"
#include "xmpp/jid.h"

namespace db {

struct Corrupt {};

inline xmpp::Jid stored_jid(const std::string& text) {
  auto jid = xmpp::Jid::parse(text);
  if (!jid) throw Corrupt{};
  return *std::move(jid);
}

template <class Enum>
Enum stored_enum(int value, Enum last) {
  if (value < 0 || value > static_cast<int>(last)) throw Corrupt{};
  return static_cast<Enum>(value);
}

inline record::Affiliation stored_affiliation(int value) {
  return stored_enum(value, record::Affiliation::owner);
}

inline std::size_t stored_size(std::int64_t n) {
  return static_cast<std::size_t>(std::max<std::int64_t>(n, 0));
}

// Runs a read whose rows may turn out to be damaged.
template <class F>
auto read_stored(Readers& readers, F&& act)
    -> decltype(readers.read(muc::StoreError::unavailable, act)) {
  try {
    return readers.read(muc::StoreError::unavailable, act);
  } catch (const Corrupt&) {
    return base::fail(muc::StoreError::corrupt);
  }
}

}  // namespace db
