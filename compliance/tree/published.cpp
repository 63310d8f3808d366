// SPDX-License-Identifier: Apache-2.0
#include "compliance/tree/published.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "compliance/tree/durable.h"
#include "compliance/tree/note.h"

namespace compliance {
namespace {

constexpr off_t tail_max = 64 * 1024;  // a note has a few hundred bytes, at most 16 KiB by far

base::Result<std::string, std::string> tail(int fd, const std::string& name) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) return base::fail(because(name + " cannot be read"));
  off_t at = std::max<off_t>(0, about.st_size - tail_max);
  const bool cut = at > 0;
  std::string text(static_cast<std::size_t>(about.st_size - at), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got =
        ::pread(fd, text.data() + have, text.size() - have, at + static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail(because(name + " cannot be read"));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  // From the first note that is whole; a note's text has no empty line, so one ends there.
  if (cut) text.erase(0, std::min(text.size(), text.find("=\n\n") + 3));
  return text;
}

}  // namespace

base::Result<std::string, std::string> Published::last() const {
  const File fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd < 0) {
    if (errno == ENOENT) return std::string();
    return base::fail(because(file_ + " cannot be read"));
  }
  auto text = tail(fd, file_);
  if (!text) return text;
  auto notes = notes_in(*text);
  return notes.empty() ? std::string() : notes.back();
}

base::Result<void, std::string> Published::append(const std::string& note) const {
  const bool made = ::access(file_.c_str(), F_OK) != 0;
  const File fd(::open(file_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  if (fd < 0) return base::fail(because(file_ + " cannot be written"));
  const auto before = tail(fd, file_);
  if (!before) return base::fail(before.error());
  const bool whole = before->empty() || before->ends_with("\n\n");
  const std::string text = (whole ? "" : "\n\n") + note + "\n";
  if (!write_all(fd, text) || ::fsync(fd) != 0 || (made && !sync_folder(file_)))
    return base::fail(because(file_ + " cannot be written"));
  return {};
}

}  // namespace compliance
