// SPDX-License-Identifier: Apache-2.0
#include "db/keep/restore.h"
#include "db/parts_text.h"
#include "db/stores/stores.h"
#include "db/writer/derive/derive.h"

namespace db {
namespace {

constexpr std::size_t batch_bytes = 8 * 1024 * 1024;

// A row that cannot be read is given with an empty leaf or hash: the archivist stops at it.
compliance::OutboxRow outbox_row(const rows::NextOutbox& row) {
  compliance::OutboxRow out;
  out.position = row.position;
  out.source = row.source;
  out.sn = row.sn;
  out.event_id = row.event_id;
  out.code = row.code;
  out.at_us = row.at_us;
  out.room_id = row.room_id;
  out.number = row.number;
  out.leaf = row.leaf;
  out.leaf_hash = digest_from_hex(row.leaf_hash).value_or(base::Sha256{});
  auto parts = read_parts(row.parts);
  if (parts)
    out.parts = std::move(*parts);
  else
    out.leaf.clear();
  return out;
}

}  // namespace

base::Result<std::vector<compliance::OutboxRow>, compliance::StoreError> OutboxStore::next(
    std::int64_t after_position, std::size_t max) {
  return readers_.read(compliance::StoreError::unavailable, [&](ReaderConnection& db) {
    auto& query = db.rows.next_outbox;
    query.row.after = after_position;
    query.row.max = static_cast<std::int64_t>(std::min<std::size_t>(max, 1'000'000));
    std::vector<compliance::OutboxRow> found;
    std::size_t bytes = 0;
    query.each_while([&] {
      bytes += query.row.leaf.size() + query.row.parts.size();
      found.push_back(outbox_row(query.row));
      return bytes < batch_bytes;
    });
    return found;
  });
}

base::Result<void, compliance::StoreError> OutboxStore::clear(
    std::int64_t up_to_position, const std::vector<compliance::Positions>& kept) {
  may_go_(up_to_position, kept);
  return {};
}

base::Result<std::int64_t, compliance::StoreError> OutboxStore::lost_up_to(
    const std::string& source) {
  return readers_.read(compliance::StoreError::unavailable,
                       [&](ReaderConnection& db) { return lost_of_source(db.session, source); });
}

std::int64_t OutboxStore::end_of_source(std::int64_t position) const {
  return outbox_position(outbox_incarnation(position) + 1, 0) - 1;
}

}  // namespace db
