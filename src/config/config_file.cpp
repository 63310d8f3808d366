// SPDX-License-Identifier: Apache-2.0
#include "src/config/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "src/control/descriptor.h"

namespace server {
namespace {

base::Failure<std::string> at(const std::string& file, std::size_t line, std::size_t column,
                              const std::string& text) {
  return base::fail(file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + text);
}

base::Failure<std::string> system_failure(const std::string& file) {
  return at(file, 1, 1,
            "cannot be read (" + std::generic_category().message(errno) +
                "); name a readable file with -c, or leave -c out to run with the defaults");
}

base::Result<std::string, std::string> read_all(const std::string& file, int fd) {
  std::string text(config_file_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto n = ::read(fd, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(file);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  text.resize(size);
  return text;
}

}  // namespace

base::Result<std::string, std::string> read_config_file(const std::string& file) {
  // O_NONBLOCK: a fifo must not make us wait for its writer.
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info = {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return system_failure(file);
  if (!S_ISREG(info.st_mode))
    return at(file, 1, 1, "is not a regular file; name a TOML file with -c");
  auto text = read_all(file, fd.get());
  if (!text) return text;
  if (text->size() > config_file_max)
    return at(file, 1, 1, "is over 1 MiB; a configuration is a few kilobytes");
  if (text->find_first_not_of(" \t\r\n") == std::string::npos)
    return at(file, 1, 1, "is empty; leave -c out to run with the defaults");
  if (const auto nul = text->find('\0'); nul != std::string::npos) {
    const auto before = text->substr(0, nul);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto line_start = before.rfind('\n') + 1;
    return at(file, static_cast<std::size_t>(lines) + 1, nul - line_start + 1,
              "a NUL byte; the file must be UTF-8 text");
  }
  return text;
}

}  // namespace server
