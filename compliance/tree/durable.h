// SPDX-License-Identifier: Apache-2.0
// Files that are there after the machine has stopped.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>

namespace compliance {

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  operator int() const { return fd_; }

 private:
  int fd_;
};

// "…: No space left on device", of errno.
std::string because(const std::string& what);
// Both leave the reason in errno.
bool write_all(int fd, std::string_view text);
// Whether the folder remembers the file's name.
bool sync_folder(const std::string& file);

}  // namespace compliance
