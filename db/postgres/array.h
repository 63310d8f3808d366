// SPDX-License-Identifier: Apache-2.0
// An array as PostgreSQL reads it (§8.15.2), grown value by value: a whole column of a batch in one
// parameter. For db/'s own files.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace db::postgres {

class Array {
 public:
  void add(std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    begin_value();
    text_.append(digits, end);
  }
  void add(std::string_view value) {
    begin_value();
    text_ += '"';
    for (std::size_t from = 0; from < value.size();) {
      const std::size_t at = std::min(value.find_first_of("\"\\", from), value.size());
      text_.append(value, from, at - from);
      if (at < value.size()) (text_ += '\\') += value[at];
      from = at + 1;
    }
    text_ += '"';
  }
  void close() { text_ += '}'; }
  void clear() { text_.assign(1, '{'); }
  const std::string& text() const { return text_; }  // after close()

 private:
  void begin_value() {
    if (text_.size() > 1) text_ += ',';
  }
  std::string text_ = "{";
};

}  // namespace db::postgres
