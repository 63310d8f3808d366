// SPDX-License-Identifier: Apache-2.0
#include "record/json_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "record/json.h"

namespace record::json {
namespace {

constexpr std::int64_t integer_max = (std::int64_t{1} << 53) - 1;

constexpr bool needs_care(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x80 || c == '\\';
}

// Where the string ends that begins behind its opening quote, and whether nothing in it needs care.
struct Ending {
  std::size_t at = std::string_view::npos;
  bool plain = true;
};
Ending closing_quote(std::string_view text) {
  static constexpr auto stops = [] {
    std::array<bool, 256> table{};
    for (unsigned byte = 0; byte < table.size(); ++byte)
      table[byte] = byte == '"' || needs_care(static_cast<char>(byte));
    return table;
  }();
  bool plain = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!stops[static_cast<unsigned char>(text[at])]) continue;
    if (text[at] == '"') return {at, plain};
    if (text[at] == '\\') ++at;
    plain = false;
  }
  return {};
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// As append_string() would have written it; only then do equal texts have equal bytes.
bool canonical(std::string_view raw) {
  std::string again;
  append_string(again, unescaped(raw));
  return std::string_view(again).substr(1, again.size() - 2) == raw;
}

}  // namespace

std::string unescaped(std::string_view raw) {
  constexpr std::string_view letters = "btnfr", meant = "\b\t\n\f\r";
  std::string out;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\' || at + 1 == raw.size()) {
      out += raw[at];
      continue;
    }
    const char c = raw[++at];
    if (const auto known = letters.find(c); known != std::string_view::npos) {
      out += meant[known];
    } else if (c == 'u' && at + 4 < raw.size() && digit(raw[at + 3]) >= 0 &&
               digit(raw[at + 4]) >= 0) {
      // Only control characters are written so.
      out += static_cast<char>(digit(raw[at + 3]) * 16 + digit(raw[at + 4]));
      at += 4;
    } else {
      out += c;
    }
  }
  return out;
}

bool Reader::take(char c) {
  if (failed_ || rest_.empty() || rest_.front() != c || depth_ == depth_max) {
    fail();
    return false;
  }
  rest_.remove_prefix(1);
  open_[depth_++] = {};
  return true;
}

bool Reader::next(char end) {
  if (failed_ || depth_ == 0 || rest_.empty()) {
    fail();
    return false;
  }
  Open& here = open_[depth_ - 1];
  if (rest_.front() == end) {
    rest_.remove_prefix(1);
    --depth_;
    return false;
  }
  if (!here.first) {
    if (rest_.front() != ',') {
      fail();
      return false;
    }
    rest_.remove_prefix(1);
  }
  here.first = false;
  return true;
}

std::optional<std::string_view> Reader::key() {
  if (!next('}')) return std::nullopt;
  const auto name = raw_string();
  Open& here = open_[depth_ - 1];
  if (!name || std::ranges::any_of(*name, needs_care) || rest_.empty() || rest_.front() != ':' ||
      (here.last_key.data() != nullptr && *name <= here.last_key)) {
    fail();
    return std::nullopt;
  }
  rest_.remove_prefix(1);
  here.last_key = *name;
  return name;
}

bool Reader::element() { return next(']'); }

std::optional<std::int64_t> Reader::integer() {
  std::int64_t number = 0;
  const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
  const auto size = static_cast<std::size_t>(read.ptr - rest_.data());
  const std::string_view digits = rest_.substr(0, size);
  const std::string_view bare = digits.starts_with('-') ? digits.substr(1) : digits;
  if (failed_ || read.ec != std::errc{} || number > integer_max || number < -integer_max ||
      (bare.size() > 1 && bare.front() == '0') || digits == "-0") {
    fail();
    return std::nullopt;
  }
  rest_.remove_prefix(size);
  return number;
}

std::optional<bool> Reader::boolean() {
  for (const bool value : {true, false}) {
    const std::string_view word = value ? "true" : "false";
    if (failed_ || !rest_.starts_with(word)) continue;
    rest_.remove_prefix(word.size());
    return value;
  }
  fail();
  return std::nullopt;
}

std::optional<std::string_view> Reader::raw_string() {
  if (!failed_ && rest_.starts_with('"')) {
    const Ending end = closing_quote(rest_.substr(1));
    const std::string_view raw = rest_.substr(1, end.at);
    if (end.at != std::string_view::npos && (end.plain || canonical(raw))) {
      rest_.remove_prefix(end.at + 2);
      return raw;
    }
  }
  fail();
  return std::nullopt;
}

std::optional<std::string_view> Reader::skip() {
  const std::string_view from = rest_;
  if (from.empty()) fail();
  if (failed_) return std::nullopt;
  switch (from.front()) {
    case '{':
      begin_object();
      while (key() && skip()) {
      }
      break;
    case '[':
      begin_array();
      while (element() && skip()) {
      }
      break;
    case '"':
      raw_string();
      break;
    case 't':
    case 'f':
      boolean();
      break;
    default:
      integer();
  }
  if (failed_) return std::nullopt;
  return from.substr(0, from.size() - rest_.size());
}

std::optional<std::string_view> value_of(std::string_view object, std::string_view key) {
  Reader in(object);
  in.begin_object();
  while (const auto name = in.key()) {
    const auto value = in.skip();
    if (*name == key) return value;
  }
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(std::string_view object, std::string_view key) {
  const auto value = value_of(object, key);
  return value ? Reader(*value).integer() : std::nullopt;
}

std::optional<std::string> text_of(std::string_view object, std::string_view key) {
  const auto value = value_of(object, key);
  const auto raw = value ? Reader(*value).raw_string() : std::nullopt;
  if (!raw) return std::nullopt;
  return unescaped(*raw);
}

}  // namespace record::json
