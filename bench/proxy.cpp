// SPDX-License-Identifier: Apache-2.0
#include "bench/proxy.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <list>
#include <memory>

#include "bench/failed.h"
#include "bench/load/poller.h"
#include "bench/load/scanner.h"

namespace bench {
namespace {

// One way of one connection: reads here, writes there. What cannot be written at once is waited
// for: the proxy is for tests, and both ends read all the time.
void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

class Damager {
 public:
  Damager(Plan plan, bool chosen) : plan_(plan), chosen_(chosen) {}

  // What is to be passed on of what the server has sent.
  std::string pass(std::string_view bytes) {
    std::string out;
    scanner_.begin(bytes);
    while (const auto stanza = scanner_.next()) {
      out += treat(*stanza);
      if (stanza->name == "success") scanner_.restart();
    }
    return out;
  }

 private:
  std::string treat(const Stanza& stanza) {
    std::string text(stanza.text);
    if (!chosen_ || stanza.name != "message" || stanza.attr("type") != "groupchat" ||
        !stanza.body())
      return text;
    const auto number = seen_++;
    if (number == plan_.message + 1 && plan_.damage == Damage::swap) return text + held_;
    if (number != plan_.message) return text;
    switch (plan_.damage) {
      case Damage::drop:
        return "";
      case Damage::double_it:
        return text + text;
      case Damage::swap:
        held_ = std::move(text);
        return "";
      case Damage::none:
        break;
    }
    return text;
  }

  Plan plan_;
  bool chosen_;
  Scanner scanner_;
  std::size_t seen_ = 0;
  std::string held_;
};

class Pair;

class Side final : public Poller::Handler {
 public:
  Side(Pair& pair, int fd, int other, Damager* damager)
      : pair_(pair), fd_(fd), other_(other), damager_(damager) {}
  void on_ready(std::uint32_t) override;

 private:
  Pair& pair_;
  int fd_, other_;
  Damager* damager_;  // of what is read here; null: passed as it is
};

class Pair {
 public:
  Pair(Poller& poller, int client, int server, const Plan& plan, bool chosen)
      : poller_(poller),
        client_fd_(client),
        server_fd_(server),
        damager_(plan, chosen),
        client_(*this, client, server, nullptr),
        server_(*this, server, client, &damager_) {
    for (auto* side : {&client_, &server_}) {
      const int fd = side == &client_ ? client : server;
      poller_.add(fd, *side);
      poller_.watch(fd, *side, false);
    }
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    for (const int fd : {client_fd_, server_fd_}) {
      poller_.remove(fd);
      ::close(fd);
    }
  }
  bool closed() const { return closed_; }

 private:
  Poller& poller_;
  int client_fd_, server_fd_;
  Damager damager_;
  Side client_, server_;
  bool closed_ = false;
};

void Side::on_ready(std::uint32_t) {
  if (pair_.closed()) return;
  std::array<char, 65536> buffer;
  const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return pair_.close();
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
  write_all(other_, damager_ ? damager_->pass(bytes) : std::string(bytes));
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class Acceptor final : public Poller::Handler {
 public:
  Acceptor(Poller& poller, int listener, const Endpoint& server, const Plan& plan)
      : poller_(poller), listener_(listener), server_(server), plan_(plan) {
    poller_.add(listener_, *this);
    poller_.watch(listener_, *this, false);
  }

  void on_ready(std::uint32_t) override {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(server_.port);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(server);
      ::close(client);
      return;
    }
    pairs_.emplace_back(poller_, client, server, plan_, count_++ == plan_.connection);
  }

 private:
  Poller& poller_;
  int listener_;
  Endpoint server_;
  Plan plan_;
  std::size_t count_ = 0;
  std::list<Pair> pairs_;
};

[[noreturn]] void serve(int listener, const Endpoint& server, const Plan& plan, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  Poller poller;
  const Acceptor acceptor(poller, listener, server, plan);
  poller.run([] { return false; }, Clock::time_point::max());
  ::_exit(0);
}

}  // namespace

DamagingProxy::DamagingProxy(const Endpoint& server, const Plan& plan) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 64) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail_errno("no port for the proxy");
  endpoint_.port = ntohs(address.sin_port);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) fail_errno("fork");
  if (pid_ == 0) serve(listener, server, plan, parent);
  ::close(listener);
}

DamagingProxy::~DamagingProxy() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace bench
