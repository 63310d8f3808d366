// SPDX-License-Identifier: Apache-2.0
// What the commands of the archive have in common: opening it, finding what was asked for, and
// saying so. Failures are refusals, ready to be returned.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "admin/command.h"
#include "compliance/archive_reader.h"

namespace admin {

template <class T>
using Or = base::Result<T, Refusal>;
using Reader = std::unique_ptr<compliance::ArchiveReader>;

Or<Reader> open_archive(Context& context);
// The same, for an answer that must not leave out what stands in a file that is missing.
Or<Reader> open_whole_archive(Context& context);
base::Failure<Refusal> unreadable(const compliance::ArchiveReader& archive);

// `text`: a number of the archive, an event's id, or, where a room is known, @ and the room's
// number. The refusal says how events are called.
Or<compliance::StoredEvent> find_event(compliance::ArchiveReader& archive, const std::string& text,
                                       std::optional<std::int64_t> room_id = std::nullopt);
// `text`: a room's JID, or its id, r- and 16 hex digits. Of several rooms that had one JID the
// last.
Or<std::int64_t> find_room(compliance::ArchiveReader& archive, const std::string& text);

// "message.posted"; "kind 999" for one that this version does not know.
std::string kind_of(std::int64_t code);
std::string when(std::int64_t at_us);
// A part's text; "" if it has none of that kind.
std::string part_of(const compliance::StoredEvent& event, std::string_view kind);

}  // namespace admin
