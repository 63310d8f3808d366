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
#include <thread>
#include <vector>

#include "admin/commands.h"
#include "src/control/control_socket.h"
#include "src/control/json.h"

namespace server {
namespace {

constexpr std::size_t clients_max = 64;

// One connection. It is read only while nothing waits to be written, so a client that does not read
// its replies costs one of them.
struct Client {
  Descriptor fd;
  std::int64_t uid = -1;
  std::string in, out;
  std::size_t searched = 0;  // so much of `in` holds no line end
  bool ended = false;        // nothing more will come
  bool broken = false;

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
  bool finished() { return broken || (ended && out.empty() && !has_line()); }

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

std::int64_t peer_uid(int fd) {
  ucred who = {};
  socklen_t size = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return -1;
  return who.uid;
}

}  // namespace

struct ControlServer::Impl {
  std::string path;
  admin::Context& context;
  base::Log& log;
  Descriptor listener = {}, wake = {};
  std::list<Client> clients = {};
  std::thread thread = {};
  std::atomic<bool> stopping = false;

  base::Result<void, std::string> listen();
  void run();
  void wait(std::vector<pollfd>& polled);
  void accept();
  void serve(Client& client);
  Reply answer(Client& client, const std::string& line);
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
  wake = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  return {};
}

void ControlServer::Impl::run() {
  std::vector<pollfd> polled;
  while (!stopping) {
    wait(polled);
    std::size_t i = 2;
    for (auto& client : clients) {
      if (polled[i].revents & POLLOUT) client.write();
      if (polled[i].revents & (POLLIN | POLLHUP | POLLERR)) client.read();
      ++i;
    }
    for (auto& client : clients) serve(client);
    clients.remove_if([](Client& client) { return client.finished(); });
    if (polled[1].revents & POLLIN) accept();
  }
}

void ControlServer::Impl::wait(std::vector<pollfd>& polled) {
  polled.clear();
  polled.push_back({wake.get(), POLLIN, 0});
  const bool room = clients.size() < clients_max;
  polled.push_back({listener.get(), static_cast<short>(room ? POLLIN : 0), 0});
  bool ready = false;
  for (auto& client : clients) {
    const bool writing = !client.out.empty();
    polled.push_back({writing || !client.ended ? client.fd.get() : -1,
                      static_cast<short>(writing ? POLLOUT : POLLIN), 0});
    ready = ready || (!writing && client.has_line());
  }
  while (::poll(polled.data(), polled.size(), ready ? 0 : -1) < 0 && errno == EINTR) {
  }
}

void ControlServer::Impl::accept() {
  Descriptor fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) return;
  auto& client = clients.emplace_back();
  client.uid = peer_uid(fd.get());
  client.fd = std::move(fd);
}

void ControlServer::Impl::serve(Client& client) {
  if (client.broken || !client.out.empty()) return;
  if (client.has_line()) return client.say(answer(client, client.take_line()));
  if (client.in.size() <= control_line_max) return;
  client.in.clear();
  client.searched = 0;
  client.ended = true;
  client.say(admin::Refusal{.kind = admin::Refusal::Kind::usage,
                            .text = "a request is at most 16 MiB; split the file"});
}

Reply ControlServer::Impl::answer(Client& client, const std::string& line) {
  const auto request = line.size() <= control_line_max
                           ? decode_request(line)
                           : base::Result<Request, std::string>(base::fail(
                                 std::string("a request is at most 16 MiB; split the file")));
  if (!request) return admin::Refusal{.kind = admin::Refusal::Kind::usage, .text = request.error()};
  const auto* command = admin::find_command(request->command);
  if (!command)
    return admin::Refusal{.kind = admin::Refusal::Kind::usage,
                          .text = "the server knows no command '" + request->command +
                                  "'; is it of an older version?"};
  admin::Caller caller{.uid = client.uid};
  if (request->wants_progress)
    caller.progress = [&client](std::size_t done, std::size_t total) {
      if (client.out.empty()) client.say(Progress{done, total});
    };
  auto result = admin::run(*command, request->arguments, caller, context);
  log.info("admin command", {{"command", std::string(command->name)},
                             {"uid", std::to_string(client.uid)},
                             {"result", result ? "done" : "refused"}});
  if (!result) return std::move(result.error());
  return std::move(*result);
}

ControlServer::ControlServer(std::string path, admin::Context& context, base::Log& log)
    : impl_(new Impl{.path = std::move(path), .context = context, .log = log}) {
  context.stopping = &impl_->stopping;
}

ControlServer::~ControlServer() { stop(); }

base::Result<void, std::string> ControlServer::start() {
  if (auto listening = impl_->listen(); !listening) return listening;
  impl_->thread = std::thread([this] { impl_->run(); });
  return {};
}

void ControlServer::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->stopping = true;
  ::eventfd_write(impl_->wake.get(), 1);
  impl_->thread.join();
  impl_->clients.clear();
  ::unlink(impl_->path.c_str());
}

}  // namespace server
