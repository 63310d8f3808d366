// SPDX-License-Identifier: Apache-2.0
// What an administrative command says: an Answer or a Refusal, as plain data. Tables for people,
// JSON for programs and, later, forms are made from it elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace admin {

using Value = std::variant<std::string, std::int64_t, bool>;

struct Field {
  std::string name;  // "created_at": a key for programs; people see "created at"
  Value value;
};

// The field that says where a list goes on; people see a sentence.
constexpr std::string_view next_after = "next_after";

struct Table {
  std::string name;  // what one list of rows is called: "users"
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;  // each as long as columns
};

struct Answer {
  std::string text;  // one sentence: what was done; may be empty
  std::vector<Field> fields = {};
  std::vector<Table> tables = {};
  std::int64_t count = 0;  // how many things were changed or listed; goes into the record
};

struct Refusal {
  enum class Kind : std::uint8_t {
    refused,  // understood, but not possible or not allowed as things are
    usage,    // malformed
  };
  Kind kind = Kind::refused;
  std::string text;                       // one sentence: what is wrong and what to do
  std::vector<std::string> details = {};  // lines below it: each bad line of a file
};

}  // namespace admin
