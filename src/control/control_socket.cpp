// SPDX-License-Identifier: Apache-2.0
#include "src/control/control_socket.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace server {

ControlAddress::ControlAddress(const std::string& path) {
  address_.sun_family = AF_UNIX;
  std::string text = path;
  if (text.size() >= sizeof address_.sun_path) {
    const std::filesystem::path whole(path);
    folder_ = Descriptor(::open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    text = "/proc/self/fd/" + std::to_string(folder_.get()) + "/" + whole.filename().string();
  }
  text.resize(std::min(text.size(), sizeof address_.sun_path - 1));
  std::copy(text.begin(), text.end(), address_.sun_path);
}

Descriptor control_connection(const std::string& path) {
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const ControlAddress address(path);
  if (!fd || ::connect(fd.get(), address.get(), address.size()) == 0) return fd;
  const int error = errno;
  fd = Descriptor();
  errno = error;
  return fd;
}

std::string system_text(int error) { return std::generic_category().message(error); }

}  // namespace server
