// SPDX-License-Identifier: Apache-2.0
#include "src/control/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "admin/commands.h"
#include "src/control/control_socket.h"
#include "src/control/json.h"

namespace server {
namespace {

constexpr std::size_t clients_max = 64;
constexpr int deaf_ms = 100;  // after there was no descriptor for somebody who wanted in

// One connection. It is read only while nothing waits to be written and no command of its runs, so
// a client that does not read its replies costs one of them.
struct Client {
  Descriptor fd;
  std::uint64_t number = 0;
  std::int64_t uid = -1;
  std::string in, out;
  std::size_t searched = 0;  // so much of `in` holds no line end
  bool ended = false;        // nothing more will come
  bool broken = false;
  bool busy = false;  // a command runs

  bool has_line() {
    const auto end = in.find('\n', searched);
    searched = end == std::string::npos ? in.size() : end;
    return end != std::string::npos;
  }
  std::string take_line() {
    auto line = in.substr(0, searched);
    in.erase(0, searched + 1);
    searched = 0;
    return line;
  }
  bool finished() { return broken || (ended && !busy && out.empty() && !has_line()); }

  void read() {
    char buffer[65536];
    const auto n = ::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0)
      in.append(buffer, static_cast<std::size_t>(n));
    else if (n == 0)
      ended = true;
    else if (errno != EAGAIN && errno != EINTR)
      broken = true;
  }
  void write() {
    const auto n = ::send(fd.get(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0)
      out.erase(0, static_cast<std::size_t>(n));
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
      broken = true;
  }
  void say(const Reply& reply) {
    out += encode(reply) + "\n";
    write();
  }
};

// What commands say, on its way from their threads to ours.
class Mailbox {
 public:
  struct Letter {
    std::uint64_t client = 0;
    Reply reply;
  };

  Mailbox() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  int fd() const { return wake_.get(); }
  void wake() { ::eventfd_write(wake_.get(), 1); }
  // Progress only while none of the same client waits: it may come faster than it is read.
  void put(Letter letter) {
    const std::lock_guard lock(mutex_);
    const bool progress = std::holds_alternative<Progress>(letter.reply);
    if (progress && std::any_of(letters_.begin(), letters_.end(),
                                [&](const Letter& other) { return other.client == letter.client; }))
      return;
    letters_.push_back(std::move(letter));
    wake();
  }
  std::vector<Letter> take() {
    eventfd_t count = 0;
    (void)::eventfd_read(wake_.get(), &count);
    const std::lock_guard lock(mutex_);
    return std::exchange(letters_, {});
  }

 private:
  Descriptor wake_;
  std::mutex mutex_;
  std::vector<Letter> letters_;
};

std::int64_t peer_uid(int fd) {
  ucred who = {};
  socklen_t size = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return -1;
  return who.uid;
}

}  // namespace

struct ControlServer::Impl {
  std::string path;
  CommandRunner& runner;
  Descriptor listener = {};
  std::shared_ptr<Mailbox> mail = std::make_shared<Mailbox>();  // commands may outlast us
  bool deaf = false;  // for a moment: accept() failed, and poll() would say the same again
  std::uint64_t clients_ever = 0;
  std::list<Client> clients = {};
  std::thread thread = {};
  std::atomic<bool> stopping = false;

  base::Result<void, std::string> listen();
  void run();
  void wait(std::vector<pollfd>& polled);
  void accept();
  void serve(Client& client);
  void begin(Client& client, const std::string& line);
  void deliver();
};

base::Result<void, std::string> ControlServer::Impl::listen() {
  if (control_connection(path))
    return base::fail("a server answers at " + path +
                      " already; stop it, or name another data "
                      "directory with -d");
  ::unlink(path.c_str());  // left by a server that died
  listener = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const ControlAddress address(path);
  // The mode set before bind() is the one the file is born with: no moment in which others may
  // enter.
  if (!listener || ::fchmod(listener.get(), 0600) != 0 ||
      ::bind(listener.get(), address.get(), address.size()) != 0 ||
      ::listen(listener.get(), 16) != 0)
    return base::fail("cannot listen at " + path + " (" + system_text(errno) +
                      "); the data directory must be writable and on a local disk");
  return {};
}

void ControlServer::Impl::run() {
  std::vector<pollfd> polled;
  while (!stopping) {
    wait(polled);
    std::size_t i = 2;
    for (auto& client : clients) {
      if (polled[i].revents & POLLOUT) client.write();
      const bool news = (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
      if (client.busy && news) client.broken = true;  // gone; POLLIN was not asked for
      if (!client.busy && news) client.read();
      ++i;
    }
    deliver();
    for (auto& client : clients) serve(client);
    clients.remove_if([](Client& client) { return client.finished(); });
    if (polled[1].revents & POLLIN) accept();
  }
  deliver();
}

void ControlServer::Impl::wait(std::vector<pollfd>& polled) {
  polled.clear();
  polled.push_back({mail->fd(), POLLIN, 0});
  const bool room = clients.size() < clients_max && !deaf;
  polled.push_back({listener.get(), static_cast<short>(room ? POLLIN : 0), 0});
  bool ready = false;
  for (auto& client : clients) {
    const bool writing = !client.out.empty();
    const bool reading = !writing && !client.busy && !client.ended;
    polled.push_back({writing || reading || client.busy ? client.fd.get() : -1,
                      static_cast<short>(writing   ? POLLOUT
                                         : reading ? POLLIN
                                                   : 0),
                      0});
    ready = ready || (!writing && !client.busy && client.has_line());
  }
  const int timeout = ready ? 0 : deaf ? deaf_ms : -1;
  while (::poll(polled.data(), polled.size(), timeout) < 0 && errno == EINTR) {
  }
  deaf = false;
}

void ControlServer::Impl::accept() {
  Descriptor fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) {
    deaf = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
    return;
  }
  auto& client = clients.emplace_back();
  client.number = ++clients_ever;
  client.uid = peer_uid(fd.get());
  client.fd = std::move(fd);
}

void ControlServer::Impl::serve(Client& client) {
  if (client.broken || client.busy || !client.out.empty()) return;
  if (client.has_line()) return begin(client, client.take_line());
  if (client.in.size() <= control_line_max) return;
  client.in.clear();
  client.searched = 0;
  client.ended = true;
  client.say(admin::Refusal{.kind = admin::Refusal::Kind::usage,
                            .text = "a request is at most 16 MiB; split the file"});
}

void ControlServer::Impl::begin(Client& client, const std::string& line) {
  const auto refuse = [&client](std::string text) {
    client.say(admin::Refusal{.kind = admin::Refusal::Kind::usage, .text = std::move(text)});
  };
  if (line.size() > control_line_max) return refuse("a request is at most 16 MiB; split the file");
  auto request = decode_request(line);
  if (!request) return refuse(request.error());
  const auto* command = admin::find_command(request->command);
  if (!command)
    return refuse("the server knows no command '" + request->command +
                  "'; is it of an older version?");
  client.busy = true;
  admin::Caller caller{.uid = client.uid};
  if (request->wants_progress)
    caller.progress = [box = mail, number = client.number](std::size_t done, std::size_t total) {
      box->put({number, Progress{done, total}});
    };
  runner.submit(*command, std::move(request->arguments), std::move(caller),
                [box = mail, number = client.number](CommandRunner::Outcome outcome) {
                  if (outcome)
                    box->put({number, std::move(*outcome)});
                  else
                    box->put({number, std::move(outcome.error())});
                });
}

// To those who are still there.
void ControlServer::Impl::deliver() {
  for (auto& letter : mail->take()) {
    const auto client = std::find_if(clients.begin(), clients.end(), [&](const Client& c) {
      return c.number == letter.client && !c.broken;
    });
    if (client == clients.end()) continue;
    const bool progress = std::holds_alternative<Progress>(letter.reply);
    if (!progress) client->busy = false;
    if (!progress || client->out.empty()) client->say(letter.reply);
  }
}

ControlServer::ControlServer(std::string path, CommandRunner& runner)
    : impl_(new Impl{.path = std::move(path), .runner = runner}) {}

ControlServer::~ControlServer() { stop(); }

base::Result<void, std::string> ControlServer::start() {
  if (auto listening = impl_->listen(); !listening) return listening;
  impl_->thread = std::thread([this] { impl_->run(); });
  return {};
}

void ControlServer::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->stopping = true;
  impl_->mail->wake();
  impl_->thread.join();
  impl_->clients.clear();
  ::unlink(impl_->path.c_str());
}

}  // namespace server
