// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/archive_world.h"

#include <cstdio>

namespace tests {

compliance::OutboxRow ArchiveRows::next(record::Event event, const std::string& source) {
  record::Placement placement;
  Head& head = sources_[source];
  placement.source = source;
  placement.sn = head.number + 1;
  placement.previous = head.hash;
  char id[64];
  (void)std::snprintf(id, sizeof id, "0198c7c2-0000-7000-8000-%012lld",
                      static_cast<long long>(++ids_));
  placement.id = id;
  const bool of_room = record::info(event.code()).cls == record::Class::room;
  if (event.room_id != 0) {
    Head& room = rooms_[event.room_id];
    event.number = room.number + (of_room ? 1 : 0);
    placement.room_previous = room.hash;
  }
  const auto leaf = record::build_leaf(event, placement, "key", random_);
  head = {placement.sn, leaf.hash};
  if (event.room_id != 0 && of_room) rooms_[event.room_id] = {event.number, leaf.hash};
  compliance::OutboxRow row;
  row.position = ids_;
  row.source = source;
  row.sn = placement.sn;
  row.event_id = placement.id;
  row.code = static_cast<int>(event.code());
  row.at_us = event.at.us;
  row.room_id = event.room_id;
  row.number = event.number;
  row.leaf = leaf.bytes;
  row.leaf_hash = leaf.hash;
  row.parts = leaf.parts;
  return row;
}

std::int64_t ArchiveRows::number(std::int64_t room) const {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? 0 : found->second.number;
}

void ArchiveWorld::open() {
  archive.reset();
  auto opened = db::open_archive(place.archive_url, place.dir.str());
  if (!opened) FAIL(opened.error());
  archive = std::move(*opened);
}

std::unique_ptr<compliance::ArchiveReader> ArchiveWorld::reader() const {
  auto opened = db::read_archive(place.archive_url, place.dir.str());
  if (!opened) FAIL(opened.error());
  return std::move(*opened);
}

}  // namespace tests
