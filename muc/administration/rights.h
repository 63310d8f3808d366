// SPDX-License-Identifier: Apache-2.0
// Who may change whose affiliation: the table of XEP-0045 5.2.1. Read it as: one with the
// affiliation of the row may move somebody from one of these to one of those.
#pragma once

#include <cstddef>
#include <cstdint>

#include "record/codes.h"

namespace muc {

struct AffiliationRight {
  record::Affiliation actor;
  std::uint8_t from, to;  // sets of affiliations
};

constexpr std::uint8_t set_of(record::Affiliation a) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(a));
}
template <class... Rest>
constexpr std::uint8_t set_of(record::Affiliation a, Rest... rest) {
  return static_cast<std::uint8_t>(set_of(a) | set_of(rest...));
}

namespace table {
using enum record::Affiliation;
inline constexpr std::uint8_t ordinary = set_of(outcast, none, member);
inline constexpr std::uint8_t all = set_of(outcast, none, member, admin, owner);
inline constexpr AffiliationRight affiliation_rights[] = {
    {owner, all, all},
    {admin, ordinary, ordinary},
};
}  // namespace table

constexpr bool may_move(record::Affiliation actor, record::Affiliation from,
                        record::Affiliation to) {
  for (const auto& right : table::affiliation_rights)
    if (right.actor == actor)
      return (right.from & set_of(from)) != 0 && (right.to & set_of(to)) != 0;
  return false;
}

}  // namespace muc
