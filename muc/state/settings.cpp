// SPDX-License-Identifier: Apache-2.0
#include "muc/state/settings.h"

#include <algorithm>
#include <charconv>

#include "xmpp/jid.h"

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

void SettingText::read(std::string_view text, std::vector<std::string>& values) {
  values.clear();
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    values.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string SettingText::write(const std::vector<std::string>& values) {
  std::string text;
  for (const auto& value : values) {
    if (!text.empty()) text += '\n';
    text += value;
  }
  return text;
}

std::optional<std::string> AnySetting::parse_one(std::string_view value) const {
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
  if (type == xmpp::FieldType::jid_multi || type == xmpp::FieldType::jid_single) {
    const auto jid = xmpp::Jid::parse(value);
    return jid ? std::optional(jid->str()) : std::nullopt;
  }
  return std::string(value);
}

// Several values: each once, empty lines left out, those of a list in its order.
std::optional<std::string> AnySetting::parse(const xmpp::FormField& field) const {
  if (!several()) {
    if (field.values.size() > 1) return std::nullopt;
    return parse_one(field.values.empty() ? std::string_view{} : field.values.front());
  }
  std::vector<std::string> values;
  for (const auto& given : field.values) {
    if (given.empty()) continue;
    auto value = given.find('\n') == std::string::npos ? parse_one(given) : std::nullopt;
    if (!value) return std::nullopt;
    if (std::find(values.begin(), values.end(), *value) != values.end()) continue;
    if (values.size() == values_max) return std::nullopt;
    values.push_back(std::move(*value));
  }
  if (!options.empty())
    std::ranges::sort(values, {}, [&](const std::string& value) {
      return std::ranges::find(options, value, &Option::value) - options.begin();
    });
  return SettingText::write(values);
}

xmpp::FormField AnySetting::to_field(std::string_view value) const {
  xmpp::FormField field{.var = std::string(var), .type = type, .label = std::string(label)};
  if (several())
    SettingText::read(value, field.values);
  else if (!value.empty())
    field.values.emplace_back(value);
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
