// SPDX-License-Identifier: Apache-2.0
// Prolog: watches what comes before a stream's root, byte by byte. Expat would wait for the end of
// a name, a comment or a document type before it complains.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "xmpp/errors/stream_error.h"

namespace xmpp {

class Prolog {
 public:
  struct Problem {
    std::size_t at;  // index in the bytes given to scan()
    StreamError error;
  };

  // The first byte that cannot stand there, if any. Call until done().
  std::optional<Problem> scan(std::string_view bytes);
  bool done() const { return state_ == State::root && seen_ > 1; }

 private:
  enum class State { outside, open, instruction, instruction_end, root };
  std::optional<StreamError> step(char c);

  State state_ = State::outside;
  std::uint64_t seen_ = 0;
};

}  // namespace xmpp
