// SPDX-License-Identifier: Apache-2.0
#include "db/parts_text.h"

#include <charconv>

namespace db {
namespace {

// Takes the text before the next `end` off `text`.
std::optional<std::string_view> take(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view word = text.substr(0, at);
  text.remove_prefix(at + 1);
  return word;
}

template <class Number>
std::optional<Number> number(std::optional<std::string_view> word) {
  Number value = 0;
  if (!word) return std::nullopt;
  const char* const end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::string write_parts(const std::vector<record::Part>& parts) {
  std::size_t size = 0;
  for (const auto& part : parts) size += part.data.size() + part.kind.size() + 100;
  std::string out;
  out.reserve(size);
  for (const auto& part : parts) {
    out += std::to_string(part.n);
    out += ' ';
    out += part.kind;
    out += ' ';
    out += base::hex(part.salt);
    out += ' ';
    out += std::to_string(part.data.size());
    out += '\n';
    out += part.data;
  }
  return out;
}

std::optional<std::vector<record::Part>> read_parts(std::string_view text) {
  std::vector<record::Part> parts;
  while (!text.empty()) {
    const auto n = number<int>(take(text, ' '));
    const auto kind = take(text, ' ');
    const auto salt_text = take(text, ' ');
    const auto size = number<std::size_t>(take(text, '\n'));
    if (!n || !kind || !salt_text || !size || *size > text.size()) return std::nullopt;
    auto salt = from_hex(*salt_text);
    if (!salt) return std::nullopt;
    parts.push_back({*n, std::string(*kind), std::move(*salt), std::string(text.substr(0, *size))});
    text.remove_prefix(*size);
  }
  return parts;
}

}  // namespace db
