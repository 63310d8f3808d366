// SPDX-License-Identifier: Apache-2.0
// One line per event: a name and fields. Control characters are escaped, a line is at most 1 KiB,
// secrets are never handed in. Thread-safe.
//
//   log.info("session opened", {{"jid", jid.str()}, {"shard", std::to_string(n)}});
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace base {

enum class Level { trace, debug, info, warn, error };
std::optional<Level> parse_level(std::string_view name);

struct Field {
  std::string_view key;
  std::string value;
};

class Log {
 public:
  virtual ~Log() = default;
  virtual bool enabled(Level level) const = 0;
  virtual void write(Level level, std::string_view event, std::initializer_list<Field> fields) = 0;
  // From the next event on; any thread. Does nothing in a log that has no level.
  virtual void set_level(Level /*level*/) {}

  void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::debug)) write(Level::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::info)) write(Level::info, event, fields);
  }
  void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::warn)) write(Level::warn, event, fields);
  }
  void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::error)) write(Level::error, event, fields);
  }
};

enum class LogFormat { text, json };
// Writes to stderr; text is coloured only when stderr is a terminal. A thread of its own does the
// writing: a stuck pipe never holds up a caller, it costs the oldest waiting lines, and how many is
// said afterwards. The destructor writes out what waits.
std::unique_ptr<Log> make_stderr_log(LogFormat format, Level level);
// The part of a line after time and level: an event and its fields in logfmt, or the inside of a
// JSON object. At most `size_max` bytes of valid UTF-8 without control characters; what does not
// fit is cut off and marked with "…".
std::string log_line(LogFormat format, std::string_view event, std::initializer_list<Field> fields,
                     std::size_t size_max);
// Swallows everything; for tests.
std::unique_ptr<Log> make_null_log();

}  // namespace base
