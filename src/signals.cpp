// SPDX-License-Identifier: Apache-2.0
#include "src/signals.h"

#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace server {
namespace {

sigset_t set_of(std::initializer_list<int> numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers) sigaddset(&set, number);
  return set;
}

// Only what may be called in a handler, signal-safety(7).
void end_at_once(int) {
  constexpr std::string_view text = "hansard: ended at once by a second signal\n";
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(1);
}

}  // namespace

void block_signals() {
  const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool end_is_asked() {
  sigset_t waiting;
  if (sigpending(&waiting) != 0) return false;
  return sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1;
}

void wait_for_signals(const std::function<void()>& reload) {
  const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP});
  for (;;) {
    int number = 0;
    if (sigwait(&set, &number) != 0) continue;
    if (number != SIGHUP) return;
    reload();
  }
}

void end_at_next_signal() {
  struct sigaction action {};
  action.sa_handler = end_at_once;
  const sigset_t set = set_of({SIGTERM, SIGINT});
  for (const int number : {SIGTERM, SIGINT}) sigaction(number, &action, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace server
