// SPDX-License-Identifier: Apache-2.0
// Reads canonical JSON (RFC 8785) of the kind json.h writes, strictly: whatever json.h would have
// written otherwise is an error. Values are views into the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace record::json {

// Goes through one text from its front. After an error everything is an error.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool begin_object() { return take('{'); }
  // The next member's key, which must come after the one before; nullopt at the object's end, or
  // after an error. Keys without escapes only.
  std::optional<std::string_view> key();
  bool begin_array() { return take('['); }
  bool element();  // true: a value follows; false: the array has ended, or after an error

  std::optional<std::int64_t> integer();
  std::optional<bool> boolean();
  std::optional<std::string_view> raw_string();  // without quotes, escapes as they stand
  std::optional<std::string_view> skip();        // any value: its text

  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  bool take(char c);
  bool next(char end);  // the comma between two, or the end
  void fail() { failed_ = true; }

  std::string_view rest_;
  // Of the objects that are open, the last key; "" for the first and in arrays.
  struct Open {
    std::string_view last_key;
    bool first = true;
  };
  static constexpr int depth_max = 8;  // leaves have four
  Open open_[depth_max];
  int depth_ = 0;
  bool failed_ = false;
};

// The text of a raw string.
std::string unescaped(std::string_view raw);

// A member of a canonical object; nullopt if there is none of that kind.
std::optional<std::int64_t> integer_of(std::string_view object, std::string_view key);
std::optional<std::string> text_of(std::string_view object, std::string_view key);
std::optional<std::string_view> value_of(std::string_view object, std::string_view key);

}  // namespace record::json
