// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"
#include "admin/commands/archive/looking.h"
#include "record/codes.h"
#include "record/json_reader.h"
#include "record/leaf.h"
#include "record/leaf_reader.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"room", Parameter::Kind::text, true, "the room, name@service, or its id, r-…"},
    {"event", Parameter::Kind::text, true,
     "@ and the room's number, the event's number in the archive, or its id"},
};

Value or_empty(const std::optional<std::int64_t>& number) {
  return number ? Value(*number) : Value(std::string());
}

Or<Table> present(compliance::ArchiveReader& archive, std::int64_t room, std::int64_t number) {
  const auto stays = archive.present(room, number);
  if (!stays) return unreadable(archive);
  Table table{.name = "present",
              .columns = {"jid", "nick", "person", "joined", "joined_at_number", "left_at_number"}};
  for (const auto& stay : *stays)
    table.rows.push_back({stay.jid, stay.nick, stay.pseudonym,
                          stay.joined_us == 0 ? "" : when(stay.joined_us), stay.join_rn,
                          or_empty(stay.leave_rn)});
  return table;
}

// Who got it out of the history afterwards.
Or<Table> readers(compliance::ArchiveReader& archive, std::int64_t room, std::int64_t number) {
  const auto given = archive.given_out(room, number);
  if (!given) return unreadable(archive);
  const auto events = compliance::events_of(archive, *given);
  if (!events) return unreadable(archive);
  Table table{.name = "read_later",
              .columns = {"jid", "person", "at", "by", "first_number", "last_number", "seq"}};
  for (const auto& event : *events) {
    const auto leaf = record::read_leaf(event.leaf);
    if (!leaf) continue;
    const bool joined = leaf->code == static_cast<std::int64_t>(record::Code::occupant_joined);
    using record::json::integer_of;
    const auto first = integer_of(leaf->details, joined ? "history_from_rn" : "first_rn");
    const auto last = integer_of(leaf->details, joined ? "history_to_rn" : "last_rn");
    table.rows.push_back(
        {part_of(event, "full_jid"), std::string(leaf->pseudonym), when(event.at_us),
         joined ? std::string("join") : record::json::text_of(leaf->details, "via").value_or(""),
         or_empty(first), or_empty(last), event.seq});
  }
  return table;
}

Or<Answer> who(const Arguments& arguments, const Caller&, Context& context) {
  auto archive = open_whole_archive(context);
  if (!archive) return base::fail(archive.error());
  const auto room = find_room(**archive, text_or(arguments, "room", ""));
  if (!room) return base::fail(room.error());
  const auto event = find_event(**archive, text_or(arguments, "event", ""), *room);
  if (!event) return base::fail(event.error());
  if (event->room_id != *room || !event->number)
    return base::fail(
        Refusal{.text = "event " + std::to_string(event->seq) + " is not one of that room"});
  auto there = present(**archive, *room, *event->number);
  if (!there) return base::fail(there.error());
  auto later = readers(**archive, *room, *event->number);
  if (!later) return base::fail(later.error());
  Answer answer{.fields = {{"room", record::room_name(*room)},
                           {"event", kind_of(event->code)},
                           {"seq", event->seq},
                           {"number", *event->number},
                           {"at", when(event->at_us)},
                           {"present", static_cast<std::int64_t>(there->rows.size())},
                           {"read_later", static_cast<std::int64_t>(later->rows.size())}}};
  answer.count = static_cast<std::int64_t>(there->rows.size() + later->rows.size());
  answer.tables.push_back(std::move(*there));
  answer.tables.push_back(std::move(*later));
  return answer;
}

}  // namespace

const Command archive_who{.name = "archive who",
                          .help = "shows who was in the room at an event, and who read it later",
                          .parameters = parameters,
                          .changes = false,
                          .slow = true,
                          .run = who};

}  // namespace admin
