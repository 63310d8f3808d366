// SPDX-License-Identifier: Apache-2.0
#include "src/control/command_runner.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace server {
namespace {

struct Task {
  const admin::Command* command = nullptr;
  admin::Arguments arguments;
  admin::Caller caller;
  CommandRunner::Done done;
};

CommandRunner::Outcome refusal(const char* text) {
  return base::fail(admin::Refusal{.text = text});
}

}  // namespace

struct CommandRunner::Impl {
  struct Lane {
    std::deque<Task> waiting;
    std::thread thread;
  };

  admin::Context context;  // guarded by mutex
  base::Log& log;
  std::mutex mutex;
  std::condition_variable changed;
  Lane changes, reads, slow;
  std::atomic<bool> stopping = false;

  void run(Lane& lane);
  void carry_out(Task& task);
};

void CommandRunner::Impl::run(Lane& lane) {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return stopping || !lane.waiting.empty(); });
    if (lane.waiting.empty()) return;
    Task task = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    lock.unlock();
    if (stopping)
      task.done(refusal("the server is stopping; nothing was done"));
    else
      carry_out(task);
    lock.lock();
  }
}

void CommandRunner::Impl::carry_out(Task& task) {
  std::unique_lock lock(mutex);
  admin::Context own = context;
  lock.unlock();
  auto outcome = admin::run(*task.command, task.arguments, task.caller, own);
  std::string who = task.caller.jid.str();
  if (task.caller.uid >= 0) who = "uid " + std::to_string(task.caller.uid);
  log.info("admin command", {{"command", std::string(task.command->name)},
                             {"channel", task.caller.channel},
                             {"by", who},
                             {"result", outcome ? "done" : "refused"},
                             {"why", outcome ? std::string() : outcome.error().text}});
  task.done(std::move(outcome));
}

CommandRunner::CommandRunner(const admin::Context& context, base::Log& log)
    : impl_(new Impl{.context = context, .log = log}) {
  impl_->context.stopping = &impl_->stopping;
}

CommandRunner::~CommandRunner() { stop(); }

void CommandRunner::start() {
  for (auto* lane : {&impl_->changes, &impl_->reads, &impl_->slow})
    lane->thread = std::thread([this, lane] { impl_->run(*lane); });
}

void CommandRunner::submit(const admin::Command& command, admin::Arguments arguments,
                           admin::Caller caller, Done done) {
  if (command.where == admin::Where::offline)
    return done(refusal("this has no meaning while the server runs; stop it first"));
  {
    const std::lock_guard lock(impl_->mutex);
    auto& lane = command.slow ? impl_->slow : command.changes ? impl_->changes : impl_->reads;
    if (!impl_->stopping && lane.waiting.size() < waiting_max) {
      lane.waiting.push_back({&command, std::move(arguments), std::move(caller), std::move(done)});
      impl_->changed.notify_all();
      return;
    }
  }
  done(refusal(impl_->stopping ? "the server is stopping; nothing was done"
                               : "too many commands wait; nothing was done, try again later"));
}

void CommandRunner::change_context(const std::function<void(admin::Context&)>& change) {
  const std::lock_guard lock(impl_->mutex);
  change(impl_->context);
}

void CommandRunner::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_all();
  }
  for (auto* lane : {&impl_->changes, &impl_->reads, &impl_->slow})
    if (lane->thread.joinable()) lane->thread.join();
}

}  // namespace server
