// SPDX-License-Identifier: Apache-2.0
// ControlServer: DATA_DIR/control.sock, where administrative commands reach the running server.
// Mode 0600: who may open it may administer. One JSON request a line, one JSON reply a line
// (json.h); a client's requests are answered in order.
//
// start() · stop(). One thread of its own, on which the commands run too, one at a time.
#pragma once

#include <memory>
#include <string>

#include "admin/command.h"
#include "base/log.h"
#include "base/result.h"

namespace server {

class ControlServer {
 public:
  // `context` and `log` must outlive this; the context is told when this stops.
  ControlServer(std::string path, admin::Context& context, base::Log& log);
  ~ControlServer();  // stop()

  // Listens, in place of a socket that a dead server left. The error is a sentence.
  base::Result<void, std::string> start();
  // Bids a command that is running to give up, waits for it, removes the socket. Call it while the
  // recorder still runs.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
