// SPDX-License-Identifier: Apache-2.0
#include "record/json.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace record::json {
namespace {

constexpr std::int64_t integer_max = (std::int64_t{1} << 53) - 1;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Length of the well-formed UTF-8 sequence that `text` begins with, 0 if there is none (Unicode 15,
// table 3-7).
std::size_t sequence(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const auto second = text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second > 0x9f) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second > 0x8f) return 0;
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size), continues)
             ? size
             : 0;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[static_cast<unsigned char>(c) & 15];
}

bool plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto run =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), plain) - text.begin());
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    std::size_t taken = 1;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_escape(out, text[0]);
    } else if (const std::size_t size = sequence(text); size != 0) {
      out += text.substr(0, size);
      taken = size;
    } else {
      out += "\xef\xbf\xbd";
    }
    text.remove_prefix(taken);
  }
  out += '"';
}

void append_integer(std::string& out, std::int64_t number) {
  CHECK(number <= integer_max && number >= -integer_max);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end.ptr);
}

void Object::text(std::string_view key, std::string_view value) {
  const std::size_t begin = values_.size();
  append_string(values_, value);
  close(key, begin);
}

void Object::integer(std::string_view key, std::int64_t value) {
  const std::size_t begin = values_.size();
  append_integer(values_, value);
  close(key, begin);
}

void Object::boolean(std::string_view key, bool value) { json(key, value ? "true" : "false"); }

void Object::json(std::string_view key, std::string_view value) {
  const std::size_t begin = values_.size();
  values_ += value;
  close(key, begin);
}

std::string Object::end() {
  std::ranges::sort(members_, {}, &Member::key);
  std::string out;
  out.reserve(values_.size() + 12 * members_.size() + 2);
  out += '{';
  for (const auto& member : members_) {
    if (out.size() > 1) out += ',';
    out += '"';
    out += member.key;
    out += "\":";
    out.append(values_, member.begin, member.end - member.begin);
  }
  out += '}';
  members_.clear();
  values_.clear();
  return out;
}

void Array::text(std::string_view value) {
  next();
  append_string(out_, value);
}

void Array::integer(std::int64_t value) {
  next();
  append_integer(out_, value);
}

void Array::json(std::string_view value) {
  next();
  out_ += value;
}

std::string Array::end() {
  if (out_.empty()) out_ += '[';
  out_ += ']';
  return std::move(out_);
}

}  // namespace record::json
