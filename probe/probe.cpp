// SPDX-License-Identifier: Apache-2.0
#include "probe/probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "probe/steps.h"
#include "probe/transaction.h"

namespace probe {
namespace {

// What the child needs beyond its limits to notice them itself and to tidy up.
constexpr base::Micros step_grace = base::seconds(1);
constexpr base::Micros tidy_time = base::seconds(2);
constexpr base::Micros total_grace = base::seconds(3);

base::Time now() { return base::SystemClock().monotonic(); }

struct Child {
  pid_t pid = -1;
  int notes = -1;  // the reading end

  ~Child() {
    if (notes >= 0) ::close(notes);
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
};

[[noreturn]] void be_child(const Options& options, int out, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::signal(SIGPIPE, SIG_IGN);
  perform(options, [out](const Note& note) {
    const auto line = encode(note);
    if (::write(out, line.data(), line.size()) < 0) ::_exit(1);
  });
  ::_exit(0);
}

bool start(const Options& options, Child& child) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  const auto parent = ::getpid();
  child.notes = ends[0];
  child.pid = ::fork();
  if (child.pid == 0) be_child(options, ends[1], parent);
  ::close(ends[1]);
  return child.pid > 0;
}

// Follows the child's notes. Knows which step it is at and when that must be over.
class Follower {
 public:
  Follower(const Options& options, Report& report, base::Time start)
      : options_(options), report_(report), end_(start + options.timeout + total_grace) {
    begin(0, start);
  }

  // When the child is to be killed.
  base::Time deadline() const { return deadline_; }

  void read(std::string_view bytes) {
    rest_ += bytes;
    for (auto at = rest_.find('\n'); at != std::string::npos; at = rest_.find('\n')) {
      if (const auto note = decode(std::string_view(rest_).substr(0, at))) take(*note);
      rest_.erase(0, at + 1);
    }
  }

  // The child is gone, or will be: the step it was at has not come to an end.
  void give_up(std::string error) {
    if (report_.failed() || report_.ok()) return;
    apply({.kind = Note::Kind::failed,
           .index = step_,
           .took = now() - step_start_,
           .text = std::move(error)},
          report_);
  }

  std::string too_slow() const {
    const auto limit = std::min(options_.step_timeout, options_.timeout);
    return "nothing came within " + std::to_string(limit / base::seconds(1)) +
           " s; look whether the server is well, or give it more with --step-timeout and --timeout";
  }

 private:
  void take(const Note& note) {
    apply(note, report_);
    if (note.kind == Note::Kind::begun)
      begin(note.index, now());
    else if (note.kind == Note::Kind::failed)
      deadline_ = std::min(end_, now() + tidy_time);
  }

  void begin(std::size_t step, base::Time at) {
    step_ = step;
    step_start_ = at;
    deadline_ = std::min(end_, at + options_.step_timeout + step_grace);
  }

  const Options& options_;
  Report& report_;
  base::Time end_, deadline_, step_start_;
  std::size_t step_ = 0;
  std::string rest_;
};

void follow(const Child& child, Follower& follower) {
  std::array<char, 4096> buffer{};
  while (true) {
    const auto left = follower.deadline() - now();
    if (left <= 0) return follower.give_up(follower.too_slow());
    pollfd ready{.fd = child.notes, .events = POLLIN, .revents = 0};
    const int n = ::poll(&ready, 1, static_cast<int>(left / base::milliseconds(1)) + 1);
    if (n <= 0) continue;
    const auto got = ::read(child.notes, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    follower.read({buffer.data(), static_cast<std::size_t>(got)});
  }
  follower.give_up("the probe's client broke off in this step; please report it");
}

}  // namespace

Report run(const Options& options) {
  Report report{.steps = all_steps(options)};
  const auto start_time = now();
  Follower follower(options, report, start_time);
  Child child;
  if (start(options, child))
    follow(child, follower);
  else
    follower.give_up("no process can be started for it; look at the limits of processes and files");
  report.took = now() - start_time;
  return report;
}

}  // namespace probe
