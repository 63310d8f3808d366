// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/listing.h"
#include "xmpp/datetime.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"service", Parameter::Kind::domain, false, "only rooms of this service"},
    {"after", Parameter::Kind::room, false, "only rooms behind this one in the alphabet"},
    rows_parameter,
};

// Nobody knows offline; the column is left out then.
void add_in_memory(Table& table, const std::vector<muc::RoomSummary>& rooms, Context& context) {
  std::vector<xmpp::Jid> jids;
  for (const auto& room : rooms) jids.push_back(room.jid);
  const auto in_memory = context.live.in_memory(jids);
  if (in_memory.size() != rooms.size() || rooms.empty()) return;
  table.columns.push_back("in_memory");
  for (std::size_t i = 0; i < rooms.size(); ++i)
    table.rows[i].emplace_back(std::in_place_type<bool>, in_memory[i]);
}

base::Result<Answer, Refusal> list(const Arguments& arguments, const Caller&, Context& context) {
  const auto max = rows_asked(arguments);
  auto rooms = context.rooms.list(text_or(arguments, "service", ""),
                                  text_or(arguments, "after", ""), max + 1);
  if (!rooms) return base::fail(unreadable());
  const bool more = rooms->size() > max;
  if (more) rooms->pop_back();
  Table table{.name = "rooms",
              .columns = {"room", "name", "occupants", "public", "persistent", "created_at"}};
  for (const auto& room : *rooms)
    table.rows.push_back({room.jid.str(), room.name, static_cast<std::int64_t>(room.occupants),
                          room.is_public, room.persistent, xmpp::format_datetime(room.created_at)});
  add_in_memory(table, *rooms, context);
  Answer answer{.count = static_cast<std::int64_t>(rooms->size())};
  if (more) goes_on(answer, rooms->back().jid.str());
  if (rooms->empty() && !arguments.contains("after")) answer.text = "no rooms";
  answer.tables.push_back(std::move(table));
  return answer;
}

}  // namespace

const Command room_list{.name = "room list",
                        .help = "lists rooms, hidden ones too",
                        .parameters = parameters,
                        .changes = false,
                        .run = list};

}  // namespace admin
