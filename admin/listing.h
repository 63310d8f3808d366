// SPDX-License-Identifier: Apache-2.0
// What commands that list have in common: pages. A list says where it goes on, so that nobody has
// to hold all of it.
#pragma once

#include <string>

#include "admin/answer.h"
#include "admin/parameter.h"

namespace admin {

constexpr std::size_t rows_default = 1000;
constexpr std::size_t rows_max = 10'000;

constexpr Parameter rows_parameter{.name = "max",
                                   .kind = Parameter::Kind::integer,
                                   .required = false,
                                   .help = "at most so many, 1000 if left out",
                                   .min = 1,
                                   .max = rows_max};
inline std::size_t rows_asked(const Arguments& arguments) {
  return static_cast<std::size_t>(integer_or(arguments, "max", rows_default));
}

// An unreadable database, as all of them say it.
inline Refusal unreadable() {
  return {.text = "the database cannot be read at the moment; try again"};
}

// To an answer that is not the end of its list: the last name in it, for --after.
inline void goes_on(Answer& answer, const std::string& after) {
  answer.fields.push_back({std::string(next_after), after});
}

}  // namespace admin
