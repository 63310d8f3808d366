// SPDX-License-Identifier: Apache-2.0
#include "probe/steps.h"

#include <charconv>

namespace probe {
namespace {

constexpr std::string_view letters = "bofml";  // by Kind

template <class Number>
bool take_number(std::string_view& line, Number& number) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc{} || end == line.data() + line.size() || *end != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  return true;
}

// Texts come from servers: no control characters, no end of line.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, 500));
  for (auto& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

}  // namespace

bool Report::ok() const {
  for (const auto& step : steps)
    if (step.result != Step::Result::ok) return false;
  return !steps.empty();
}

const Step* Report::failed() const {
  for (const auto& step : steps)
    if (step.result == Step::Result::failed) return &step;
  return nullptr;
}

std::vector<Step> all_steps(const Options& options) {
  const std::string first(options.first.jid.str()), second(options.second.jid.str());
  const auto room = options.room.str();
  return {
      {"connect", "connect to " + options.host + ":" + std::to_string(options.port)},
      {"login_1", first + " logs in"},
      {"login_2", second + " logs in"},
      {"service", "ask " + std::string(options.room.domain()) + " for rooms"},
      {"join_1", first + " enters " + room},
      {"join_2", second + " enters " + room},
      {"reflection_1", first + " sees its own message"},
      {"delivery_1", second + " sees that message"},
      {"reflection_2", second + " sees its own message"},
      {"delivery_2", first + " sees that message"},
      {"leave_2", second + " leaves"},
      {"leave_1", first + " leaves"},
      {"logout", "both log out"},
  };
}

std::string encode(const Note& note) {
  return std::string(1, letters[static_cast<std::size_t>(note.kind)]) + " " +
         std::to_string(note.index) + " " + std::to_string(note.took) + " " + one_line(note.text) +
         "\n";
}

std::optional<Note> decode(std::string_view line) {
  if (line.size() < 2 || line[1] != ' ') return std::nullopt;
  const auto kind = letters.find(line[0]);
  if (kind == std::string_view::npos) return std::nullopt;
  Note note{.kind = static_cast<Note::Kind>(kind)};
  line.remove_prefix(2);
  if (!take_number(line, note.index) || !take_number(line, note.took)) return std::nullopt;
  note.text = line;
  return note;
}

void apply(const Note& note, Report& report) {
  if (note.kind == Note::Kind::made) report.room_made = true;
  if (note.kind == Note::Kind::left) report.room_left = note.text;
  if (note.index >= report.steps.size()) return;
  auto& step = report.steps[note.index];
  if (note.kind == Note::Kind::ok) {
    step.result = Step::Result::ok;
    step.took = note.took;
  } else if (note.kind == Note::Kind::failed) {
    step.result = Step::Result::failed;
    step.took = note.took;
    step.error = note.text;
  }
}

}  // namespace probe
