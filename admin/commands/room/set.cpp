// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "admin/commands.h"
#include "admin/listing.h"
#include "admin/recording.h"

namespace admin {
namespace {

constexpr std::int64_t days_max = 36'500, messages_max = 1'000'000'000;  // as hansard.toml has it

constexpr Parameter parameters[] = {
    {"room", Parameter::Kind::room, true, "the room, name@service"},
    {"keep-days", Parameter::Kind::text, false,
     "age at which its messages go out of history: a number, unlimited, or default (the server's)"},
    {"keep-messages", Parameter::Kind::text, false,
     "messages kept in its history: a number, unlimited, or default (the server's)"},
};

// As it is stored; an empty optional if it is not given.
base::Result<std::optional<std::string>, Refusal> rule(const Arguments& arguments,
                                                       std::string_view name, std::int64_t max) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) return std::optional<std::string>();
  const std::string& text = found->second;
  if (text == "default") return std::optional(std::string());
  if (text == "unlimited") return std::optional(text);
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || number < 1 || number > max)
    return base::fail(Refusal{.kind = Refusal::Kind::usage,
                              .text = std::string(name) + " is a number from 1 to " +
                                      std::to_string(max) + ", unlimited or default, not '" +
                                      text.substr(0, 100) + "'"});
  return std::optional(std::to_string(number));
}

std::string shown(const std::optional<std::string>& rule) {
  return !rule ? "as before" : rule->empty() ? "default" : *rule;
}

base::Result<Answer, Refusal> set(const Arguments& arguments, const Caller& caller,
                                  Context& context) {
  const auto jid = jid_of(arguments, "room");
  auto days = rule(arguments, "keep-days", days_max);
  if (!days) return base::fail(std::move(days.error()));
  auto messages = rule(arguments, "keep-messages", messages_max);
  if (!messages) return base::fail(std::move(messages.error()));
  if (!*days && !*messages)
    return base::fail(Refusal{.kind = Refusal::Kind::usage,
                              .text = "say what is to change: --keep-days or --keep-messages"});
  const auto room = context.rooms.locate(jid);
  if (!room) return base::fail(unreadable());
  if (!*room)
    return base::fail(Refusal{.text = "there is no room " + jid.str() +
                                      "; `hansard room list` shows those there are"});
  record::Event event;
  event.at = context.clock.wall();
  event.room_id = (*room)->id;
  event.number = (*room)->last_number;
  event.actor.jid = caller.jid;
  event.body = record::RetentionChanged{*days, *messages};
  std::vector<record::Event> events;
  events.push_back(std::move(event));
  if (auto refusal = record_events_and_wait(context, std::move(events)))
    return base::fail(std::move(*refusal));
  return Answer{.text = "set what " + jid.str() + " keeps",
                .fields = {{"room", jid.str()},
                           {"keep_days", shown(*days)},
                           {"keep_messages", shown(*messages)}},
                .count = 1};
}

}  // namespace

const Command room_set{.name = "room set",
                       .help = "sets how much history a room keeps, in the server's place",
                       .parameters = parameters,
                       .run = set};

}  // namespace admin
