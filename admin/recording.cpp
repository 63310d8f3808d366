// SPDX-License-Identifier: Apache-2.0
#include "admin/recording.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace admin {
namespace {

// Shared with the callback, which may come after we have given up waiting.
struct Wait {
  std::mutex mutex;
  std::condition_variable settled;
  std::optional<record::Outcome> outcome;
};

std::optional<record::Outcome> submit_and_wait(record::Recorder& recorder,
                                               std::vector<record::Event> events) {
  const auto wait = std::make_shared<Wait>();
  recorder.submit(std::move(events), [wait](record::Outcome outcome) {
    const std::lock_guard lock(wait->mutex);
    wait->outcome = outcome;
    wait->settled.notify_one();
  });
  std::unique_lock lock(wait->mutex);
  wait->settled.wait_for(lock, std::chrono::minutes(1), [&] { return wait->outcome.has_value(); });
  return wait->outcome;
}

}  // namespace

std::optional<Refusal> record_and_wait(Context& context, std::vector<record::Body> bodies) {
  if (!context.recorder.accepting())
    return Refusal{.text =
                       "the database cannot be written at the moment; nothing was done, try "
                       "again when `hansard status` shows it well"};
  std::vector<record::Event> events;
  events.reserve(bodies.size());
  for (auto& body : bodies) events.push_back({.at = context.clock.wall(), .body = std::move(body)});
  const auto outcome = submit_and_wait(context.recorder, std::move(events));
  if (!outcome)
    return Refusal{.text =
                       "the database did not answer within a minute; it may still happen, look "
                       "with `hansard user list` before trying again"};
  if (*outcome != record::Outcome::durable)
    return Refusal{.text =
                       "the database refused to record it; nothing was done, the server's log "
                       "says why"};
  return std::nullopt;
}

}  // namespace admin
