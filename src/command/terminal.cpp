// SPDX-License-Identifier: Apache-2.0
#include "src/command/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace server {
namespace {

bool line_goes_on = false;  // a line of progress

// Takes over the keyboard: no echo, no lines, no signals, until it is destroyed.
class RawKeyboard {
 public:
  RawKeyboard() {
    ok_ = ::tcgetattr(STDIN_FILENO, &saved_) == 0;
    termios raw = saved_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    ok_ = ok_ && ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
  }
  ~RawKeyboard() {
    if (ok_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_);
  }
  RawKeyboard(const RawKeyboard&) = delete;
  RawKeyboard& operator=(const RawKeyboard&) = delete;

 private:
  termios saved_ = {};
  bool ok_ = false;
};

// One character of UTF-8.
void erase_last(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

std::optional<std::string> read_keys() {
  const RawKeyboard keyboard;
  std::string text;
  while (true) {
    char c = 0;
    const auto n = ::read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || c == 3 || c == 4) return std::nullopt;
    if (c == '\n' || c == '\r') return text;
    if (c == 8 || c == 127)
      erase_last(text);
    else if (text.size() < 4096)
      text += c;
  }
}

}  // namespace

bool stdin_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }
bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

Colours stdout_colours() {
  const char* refused = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && !(refused && *refused) ? Colours::on : Colours::off;
}

std::optional<std::string> ask_password(const std::string& prompt) {
  std::fputs((prompt + ": ").c_str(), stderr);
  auto text = read_keys();
  std::fputs("\n", stderr);
  return text;
}

base::Result<std::string, std::string> read_line_from_stdin(std::size_t max) {
  std::string line;
  char c = 0;
  while (line.size() <= max) {
    const auto n = ::read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(std::string("standard input cannot be read"));
    if (n == 0 || c == '\n') break;
    line += c;
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.size() > max)
    return base::fail("the line is over " + std::to_string(max) + " bytes; give a shorter one");
  return line;
}

void show_progress(std::size_t done, std::size_t total) {
  if (total == 0)
    std::fprintf(stderr, "\r%zu so far", done);
  else
    std::fprintf(stderr, "\r%zu of %zu", done, total);
  line_goes_on = true;
  if (done == total && total > 0) end_progress();
}

void end_progress() {
  if (std::exchange(line_goes_on, false)) std::fputc('\n', stderr);
}

}  // namespace server
