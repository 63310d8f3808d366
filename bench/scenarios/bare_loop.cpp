// SPDX-License-Identifier: Apache-2.0
#include "bench/scenarios/bare_loop.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "bench/cpu.h"
#include "bench/failed.h"

namespace bench {
namespace {

// In the child, after fork: only system calls and the stack. Ends when the writer closes.
class Reader {
 public:
  Reader(int done, std::size_t round) : done_(done), round_(round) {}

  [[noreturn]] void run(const sockaddr_in& address, std::size_t sockets) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int epoll = epoll_create1(0);
    for (std::size_t i = 0; i < sockets; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
      if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
          epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        _exit(1);
    }
    std::array<epoll_event, 512> events;
    for (;;) {
      const int n = epoll_wait(epoll, events.data(), events.size(), -1);
      for (int i = 0; i < n; ++i) read_one(events[static_cast<std::size_t>(i)].data.fd);
    }
  }

 private:
  void read_one(int fd) {
    const ssize_t n = recv(fd, buffer_.data(), buffer_.size(), 0);
    if (n <= 0) _exit(0);
    got_ += static_cast<std::size_t>(n);
    if (got_ < round_) return;
    got_ -= round_;
    if (write(done_, "", 1) != 1) _exit(1);
  }

  int done_;
  std::size_t round_;
  std::size_t got_ = 0;
  std::array<char, 65536> buffer_;
};

int listen_on_loopback(sockaddr_in& address) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail_errno("socket");
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(fd, 1024) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail_errno("cannot listen on loopback");
  return fd;
}

}  // namespace

BareLoop::BareLoop(std::size_t sockets, std::size_t bytes) : bytes_(bytes) {
  sockaddr_in address{};
  const int listener = listen_on_loopback(address);
  std::array<int, 2> pipe_ends;
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) fail_errno("pipe");
  done_ = pipe_ends[0];
  reader_ = fork();
  if (reader_ < 0) fail_errno("fork");
  if (reader_ == 0) {
    dup2(pipe_ends[1], 3);  // keep no descriptor of the generator's clients open
    close_range(4, ~0U, 0);
    Reader(3, sockets * bytes).run(address, sockets);
  }
  ::close(pipe_ends[1]);
  for (std::size_t i = 0; i < sockets; ++i) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) fail_errno("accept");
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockets_.push_back(fd);
  }
  ::close(listener);
}

BareLoop::~BareLoop() {
  for (const int fd : sockets_) ::close(fd);
  ::close(done_);
  kill(reader_, SIGKILL);
  waitpid(reader_, nullptr, 0);
}

double BareLoop::run(std::size_t rounds) {
  const std::string message(bytes_, 'x');
  double cpu = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const double before = own_cpu_seconds();
    for (const int fd : sockets_)
      if (::write(fd, message.data(), message.size()) != static_cast<ssize_t>(message.size()))
        fail_errno("the bare loop cannot write");
    cpu += own_cpu_seconds() - before;
    char byte = 0;
    if (::read(done_, &byte, 1) != 1) throw Failed("the bare loop's reader has died");
  }
  return cpu / static_cast<double>(rounds * sockets_.size());
}

}  // namespace bench
