// SPDX-License-Identifier: Apache-2.0
// Canonical JSON (RFC 8785) for leaves: keys in order, no white space, the shortest escapes, whole
// numbers only. An object collects its members in any order and sorts them when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace record::json {

// Appends `text` quoted and escaped as RFC 8785 §3.2.2.2 says. What is not UTF-8 becomes U+FFFD.
void append_string(std::string& out, std::string_view text);
// Appends a whole number of at most 2^53 - 1 (RFC 8785 numbers are IEEE doubles); a larger one is
// our mistake.
void append_integer(std::string& out, std::int64_t number);

// Keys are ASCII and must outlive the object; each is used once.
class Object {
 public:
  Object() {
    members_.reserve(24);
    values_.reserve(512);
  }
  void text(std::string_view key, std::string_view value);
  void integer(std::string_view key, std::int64_t value);
  void boolean(std::string_view key, bool value);
  void json(std::string_view key, std::string_view value);  // canonical JSON already

  // The object's text. The object is empty afterwards.
  std::string end();

 private:
  struct Member {
    std::string_view key;
    std::size_t begin, end;
  };
  void close(std::string_view key, std::size_t begin) {
    members_.push_back({key, begin, values_.size()});
  }

  std::string values_;
  std::vector<Member> members_;
};

class Array {
 public:
  void text(std::string_view value);
  void integer(std::int64_t value);
  void json(std::string_view value);
  std::string end();

 private:
  void next() { out_ += out_.empty() ? '[' : ','; }
  std::string out_;
};

}  // namespace record::json
