// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/listing.h"
#include "xmpp/datetime.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"room", Parameter::Kind::room, true, "the room, name@service"},
    {"after", Parameter::Kind::user, false, "only affiliations behind this one in the alphabet"},
    {.name = "max",
     .kind = Parameter::Kind::integer,
     .required = false,
     .help = "at most so many affiliations and so many occupants, 1000 if left out",
     .min = 1,
     .max = rows_max},
};

std::int64_t number(std::size_t n) { return static_cast<std::int64_t>(n); }
std::string word(std::string_view text) { return std::string(text); }

// Values that nobody but those who enter may know.
bool is_secret(const std::string& key) { return key == "muc#roomconfig_roomsecret"; }

Table settings_table(const muc::RoomDetails& room) {
  Table table{.name = "settings", .columns = {"setting", "value"}};
  for (const auto& [key, value] : room.settings) {
    if (value.empty() && key.starts_with("hansard#")) continue;  // set back to what it was
    table.rows.push_back({key, is_secret(key) && !value.empty() ? "(secret)" : value});
  }
  return table;
}

base::Result<Table, Refusal> affiliations_table(const muc::RoomDetails& room,
                                                const Arguments& arguments, Context& context,
                                                Answer& answer) {
  const auto max = rows_asked(arguments);
  auto found =
      context.rooms.affiliations(room.summary.id, text_or(arguments, "after", ""), max + 1);
  if (!found) return base::fail(unreadable());
  const bool more = found->size() > max;
  if (more) found->pop_back();
  Table table{.name = "affiliations", .columns = {"jid", "affiliation", "reserved_nick"}};
  for (const auto& entry : *found)
    table.rows.push_back(
        {entry.jid.str(), word(record::name(entry.affiliation)), entry.reserved_nick});
  if (more) goes_on(answer, found->back().jid.str());
  return table;
}

base::Result<Table, Refusal> occupants_table(const muc::RoomDetails& room,
                                             const Arguments& arguments, Context& context) {
  const auto found = context.rooms.occupants(room.summary.id, rows_asked(arguments));
  if (!found) return base::fail(unreadable());
  Table table{.name = "occupants", .columns = {"nick", "jid", "role", "affiliation", "joined_at"}};
  for (const auto& stay : *found)
    table.rows.push_back({stay.nick, stay.jid.str(), word(record::name(stay.role)),
                          word(record::name(stay.affiliation)),
                          xmpp::format_datetime(stay.joined_at)});
  return table;
}

std::vector<Field> fields(const muc::RoomDetails& room, Context& context) {
  const auto& summary = room.summary;
  std::vector<Field> all{{"room", summary.jid.str()},
                         {"name", summary.name},
                         {"public", summary.is_public},
                         {"persistent", summary.persistent},
                         {"created_at", xmpp::format_datetime(summary.created_at)},
                         {"last_message_at", summary.last_message_at.us == 0
                                                 ? std::string("never")
                                                 : xmpp::format_datetime(summary.last_message_at)},
                         {"last_event_number", room.last_number},
                         {"messages_kept", number(room.messages)},
                         {"occupant_count", number(summary.occupants)},
                         {"affiliation_count", number(room.affiliations)}};
  if (const auto in_memory = context.live.in_memory({summary.jid}); !in_memory.empty())
    all.push_back({"in_memory", static_cast<bool>(in_memory[0])});
  return all;
}

base::Result<Answer, Refusal> show(const Arguments& arguments, const Caller&, Context& context) {
  const auto jid = jid_of(arguments, "room");
  const auto room = context.rooms.find(jid);
  if (!room) return base::fail(unreadable());
  if (!*room)
    return base::fail(Refusal{.text = "there is no room " + jid.str() +
                                      "; `hansard room list` shows those there are"});
  Answer answer{.fields = fields(**room, context), .count = 1};
  auto affiliations = affiliations_table(**room, arguments, context, answer);
  if (!affiliations) return base::fail(std::move(affiliations.error()));
  auto occupants = occupants_table(**room, arguments, context);
  if (!occupants) return base::fail(std::move(occupants.error()));
  answer.tables.push_back(settings_table(**room));
  answer.tables.push_back(std::move(*affiliations));
  answer.tables.push_back(std::move(*occupants));
  return answer;
}

}  // namespace

const Command room_show{.name = "room show",
                        .help = "shows a room: settings, affiliations, who is inside",
                        .parameters = parameters,
                        .changes = false,
                        .run = show};

}  // namespace admin
