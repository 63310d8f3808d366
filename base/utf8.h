// SPDX-License-Identifier: Apache-2.0
// Reading UTF-8 that may be broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;  // bytes it takes; 0: the text does not start with well-formed UTF-8
};

// The character at the start of `text`, which must not be empty. Overlong forms, surrogates and
// values over U+10FFFF are not well-formed.
CodePoint first_code_point(std::string_view text);
bool is_utf8(std::string_view text);
// The longest start of well-formed `text` that has at most so many bytes and ends with a character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace base
