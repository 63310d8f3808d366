// SPDX-License-Identifier: Apache-2.0
// The client's end of control.sock: one command, one answer. Blocks.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "admin/command.h"
#include "src/control/descriptor.h"
#include "src/control/json.h"

namespace server {

class ControlClient {
 public:
  // nullopt: no server runs there (no socket, or one left by a dead server). Refused: one runs that
  // this user may not talk to.
  static base::Result<std::optional<ControlClient>, admin::Refusal> connect(
      const std::string& path);

  // `progress` may be empty.
  base::Result<admin::Answer, admin::Refusal> ask(
      Request request, const std::function<void(std::size_t, std::size_t)>& progress);

 private:
  explicit ControlClient(Descriptor fd) : fd_(std::move(fd)) {}
  bool send(const std::string& text);
  std::optional<std::string> read_line();

  Descriptor fd_;
  std::string in_;
};

}  // namespace server
