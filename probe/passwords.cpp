// SPDX-License-Identifier: Apache-2.0
#include "probe/passwords.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace probe {
namespace {

constexpr std::size_t file_bytes_max = 1048576;

std::string bad_line(std::size_t number, const std::string& what) {
  return "line " + std::to_string(number) + " of the passwords " + what +
         "; write `JID PASSWORD`, one a line";
}

base::Result<std::string, std::string> slurp(int fd, const std::string& path) {
  std::string text;
  char buffer[4096];
  while (true) {
    const auto n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(path + " cannot be read (" + std::strerror(errno) + ")");
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > file_bytes_max)
      return base::fail(path + " is over 1 MiB; that is no file of passwords");
  }
}

}  // namespace

base::Result<Passwords, std::string> Passwords::parse(std::string_view text) {
  Passwords result;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const auto space = line.find_first_of(" \t");
    const auto jid = xmpp::Jid::parse(line.substr(0, space));
    if (!jid || !jid->is_bare() || !jid->has_local())
      return base::fail(bad_line(number, "does not begin with a bare JID"));
    if (space == std::string_view::npos || space + 1 == line.size())
      return base::fail(bad_line(number, "has no password"));
    if (!result.by_jid_.emplace(*jid, line.substr(space + 1)).second)
      return base::fail(bad_line(number, "names a JID for the second time"));
  }
  return result;
}

const std::string* Passwords::find(const xmpp::Jid& jid) const {
  const auto at = by_jid_.find(jid.bare());
  return at == by_jid_.end() ? nullptr : &at->second;
}

base::Result<Passwords, std::string> read_passwords(const std::string& path,
                                                    bool& readable_by_others) {
  const int fd =
      path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return base::fail(path + " cannot be read (" + std::strerror(errno) + ")");
  struct stat status = {};
  readable_by_others =
      ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) != 0;
  const auto text = slurp(fd, path);
  ::close(fd);
  if (!text) return base::fail(text.error());
  return Passwords::parse(*text);
}

}  // namespace probe
