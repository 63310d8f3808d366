// SPDX-License-Identifier: Apache-2.0
#include "src/command/arguments.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/utf8.h"

namespace server {
namespace {

constexpr std::size_t word_bytes_max = 65536;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::optional<std::string> refuse_arguments(std::span<char* const> words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word(words[i]);
    const auto which = "argument " + std::to_string(i);
    if (word.size() > word_bytes_max) return which + " is over 64 KiB; shorten it";
    if (!base::is_utf8(word)) return which + " is not UTF-8; type it in a UTF-8 locale";
    if (has_control(word)) return which + " has a control character; leave it out";
  }
  return std::nullopt;
}

void blank_out(std::span<char* const> words, const std::string& option) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    char* value = nullptr;
    if (option == words[i] && i + 1 < words.size())
      value = words[i + 1];
    else if (std::string_view(words[i]).starts_with(option + "="))
      value = words[i] + option.size() + 1;
    if (value) std::memset(value, '*', std::strlen(value));
  }
}

}  // namespace server
