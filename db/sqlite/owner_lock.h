// SPDX-License-Identifier: Apache-2.0
// OwnerLock: one process at a time writes a database. The lock is the kernel's, on a file beside
// the database, so that it is free as soon as its holder is gone, however it went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace db {

class OwnerLock {
 public:
  // Empty if somebody else (or another part of this process) holds it. `error` says why if the file
  // could not even be opened, and stays empty if it is merely held.
  static std::optional<OwnerLock> take(const std::string& path, std::string& error);
  static bool is_held(const std::string& path);
  // The process that has it, as it said in the file; 0 if it could not say so.
  static std::int64_t holder(const std::string& path);
  OwnerLock(OwnerLock&& other) noexcept;
  OwnerLock& operator=(OwnerLock&& other) noexcept;
  ~OwnerLock();

 private:
  explicit OwnerLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace db
