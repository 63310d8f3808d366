// SPDX-License-Identifier: Apache-2.0
// The steps of a probe and the lines in which the child process tells its parent of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probe/probe.h"

namespace probe {

// All steps in their order, skipped as yet.
std::vector<Step> all_steps(const Options& options);

// What the child says, a line each. `text` has no line end.
struct Note {
  enum class Kind : std::uint8_t {
    begun,   // step `index` begins
    ok,      // it is done, in `took`
    failed,  // it is not: `text` says why
    made,    // the room was made
    left,    // `text`: a room that was made is still there
  };
  Kind kind = Kind::begun;
  std::size_t index = 0;
  base::Micros took = 0;
  std::string text;
};

std::string encode(const Note& note);  // with the line end
std::optional<Note> decode(std::string_view line);
void apply(const Note& note, Report& report);

}  // namespace probe
