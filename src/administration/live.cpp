// SPDX-License-Identifier: Apache-2.0
#include "src/administration/live.h"

#include <chrono>
#include <future>
#include <memory>
#include <string_view>

namespace server {
namespace {

std::int64_t number(std::size_t n) { return static_cast<std::int64_t>(n); }

std::string_view cause(admin::Ending why) {
  switch (why) {
    case admin::Ending::removed:
      return "The account was removed.";
    case admin::Ending::disabled:
      return "The account was disabled.";
    case admin::Ending::password_changed:
      return "The password was changed.";
  }
  return "";
}

std::string archive_state(const compliance::Archivist& archivist) {
  if (archivist.is_unavailable()) return "cannot be written, trying again";
  if (archivist.any_stopped()) return "stopped for " + text(archivist.stopped());
  if (archivist.sealing() == compliance::Sealing::ready) return "copying";
  return "copying, but no checkpoint can be signed: " + std::string(name(archivist.sealing()));
}

// The rooms answer on their shards; a shard that does not answer soon is itself worth showing.
template <class T, class Ask>
std::optional<T> soon(Ask&& ask) {
  auto promise = std::make_shared<std::promise<T>>();
  auto answer = promise->get_future();
  ask([promise](T value) { promise->set_value(std::move(value)); });
  if (answer.wait_for(std::chrono::seconds(2)) != std::future_status::ready) return std::nullopt;
  return answer.get();
}

}  // namespace

void LiveServer::end_sessions(const xmpp::Jid& account, admin::Ending why) {
  if (why == admin::Ending::removed) parts_.archives.forget(std::string(account.local()));
  parts_.c2s.end(account, {xmpp::StreamCondition::not_authorized, std::string(cause(why))});
}

void LiveServer::set_administrator(const xmpp::Jid& account, bool may) {
  parts_.administrators.set_made(account, may);
}

std::vector<bool> LiveServer::in_memory(const std::vector<xmpp::Jid>& rooms) {
  return soon<std::vector<bool>>([&](auto done) { parts_.rooms.in_memory(rooms, std::move(done)); })
      .value_or(std::vector<bool>{});
}

base::Result<admin::Answer, admin::Refusal> LiveServer::reload() {
  return parts_.reloader.reload();
}

std::optional<std::vector<admin::Field>> LiveServer::status() {
  const auto rooms =
      soon<muc::Service::Counts>([this](auto done) { parts_.rooms.count(std::move(done)); });
  const admin::Value stuck = std::string("no answer within 2 s");
  const auto writer = parts_.content.writer_stats();
  std::uint64_t slow = 0;
  for (std::size_t i = 0; i < parts_.shards.size(); ++i)
    slow += parts_.shards[i].stats().slow_iterations;
  // What is copied waits in the outbox until a checkpoint is over it; the rest is behind.
  const std::uint64_t awaiting =
      parts_.archivist == nullptr ? 0 : parts_.archivist->awaiting_checkpoint();
  const std::uint64_t rows = parts_.content.outbox_rows();
  const std::uint64_t backlog = rows > awaiting ? rows - awaiting : 0;
  std::vector<admin::Field> fields{
      {"uptime_seconds", (parts_.clock.monotonic() - since_) / base::seconds(1)},
      {"shards", number(parts_.shards.size())},
      {"sessions", number(parts_.router.session_count())},
      {"rooms", rooms ? admin::Value(number(rooms->rooms)) : stuck},
      {"occupants", rooms ? admin::Value(number(rooms->occupants)) : stuck},
      {"database", std::string(parts_.content.recorder().accepting() ? "well" : "in trouble")},
      {"events_recorded", number(writer.events)},
      {"commits", number(writer.commits)},
      {"largest_commit", number(writer.largest_batch)},
      {"last_commit_us", number(writer.last_commit_us)},
      {"failed_commits", number(writer.failures)},
      {"events_waiting", number(writer.queued)},
      {"worker_tasks_waiting", number(parts_.workers.queued())},
      {"slow_iterations", number(slow)},
      {"reloads_refused", number(parts_.reloader.refused())},
      {"archive_backlog", number(backlog)}};
  if (parts_.archivist != nullptr) {
    fields.push_back({"awaiting_checkpoint", number(awaiting)});
    fields.push_back({"archived", number(parts_.archivist->archived())});
    fields.push_back({"archive", archive_state(*parts_.archivist)});
    if (const auto lost = parts_.content.events_lost(); lost > 0)
      fields.push_back({"archive_events_lost", lost});
  } else {
    fields.push_back({"archive", std::string("off")});
  }
  return fields;
}

}  // namespace server
