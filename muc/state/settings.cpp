// SPDX-License-Identifier: Apache-2.0
#include "muc/state/settings.h"

#include <algorithm>
#include <charconv>

namespace muc {
namespace {

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

void SettingText::read(std::string_view text, std::int64_t& value) {
  if (const auto number = to_number(text)) value = *number;
}

std::optional<std::string> AnySetting::parse(const xmpp::FormField& field) const {
  if (field.values.size() > 1) return std::nullopt;
  const std::string_view value = field.values.empty() ? std::string_view{} : field.values.front();
  if (type == xmpp::FieldType::boolean) {
    const auto on = xmpp::parse_boolean(value);
    return on ? std::optional(SettingText::write(*on)) : std::nullopt;
  }
  if (!options.empty()) {
    const bool offered = std::any_of(options.begin(), options.end(),
                                     [&](const Option& o) { return o.value == value; });
    return offered ? std::optional(std::string(value)) : std::nullopt;
  }
  if (number) {
    const auto n = to_number(value);
    if (!n || *n < min || *n > max) return std::nullopt;
    return SettingText::write(*n);
  }
  if (value.size() > bytes_max) return std::nullopt;
  return std::string(value);
}

xmpp::FormField AnySetting::to_field(std::string_view value) const {
  xmpp::FormField field{.var = std::string(var), .type = type, .label = std::string(label)};
  if (!value.empty()) field.values.emplace_back(value);
  for (const auto& option : options)
    field.options.emplace_back(std::string(option.value), std::string(option.label));
  return field;
}

std::string_view Settings::text(const AnySetting& setting) const {
  const auto at = values_.find(setting.var);
  return at == values_.end() ? std::string_view(setting.fallback) : std::string_view(at->second);
}

void Settings::set(const AnySetting& setting, std::string text) {
  if (text == setting.fallback)
    values_.erase(std::string(setting.var));
  else
    values_[std::string(setting.var)] = std::move(text);
}

}  // namespace muc
