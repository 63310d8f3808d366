// SPDX-License-Identifier: Apache-2.0
// Copy: one database as it was at one moment, written into a file. The moment is that of opening;
// whoever writes meanwhile goes on. For db/'s own files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "db/sql/target.h"

namespace db {

class Copy {
 public:
  // Asked now and then with how many bytes are done: false gives up.
  using GoOn = std::function<bool(std::int64_t done)>;

  virtual ~Copy() = default;
  std::int64_t bytes = 0;  // about what there is to do
  int schema = 0;
  std::string head;  // how far it goes, for people
  virtual std::string file_name(const std::string& database) const = 0;
  // Makes the file, for its owner only, and has it on the disk before it returns. Throws
  // DatabaseError with a sentence.
  virtual void write(const std::string& file, const GoOn& go_on) = 0;
};

// Which of the two databases: what `head` is read from.
enum class Copied { content, archive };

// Throw DatabaseError.
std::unique_ptr<Copy> open_copy(const Target& target, Copied which);
std::unique_ptr<Copy> open_sqlite_copy(const Target& target, Copied which);
// The files of the archive beside the one of open_copy(), which are sealed, byte for byte: while
// that is open there are no more of them.
std::vector<std::unique_ptr<Copy>> open_sealed_copies(const Target& archive);
std::unique_ptr<Copy> open_postgres_copy(const Target& target, Copied which);

// "SELECT …" of one text for `head`, of both dialects.
const char* head_query(Copied which);
// Has what is in the file on the disk.
void sync_file(const std::string& file);

}  // namespace db
