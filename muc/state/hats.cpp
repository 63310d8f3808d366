// SPDX-License-Identifier: Apache-2.0
#include "muc/state/hats.h"

#include <algorithm>
#include <charconv>

namespace muc {
namespace {

constexpr std::size_t uri_bytes_max = 500, title_bytes_max = 200;

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

bool is_hue(std::string_view text) {
  double degrees = -1;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), degrees, std::chars_format::fixed);
  return error == std::errc{} && end == text.data() + text.size() && text.size() <= 20 &&
         degrees >= 0 && degrees <= 360;
}

}  // namespace

const Setting<std::vector<std::string>> hats_setting{
    .var = "hansard#hats", .label = "Hats", .internal = true};

std::string Hat::text() const { return uri + '\t' + title + '\t' + hue; }

std::optional<Hat> Hat::read(std::string_view text) {
  const auto first = text.find('\t');
  const auto second = first == std::string_view::npos ? first : text.find('\t', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return Hat{std::string(text.substr(0, first)),
             std::string(text.substr(first + 1, second - first - 1)),
             std::string(text.substr(second + 1))};
}

bool Hat::acceptable() const {
  const bool is_uri = uri.find(':') != std::string::npos && uri.front() != ':' &&
                      uri.find(' ') == std::string::npos && uri.size() <= uri_bytes_max;
  return is_uri && printable(uri) && printable(title) && !title.empty() &&
         title.size() <= title_bytes_max && (hue.empty() || is_hue(hue));
}

std::vector<Hat> hats_of(const Settings& settings) {
  std::vector<Hat> hats;
  for (const auto& text : settings.get(hats_setting))
    if (auto hat = Hat::read(text)) hats.push_back(std::move(*hat));
  return hats;
}

}  // namespace muc
