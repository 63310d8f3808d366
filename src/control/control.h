// SPDX-License-Identifier: Apache-2.0
// ControlServer: DATA_DIR/control.sock, where administrative commands reach the running server.
// Mode 0600: who may open it may administer. One JSON request a line, one JSON reply a line
// (json.h); a client's requests are answered in order.
//
// start() · stop(). One thread of its own; the commands run on those of the CommandRunner.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "src/control/command_runner.h"

namespace server {

class ControlServer {
 public:
  // `runner` must outlive this.
  ControlServer(std::string path, CommandRunner& runner);
  ~ControlServer();  // stop()

  // Listens, in place of a socket that a dead server left. The error is a sentence.
  base::Result<void, std::string> start();
  // Removes the socket. Stop the runner before: what a command says later is heard by nobody.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
