// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/durable.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

namespace compliance {

std::string because(const std::string& what) {
  return what + ": " + std::generic_category().message(errno);
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool sync_folder(const std::string& file) {
  const auto slash = file.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  const File fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd >= 0 && ::fsync(fd) == 0;
}

}  // namespace compliance
