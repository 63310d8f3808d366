// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/listing.h"
#include "xmpp/datetime.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"room", Parameter::Kind::room, true, "the room, name@service"},
    {"before", Parameter::Kind::text, false,
     "what is older than this goes: 2026-11-25T08:00:00Z, or a day, 2026-11-25 (UTC)"},
};

std::optional<base::Time> time_of(std::string text) {
  constexpr std::size_t day_alone = 10;
  if (text.size() == day_alone) text += "T00:00:00Z";
  return xmpp::parse_datetime(text);
}

std::string messages(std::int64_t n) {
  return std::to_string(n) + (n == 1 ? " message" : " messages");
}

base::Result<Answer, Refusal> purge(const Arguments& arguments, const Caller& caller,
                                    Context& context) {
  const auto jid = jid_of(arguments, "room");
  const auto before = time_of(text_or(arguments, "before", ""));
  if (!before)
    return base::fail(Refusal{.kind = Refusal::Kind::usage,
                              .text = "say with --before what goes: 2026-11-25T08:00:00Z, or a "
                                      "day, 2026-11-25"});
  const auto room = context.rooms.locate(jid);
  if (!room) return base::fail(unreadable());
  if (!*room)
    return base::fail(Refusal{.text = "there is no room " + jid.str() +
                                      "; `hansard room list` shows those there are"});
  const auto purged = context.databases.purge_history((*room)->id, *before, [&](std::int64_t done) {
    if (caller.progress) caller.progress(static_cast<std::size_t>(done), 0);
    return !context.is_stopping();
  });
  if (!purged) return base::fail(Refusal{.text = purged.error() + "; try again"});
  if (purged->up_to > 0) context.live.forget_history(jid, purged->up_to, *before);
  if (!purged->complete)
    return base::fail(
        Refusal{.text = "cut off after " + messages(purged->messages) +
                        "; give the command again for the rest (the server's log may say why)"});
  return Answer{.text = messages(purged->messages) + " gone from the history of " + jid.str() +
                        "; the archive keeps them",
                .fields = {{"room", jid.str()},
                           {"before", xmpp::format_datetime(*before)},
                           {"messages", purged->messages}},
                .count = purged->messages};
}

}  // namespace

const Command room_purge{.name = "room purge",
                         .help = "takes old messages out of a room's history, not of the archive",
                         .parameters = parameters,
                         .slow = true,
                         .run = purge};

}  // namespace admin
