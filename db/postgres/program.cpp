// SPDX-License-Identifier: Apache-2.0
#include "db/postgres/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

#include "db/sql/sql.h"

extern char** environ;

namespace db::postgres {
namespace {

constexpr std::chrono::milliseconds look{100};
constexpr std::size_t said_max = 4096;
constexpr int given_descriptor = 3;

[[noreturn]] void fail(const std::string& what, int why) {
  throw DatabaseError(what + ": " + std::strerror(why));
}

// Where SIGCHLD is ignored, as some parents leave it to us, the kernel forgets how a child ended.
void remember_ends() {
  struct sigaction now {};
  if (::sigaction(SIGCHLD, nullptr, &now) != 0 || now.sa_handler != SIG_IGN) return;
  now.sa_handler = SIG_DFL;
  (void)::sigaction(SIGCHLD, &now, nullptr);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> out = command.environment;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry = *at, name = entry.substr(0, entry.find('='));
    const bool told = std::any_of(
        command.environment.begin(), command.environment.end(),
        [&](const auto& mine) { return std::string_view(mine).substr(0, mine.find('=')) == name; });
    const auto& withheld = command.withheld;
    if (!told && std::find(withheld.begin(), withheld.end(), name) == withheld.end())
      out.emplace_back(entry);
  }
  return out;
}

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0) fail("there is no pipe", errno);
  }
  ~Pipe() {
    close_writing();
    ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writing() const { return ends_[1]; }
  void close_writing() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  // What is there by now; what is beyond `said_max` is forgotten.
  void read_into(std::string& text) {
    std::array<char, 1024> piece{};
    for (;;) {
      const auto n = ::read(ends_[0], piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;
      if (text.size() < said_max) text.append(piece.data(), static_cast<std::size_t>(n));
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

class Child {
 public:
  Child(const Command& command, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    if (command.file != nullptr)
      posix_spawn_file_actions_adddup2(&actions, command.file->descriptor(), given_descriptor);
    // The server blocks signals in all of its threads; a child must be able to hear them.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const auto env = environment_of(command);
    failed_ = ::posix_spawnp(&pid_, command.words[0].c_str(), &actions, &attributes,
                             pointers(command.words).data(), pointers(env).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  // Not asked to end but ended: a pg_dump that is asked wants to tell its server so first, and
  // waits for it.
  ~Child() {
    if (failed_ != 0 || reaped_) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int failed() const { return failed_; }  // errno of its start
  bool ended() {
    const pid_t found = ::waitpid(pid_, &status_, WNOHANG);
    if (found == 0 || (found < 0 && errno == EINTR)) return false;
    reaped_ = true;
    if (found < 0) fail("how a program ended is not known", errno);
    return true;
  }
  int code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

 private:
  pid_t pid_ = -1;
  int failed_ = 0, status_ = 0;
  bool reaped_ = false;
};

}  // namespace

MemoryFile::MemoryFile(const std::string& text) : fd_(::memfd_create("hansard", MFD_CLOEXEC)) {
  if (fd_ < 0) fail("there is no file in memory", errno);
  // Others who look into /proc are not let in.
  if (::fchmod(fd_, 0600) == 0 &&
      ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()))
    return;
  const int why = errno;
  ::close(fd_);
  fail("a file in memory cannot be written", why);
}

MemoryFile::~MemoryFile() { ::close(fd_); }

std::optional<Run> run(const Command& command, const std::function<bool()>& go_on) {
  remember_ends();
  Pipe pipe;
  Child child(command, pipe.writing());
  pipe.close_writing();
  if (child.failed() == ENOENT) return std::nullopt;
  if (child.failed() != 0) fail(command.words[0] + " cannot be run", child.failed());
  Run ran;
  while (!child.ended()) {
    pipe.read_into(ran.said);
    if (!go_on()) throw DatabaseError("given up");
    std::this_thread::sleep_for(look);
  }
  pipe.read_into(ran.said);
  ran.code = child.code();
  return ran;
}

}  // namespace db::postgres
