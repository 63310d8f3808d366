// SPDX-License-Identifier: Apache-2.0
#include "admin/commands/archive/looking.h"

#include <algorithm>
#include <charconv>

#include "record/codes.h"
#include "record/leaf.h"
#include "xmpp/datetime.h"
#include "xmpp/jid.h"

namespace admin {
namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

// The room's own event of that number, rather than a read that notes it.
Or<compliance::StoredEvent> in_room(compliance::ArchiveReader& archive, std::int64_t room_id,
                                    std::int64_t rn) {
  auto page = archive.room_events(room_id, rn, 1);  // all of that number
  if (!page) return unreadable(archive);
  for (auto& event : *page) {
    const bool known = std::ranges::any_of(record::all_codes(), [&](const auto& info) {
      return static_cast<std::int64_t>(info.code) == event.code && info.cls == record::Class::room;
    });
    if (event.number == rn && known) return std::move(event);
  }
  return base::fail(Refusal{.text = "the room has no event " + std::to_string(rn)});
}

}  // namespace

Or<Reader> open_archive(Context& context) {
  auto archive = context.archive.reader();
  if (!archive) return base::fail(Refusal{.text = archive.error()});
  return std::move(*archive);
}

Or<Reader> open_whole_archive(Context& context) {
  auto archive = open_archive(context);
  if (!archive) return archive;
  const auto amiss = (*archive)->amiss();
  if (!amiss) return unreadable(**archive);
  if (amiss->empty()) return archive;
  const auto& first = amiss->front();
  return base::fail(Refusal{.text = "the archive is not whole: " + first.where + ": " + first.text +
                                    " (`hansard archive verify` says all)"});
}

base::Failure<Refusal> unreadable(const compliance::ArchiveReader& archive) {
  return base::fail(Refusal{.text = "the archive cannot be read: " + archive.last_error()});
}

Or<compliance::StoredEvent> find_event(compliance::ArchiveReader& archive, const std::string& text,
                                       std::optional<std::int64_t> room_id) {
  if (room_id && text.starts_with('@'))
    if (const auto rn = number(std::string_view(text).substr(1)))
      return in_room(archive, *room_id, *rn);
  if (const auto seq = number(text)) {
    auto page = archive.events(*seq, 1);
    if (!page) return unreadable(archive);
    if (page->empty() || page->front().seq != *seq)
      return base::fail(Refusal{.text = "the archive has no event " + text});
    return std::move(page->front());
  }
  auto found = archive.find(text);
  if (!found) return unreadable(archive);
  if (!*found)
    return base::fail(
        Refusal{.text = "the archive has no event '" + text +
                        "'; events are called by their number in the archive, as 4711, by their "
                        "id, as 0198c7c2-…, and in a room by @ and the room's number, as @12"});
  return **std::move(found);
}

Or<std::int64_t> find_room(compliance::ArchiveReader& archive, const std::string& text) {
  if (text.size() == 18 && text.starts_with("r-")) {
    std::uint64_t id = 0;
    const auto read = std::from_chars(text.data() + 2, text.data() + text.size(), id, 16);
    if (read.ec == std::errc{} && read.ptr == text.data() + text.size())
      return static_cast<std::int64_t>(id);
  }
  const auto jid = xmpp::Jid::parse(text);
  if (!jid || !jid->is_bare() || !jid->has_local())
    return base::fail(Refusal{.kind = Refusal::Kind::usage,
                              .text = "'" + text +
                                      "' is not a room; write room@service, or its "
                                      "id in the archive, r-…"});
  const auto rooms = archive.rooms(jid->str());
  if (!rooms) return unreadable(archive);
  if (rooms->empty())
    return base::fail(Refusal{.text = "the archive knows of no room " + jid->str()});
  if (rooms->size() == 1) return rooms->front();
  std::string ids;
  for (const auto id : *rooms) ids += (ids.empty() ? "" : ", ") + record::room_name(id);
  return base::fail(Refusal{.text = "there were several rooms " + jid->str() +
                                    ", one after the other; say which: " + ids});
}

std::string kind_of(std::int64_t code) {
  for (const auto& info : record::all_codes())
    if (static_cast<std::int64_t>(info.code) == code) return std::string(info.name);
  return "kind " + std::to_string(code);
}

std::string when(std::int64_t at_us) { return xmpp::format_datetime({at_us}); }

std::string part_of(const compliance::StoredEvent& event, std::string_view kind) {
  for (const auto& part : event.parts)
    if (part.kind == kind) return part.data;
  return "";
}

}  // namespace admin
