// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "admin/commands.h"
#include "admin/commands/archive/looking.h"
#include "record/codes.h"
#include "record/leaf.h"
#include "record/leaf_reader.h"

namespace admin {
namespace {

constexpr Parameter parameters[] = {
    {"event", Parameter::Kind::text, true,
     "its number in the archive, its id, or with --room @ and the room's number"},
    {.name = "room",
     .kind = Parameter::Kind::text,
     .required = false,
     .help = "the room, name@service or r-…, that @N is a number of"},
    {.name = "context",
     .kind = Parameter::Kind::integer,
     .required = false,
     .help = "so many numbers of the room before and after it too",
     .max = 1000},
};

constexpr std::size_t rows_a_page = 5000;

void put(Answer& answer, std::string name, Value value) {
  answer.fields.push_back({std::move(name), std::move(value)});
}

void describe(Answer& answer, const compliance::StoredEvent& event, const record::LeafView& leaf) {
  put(answer, "seq", event.seq);
  put(answer, "event", kind_of(leaf.code));
  put(answer, "code", leaf.code);
  put(answer, "at", when(leaf.at_us));
  put(answer, "id", std::string(leaf.id));
  put(answer, "source", std::string(leaf.source));
  put(answer, "sn", leaf.sn);
  if (leaf.room_id) put(answer, "room", record::room_name(*leaf.room_id));
  if (leaf.number) put(answer, "number", *leaf.number);
  if (!leaf.pseudonym.empty()) put(answer, "person", std::string(leaf.pseudonym));
  if (!leaf.session.empty()) put(answer, "session", std::string(leaf.session));
  if (leaf.affiliation && *leaf.affiliation >= 0 && *leaf.affiliation <= 4)
    put(answer, "affiliation",
        std::string(name(static_cast<record::Affiliation>(*leaf.affiliation))));
  if (leaf.role && *leaf.role >= 0 && *leaf.role <= 3)
    put(answer, "role", std::string(name(static_cast<record::Role>(*leaf.role))));
  put(answer, "details", std::string(leaf.details));
  put(answer, "leaf_hash", event.leaf_hash);
}

Table parts(const compliance::StoredEvent& event) {
  Table table{.name = "parts", .columns = {"n", "kind", "bytes", "text"}};
  for (const auto& part : event.parts)
    table.rows.push_back({static_cast<std::int64_t>(part.n), part.kind,
                          static_cast<std::int64_t>(part.data.size()),
                          part.salt.empty() ? "(erased)" : part.data});
  return table;
}

std::string said(const compliance::StoredEvent& event) {
  for (const auto* kind : {"body", "subject", "nick", "new_nick", "reason"})
    if (auto text = part_of(event, kind); !text.empty()) return text;
  return "";
}

Or<Table> around(compliance::ArchiveReader& archive, const compliance::StoredEvent& event,
                 std::int64_t distance) {
  Table table{.name = "around", .columns = {"seq", "number", "at", "event", "person", "text"}};
  const std::int64_t first = std::max<std::int64_t>(0, *event.number - distance);
  for (std::int64_t next = first; next <= *event.number + distance;) {
    const auto page = archive.room_events(*event.room_id, next, rows_a_page);
    if (!page) return unreadable(archive);
    if (page->empty()) break;
    for (const auto& other : *page) {
      if (*other.number > *event.number + distance) return table;
      const auto leaf = record::read_leaf(other.leaf);
      table.rows.push_back({other.seq, *other.number, when(other.at_us), kind_of(other.code),
                            leaf ? std::string(leaf->pseudonym) : "", said(other)});
    }
    next = *page->back().number + 1;
  }
  return table;
}

Or<Answer> show(const Arguments& arguments, const Caller&, Context& context) {
  auto archive = open_whole_archive(context);
  if (!archive) return base::fail(archive.error());
  std::optional<std::int64_t> room;
  if (const auto text = text_or(arguments, "room", ""); !text.empty()) {
    const auto found = find_room(**archive, text);
    if (!found) return base::fail(found.error());
    room = *found;
  }
  const auto event = find_event(**archive, text_or(arguments, "event", ""), room);
  if (!event) return base::fail(event.error());
  const auto leaf = record::read_leaf(event->leaf);
  if (!leaf)
    return base::fail(Refusal{.text = "event " + std::to_string(event->seq) +
                                      " is no leaf of a version that is known; `hansard archive "
                                      "verify` says more"});
  Answer answer{.count = 1};
  describe(answer, *event, *leaf);
  answer.tables.push_back(parts(*event));
  if (const auto distance = integer_or(arguments, "context", 0);
      distance > 0 && event->room_id && event->number) {
    auto table = around(**archive, *event, distance);
    if (!table) return base::fail(table.error());
    answer.count += static_cast<std::int64_t>(table->rows.size());
    answer.tables.push_back(std::move(*table));
  }
  return answer;
}

}  // namespace

const Command archive_show{.name = "archive show",
                           .help = "shows an event of the archive, with all its parts",
                           .parameters = parameters,
                           .changes = false,
                           .slow = true,
                           .run = show};

}  // namespace admin
