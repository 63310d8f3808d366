// SPDX-License-Identifier: Apache-2.0
#include "bench/load/scanner.h"

#include <algorithm>

namespace bench {
namespace {

constexpr auto npos = std::string_view::npos;

std::string_view local_name(std::string_view tag) {
  tag.remove_prefix(tag.starts_with("</") ? 2 : 1);
  tag = tag.substr(0, tag.find_first_of(" \t\r\n/>"));
  const auto colon = tag.find(':');
  return colon == npos ? tag : tag.substr(colon + 1);
}

}  // namespace

std::string_view Stanza::attr(std::string_view wanted) const {
  std::size_t at = text.find_first_of(" \t\r\n/>");
  while (at != npos) {
    at = text.find_first_not_of(" \t\r\n", at);
    if (at == npos || text[at] == '>' || text[at] == '/') return {};
    const auto equals = text.find('=', at);
    const auto quote = equals == npos ? npos : text.find_first_of("'\"", equals);
    const auto end = quote == npos ? npos : text.find(text[quote], quote + 1);
    if (end == npos) return {};
    if (text.substr(at, equals - at) == wanted) return text.substr(quote + 1, end - quote - 1);
    at = end + 1;
  }
  return {};
}

std::optional<std::string_view> Stanza::body() const {
  constexpr std::string_view opening = "<body>";
  const auto from = text.find(opening);
  if (from == npos) return std::nullopt;
  const auto to = text.find("</body>", from);
  if (to == npos) return std::nullopt;
  return text.substr(from + opening.size(), to - from - opening.size());
}

void Scanner::begin(std::string_view bytes) {
  at_ = 0;
  if (rest_.empty()) {
    input_ = bytes;
  } else {
    rest_ += bytes;
    input_ = rest_;
  }
}

void Scanner::restart() {
  open_ = false;
  input_ = {};
  rest_.clear();
  at_ = 0;
}

std::optional<Stanza> Scanner::next() {
  for (;;) {
    at_ = std::min(input_.find('<', at_), input_.size());
    const auto tag_end = end_of_tag(at_);
    if (!tag_end) break;
    if (input_[at_ + 1] == '?') {  // the XML declaration
      at_ = *tag_end;
      continue;
    }
    if (input_[at_ + 1] == '/') return take(Stanza::Kind::close, at_, *tag_end);
    if (!open_) {
      open_ = true;
      return take(Stanza::Kind::open, at_, *tag_end);
    }
    const auto end = end_of_element(at_);
    if (!end) break;
    return take(Stanza::Kind::element, at_, *end);
  }
  keep_rest();
  return std::nullopt;
}

std::optional<Stanza> Scanner::take(Stanza::Kind kind, std::size_t from, std::size_t to) {
  at_ = to;
  const auto text = input_.substr(from, to - from);
  return Stanza{.kind = kind, .name = local_name(text), .text = text};
}

void Scanner::keep_rest() {
  if (input_.data() == rest_.data())
    rest_.erase(0, at_);
  else
    rest_.assign(input_.substr(at_));
  input_ = {};
  at_ = 0;
}

// Behind the '>' that ends the tag at `at`; a '>' in a quoted value does not count.
std::optional<std::size_t> Scanner::end_of_tag(std::size_t at) const {
  while (at < input_.size()) {
    at = input_.find_first_of(">'\"", at);
    if (at == npos) return std::nullopt;
    if (input_[at] == '>') return at + 1;
    at = input_.find(input_[at], at + 1);
    if (at == npos) return std::nullopt;
    ++at;
  }
  return std::nullopt;
}

std::optional<std::size_t> Scanner::end_of_element(std::size_t at) const {
  int depth = 0;
  for (;;) {
    const auto end = end_of_tag(at);
    if (!end) return std::nullopt;
    if (input_[at + 1] == '/')
      --depth;
    else if (input_[*end - 2] != '/')
      ++depth;
    if (depth == 0) return end;
    at = input_.find('<', *end);
    if (at == npos) return std::nullopt;
  }
}

}  // namespace bench
