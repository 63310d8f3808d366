// SPDX-License-Identifier: Apache-2.0
// One event as text. What is logged comes from strangers: whatever could move the cursor, start a
// new line, hide text or break the JSON is written as an escape.
#include <fmt/format.h>

#include "base/log.h"
#include "base/utf8.h"

namespace base {
namespace {

constexpr std::string_view cut_mark = "…";

// Controls, line and paragraph separators, and the marks that reorder what the reader sees.
bool is_dangerous(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

class Line {
 public:
  explicit Line(std::size_t size_max) : size_max_(size_max) {}

  // All of `text` or nothing, keeping `reserve` bytes free.
  bool add(std::string_view text, std::size_t reserve) {
    if (text_.size() + text.size() + reserve > size_max_) return false;
    text_ += text;
    return true;
  }
  // As much of the escaped `text` as leaves `reserve` bytes; false if it was cut.
  bool add_escaped(std::string_view text, std::size_t reserve) {
    while (!text.empty()) {
      const CodePoint c = first_code_point(text);
      const std::size_t size = c.size == 0 ? 1 : c.size;
      if (!add_unit(c, text.substr(0, size), reserve + cut_mark.size())) {
        add(cut_mark, reserve);
        return false;
      }
      text.remove_prefix(size);
    }
    return true;
  }
  std::string take() { return std::move(text_); }

 private:
  bool add_unit(CodePoint c, std::string_view raw, std::size_t reserve) {
    if (c.size == 0) return add("\\ufffd", reserve);
    if (c.value == '\n') return add("\\n", reserve);
    if (c.value == '\t') return add("\\t", reserve);
    if (c.value == '\r') return add("\\r", reserve);
    if (is_dangerous(c.value)) return add(fmt::format("\\u{:04x}", c.value), reserve);
    if (c.value == '"') return add("\\\"", reserve);
    if (c.value == '\\') return add("\\\\", reserve);
    return add(raw, reserve);
  }

  std::string text_;
  std::size_t size_max_;
};

bool is_plain(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/@+,%*";
  return !text.empty() && text.find_first_not_of(plain) == std::string_view::npos;
}

bool add_text_field(Line& line, const Field& field) {
  if (!line.add(" ", 0) || !line.add_escaped(field.key, 3) || !line.add("=", 2)) return false;
  if (is_plain(field.value)) return line.add_escaped(field.value, 0);
  line.add("\"", 1);
  const bool whole = line.add_escaped(field.value, 1);
  line.add("\"", 0);
  return whole;
}

bool add_json_member(Line& line, std::string_view key, std::string_view value) {
  constexpr std::size_t around_value = 4;  // key's closing quote, colon, value's quotes
  if (!line.add("\"", around_value + key.size())) return false;
  line.add(key, around_value);
  line.add("\":\"", 1);
  const bool whole = line.add_escaped(value, 1);
  line.add("\"", 0);
  return whole;
}

std::string json_line(std::string_view event, std::initializer_list<Field> fields,
                      std::size_t size_max) {
  Line line(size_max);
  bool whole = add_json_member(line, "event", event);
  for (const Field& field : fields) {
    if (!whole) break;
    constexpr std::size_t member_min = 8;  // comma, four quotes, colon, a cut mark
    whole = line.add(",", member_min + field.key.size()) &&
            add_json_member(line, field.key, field.value);
  }
  return line.take();
}

}  // namespace

std::string log_line(LogFormat format, std::string_view event, std::initializer_list<Field> fields,
                     std::size_t size_max) {
  if (format == LogFormat::json) return json_line(event, fields, size_max);
  Line line(size_max);
  bool whole = line.add_escaped(event, 0);
  for (const Field& field : fields) {
    if (!whole) break;
    whole = add_text_field(line, field);
  }
  return line.take();
}

std::optional<Level> parse_level(std::string_view name) {
  if (name == "trace") return Level::trace;
  if (name == "debug") return Level::debug;
  if (name == "info") return Level::info;
  if (name == "warn") return Level::warn;
  if (name == "error") return Level::error;
  return std::nullopt;
}

}  // namespace base
