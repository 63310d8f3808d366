// SPDX-License-Identifier: Apache-2.0
#include "muc/people/names.h"

#include <algorithm>
#include <iterator>

#include "base/utf8.h"
#include "xmpp/jid.h"
#include "xmpp/nickname.h"

namespace muc {
namespace {

struct Range {
  char32_t first, last;
};

// Marks and overrides of writing direction, and invisible operators: never part of a nick.
constexpr Range turning[] = {{0x061C, 0x061C}, {0x200E, 0x200F}, {0x202A, 0x202E},
                             {0x2061, 0x2064}, {0x2066, 0x206F}, {0xE0000, 0xE007F}};

// Nothing to see: a nick needs something else besides these.
constexpr Range blank[] = {{0x0000, 0x0020}, {0x007F, 0x00A0}, {0x00AD, 0x00AD}, {0x034F, 0x034F},
                           {0x115F, 0x1160}, {0x1680, 0x1680}, {0x17B4, 0x17B5}, {0x180B, 0x180E},
                           {0x2000, 0x200D}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x2060},
                           {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164}, {0xFE00, 0xFE0F},
                           {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& r) { return c >= r.first && c <= r.last; });
}

}  // namespace

std::string prepared_nick(std::string_view nick) {
  const auto resource = xmpp::prepare_resource(nick);
  return resource ? xmpp::enforce_nickname(*resource).value_or("") : "";
}

bool acceptable_nick(std::string_view nick, std::size_t bytes_max) {
  if (nick.size() > bytes_max || !xmpp::enforce_nickname(nick)) return false;
  bool visible = false;
  while (!nick.empty()) {
    const base::CodePoint c = base::first_code_point(nick);
    if (c.size == 0 || within(turning, c.value)) return false;
    visible = visible || !within(blank, c.value);
    nick.remove_prefix(c.size);
  }
  return visible;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace muc
