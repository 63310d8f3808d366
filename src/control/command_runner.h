// SPDX-License-Identifier: Apache-2.0
// CommandRunner: where administrative commands run in the server, whichever way they came. Those
// that change something run one at a time, in order; those that only read do not wait for them, and
// nothing waits for those that take long, but each other.
//
// start() · submit()… · stop(). Three threads of its own.
#pragma once

#include <functional>
#include <memory>

#include "admin/command.h"
#include "base/log.h"

namespace server {

class CommandRunner {
 public:
  using Outcome = base::Result<admin::Answer, admin::Refusal>;
  using Done = std::function<void(Outcome)>;
  static constexpr std::size_t waiting_max = 256;  // of each of the three kinds

  // All that `context` refers to must outlive this, as must `log`.
  CommandRunner(const admin::Context& context, base::Log& log);
  ~CommandRunner();  // stop()

  void start();
  // `done` runs once, on a thread of the runner's, or here at once with a refusal if too many wait
  // or it is stopped. Any thread; `command` lives for ever.
  void submit(const admin::Command& command, admin::Arguments arguments, admin::Caller caller,
              Done done);
  // What commands find from the next one on. Any thread.
  void change_context(const std::function<void(admin::Context&)>& change);
  // Bids what runs to give up, waits for it, refuses what waits. Call it while the recorder still
  // runs.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server
