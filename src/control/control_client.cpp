// SPDX-License-Identifier: Apache-2.0
#include "src/control/control_client.h"

#include <pwd.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "src/control/control_socket.h"

namespace server {
namespace {

// Name of the user to become: the owner of the nearest existing part of the path.
std::string owner_of(std::filesystem::path path) {
  struct stat info = {};
  while (::stat(path.c_str(), &info) != 0 && path.has_relative_path() && path != path.parent_path())
    path = path.parent_path();
  passwd entry = {};
  passwd* found = nullptr;
  char buffer[4096];
  if (::getpwuid_r(info.st_uid, &entry, buffer, sizeof buffer, &found) == 0 && found)
    return found->pw_name;
  return "#" + std::to_string(info.st_uid);
}

admin::Refusal not_ours(const std::string& path, int error) {
  if (error != EACCES && error != EPERM)
    return {.text = "cannot talk to the server at " + path + " (" + system_text(error) + ")"};
  const auto owner = owner_of(path);
  return {.text = "the data directory of " + path + " belongs to " + owner +
                  "; run this as that user: sudo -u " + owner + " hansard …"};
}

admin::Refusal broken_off() {
  return {.text =
              "the server ended before it answered; whether the command took effect is not "
              "known, look with `hansard user list`"};
}

}  // namespace

base::Result<std::optional<ControlClient>, admin::Refusal> ControlClient::connect(
    const std::string& path) {
  auto fd = control_connection(path);
  if (fd) return std::optional(ControlClient(std::move(fd)));
  if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
    return std::optional<ControlClient>();
  return base::fail(not_ours(path, errno));
}

base::Result<admin::Answer, admin::Refusal> ControlClient::ask(
    Request request, const std::function<void(std::size_t, std::size_t)>& progress) {
  request.wants_progress = static_cast<bool>(progress);
  const auto line = encode(request);
  if (line.size() > control_line_max)
    return base::fail(admin::Refusal{.text = "a request is at most 16 MiB; split the file"});
  if (!send(line + "\n")) return base::fail(broken_off());
  while (const auto answer = read_line()) {
    auto reply = decode_reply(*answer);
    if (!reply) return base::fail(admin::Refusal{.text = reply.error()});
    if (auto* done = std::get_if<admin::Answer>(&*reply)) return std::move(*done);
    if (auto* refusal = std::get_if<admin::Refusal>(&*reply))
      return base::fail(std::move(*refusal));
    const auto& step = std::get<Progress>(*reply);
    if (progress) progress(step.done, step.total);
  }
  return base::fail(broken_off());
}

bool ControlClient::send(const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const auto n = ::send(fd_.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  return true;
}

std::optional<std::string> ControlClient::read_line() {
  std::size_t searched = 0;
  while (true) {
    if (const auto end = in_.find('\n', searched); end != std::string::npos) {
      auto line = in_.substr(0, end);
      in_.erase(0, end + 1);
      return line;
    }
    searched = in_.size();
    char buffer[65536];
    const auto n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (n > 0)
      in_.append(buffer, static_cast<std::size_t>(n));
    else if (n == 0 || errno != EINTR)
      return std::nullopt;
  }
}

}  // namespace server
