// SPDX-License-Identifier: Apache-2.0
// Another program's run, from its start to its end: PostgreSQL's own ones, which do what libpq
// cannot. For db/'s own files.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace db::postgres {

// An open file without a name, in memory: another program reads it as Command::given. It is gone
// with its last descriptor, however either of the two ends.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& text);  // throws DatabaseError
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  int descriptor() const { return fd_; }

 private:
  int fd_ = -1;
};

struct Command {
  std::vector<std::string> words;        // the first is looked for in PATH; everybody can read them
  std::vector<std::string> environment;  // "NAME=value", in addition to ours
  std::vector<std::string> withheld;     // names of ours that it does not get
  const MemoryFile* file = nullptr;      // to be found at `given`
  static constexpr const char* given = "/proc/self/fd/3";
};

struct Run {
  int code = -1;     // -1: a signal ended it
  std::string said;  // the beginning of what it wrote to standard output and error
};

// Waits until the program has ended; nothing if there is none of that name. `go_on` is asked ten
// times a second: false, or what it throws, ends the program at once. Throws DatabaseError, also
// with "given up" where `go_on` said so.
std::optional<Run> run(const Command& command, const std::function<bool()>& go_on);

}  // namespace db::postgres
