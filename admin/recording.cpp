// SPDX-License-Identifier: Apache-2.0
#include "admin/recording.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/check.h"

namespace admin {
namespace {

// Shared with the callback, which may come after we have given up waiting.
struct Wait {
  std::mutex mutex;
  std::condition_variable settled;
  std::optional<record::Outcome> outcome;
};

constexpr auto patience = std::chrono::minutes(1);
constexpr auto look = std::chrono::milliseconds(100);  // how often whether the server is stopping

std::optional<record::Outcome> submit_and_wait(const Context& context,
                                               std::vector<record::Event> events,
                                               std::function<void()> once_durable) {
  const auto wait = std::make_shared<Wait>();
  context.recorder->submit(std::move(events),
                           [wait, once_durable = std::move(once_durable)](record::Outcome outcome) {
                             if (outcome == record::Outcome::durable && once_durable)
                               once_durable();
                             const std::lock_guard lock(wait->mutex);
                             wait->outcome = outcome;
                             wait->settled.notify_one();
                           });
  std::unique_lock lock(wait->mutex);
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto settled = [&] { return wait->outcome.has_value(); };
  while (!wait->settled.wait_for(lock, look, settled))
    if (context.is_stopping() || std::chrono::steady_clock::now() >= until) break;
  return wait->outcome;
}

}  // namespace

std::optional<Refusal> record_and_wait(Context& context, const Caller& caller,
                                       std::vector<record::Body> bodies,
                                       std::function<void()> once_durable) {
  std::vector<record::Event> events;
  events.reserve(bodies.size());
  for (auto& body : bodies)
    events.push_back(
        {.at = context.clock.wall(), .actor = {.jid = caller.jid}, .body = std::move(body)});
  return record_events_and_wait(context, std::move(events), std::move(once_durable));
}

std::optional<Refusal> record_events_and_wait(Context& context, std::vector<record::Event> events,
                                              std::function<void()> once_durable) {
  CHECK(context.recorder != nullptr);
  if (!context.recorder->accepting())
    return Refusal{.text =
                       "the database cannot be written at the moment; nothing was done, try "
                       "again when `hansard status` shows it well"};
  const auto outcome = submit_and_wait(context, std::move(events), std::move(once_durable));
  if (!outcome)
    return Refusal{.text =
                       "the database did not answer in time; it may still happen, look "
                       "with `hansard user list` before trying again"};
  if (*outcome != record::Outcome::durable)
    return Refusal{.text =
                       "the database refused to record it; nothing was done, the server's log "
                       "says why"};
  return std::nullopt;
}

}  // namespace admin
