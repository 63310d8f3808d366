// SPDX-License-Identifier: Apache-2.0
// Hats (XEP-0317): the list that a room has, a setting, and which of them somebody wears, kept
// about that person.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "muc/state/settings.h"

namespace muc {

struct Hat {
  std::string uri, title;
  std::string hue;  // degrees, "" if none

  // As it stands in the setting: with tabs between.
  std::string text() const;
  static std::optional<Hat> read(std::string_view text);
  // Whether its parts may be so.
  bool acceptable() const;
};

inline constexpr std::size_t hats_max = 50, hats_worn_max = 10;
inline constexpr std::string_view hats_key = "hats";  // of Room::people: URIs, one a line
extern const Setting<std::vector<std::string>> hats_setting;

std::vector<Hat> hats_of(const Settings& settings);

}  // namespace muc
