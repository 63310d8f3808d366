// SPDX-License-Identifier: Apache-2.0
#include "xmpp/parser/prolog.h"

#include "xmpp/errors/xml_error.h"

namespace xmpp {

std::optional<Prolog::Problem> Prolog::scan(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size() && !done(); ++i) {
    if (auto error = step(bytes[i])) return Problem{i, std::move(*error)};
    ++seen_;
  }
  return std::nullopt;
}

std::optional<StreamError> Prolog::step(char c) {
  // A NUL among the first two bytes makes expat believe in UTF-16, whatever it was told.
  if (c == '\0' && seen_ < 2) return stray_byte_error(c);
  switch (state_) {
    case State::outside:
      if (c == '<')
        state_ = State::open;
      else if (!is_xml_whitespace(c))
        return stray_byte_error(c);
      break;
    case State::open:
      if (c == '!') return restricted_error();  // comment or document type
      state_ = c == '?' ? State::instruction : State::root;
      break;
    case State::instruction:
      if (c == '?') state_ = State::instruction_end;
      break;
    case State::instruction_end:
      state_ = c == '>' ? State::outside : c == '?' ? State::instruction_end : State::instruction;
      break;
    case State::root:
      break;
  }
  return std::nullopt;
}

}  // namespace xmpp
