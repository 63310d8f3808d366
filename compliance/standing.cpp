// SPDX-License-Identifier: Apache-2.0
#include "compliance/standing.h"

#include "record/leaf_reader.h"

namespace compliance {
namespace {

Standing standing_of_old(const OutboxRow& row, const SourceHead& head, ArchiveStore& archive) {
  if (row.sn == head.sn) return row.leaf_hash == head.hash ? Standing::archived : Standing::fork;
  const auto stored = archive.leaf_hash(row.source, row.sn);
  if (!stored) return Standing::unknown;
  return *stored == row.leaf_hash ? Standing::archived : Standing::fork;
}

bool agrees(const record::Part& part, std::size_t n, const record::LeafView::Part& promised) {
  return part.n == static_cast<int>(n) && part.kind == promised.kind &&
         static_cast<std::int64_t>(part.data.size()) == promised.size &&
         record::part_commitment(part.salt, part.data) == promised.commitment;
}

// The columns and parts say what the leaf says: what is archived is what was recorded.
bool agrees(const OutboxRow& row, const record::LeafView& leaf) {
  if (row.source != leaf.source || row.sn != leaf.sn || row.event_id != leaf.id ||
      row.code != leaf.code || row.at_us != leaf.at_us || row.room_id != leaf.room_id.value_or(0) ||
      row.number != leaf.number.value_or(0) || row.parts.size() != leaf.parts.size())
    return false;
  for (std::size_t n = 0; n < row.parts.size(); ++n)
    if (!agrees(row.parts[n], n, leaf.parts[n])) return false;
  return true;
}

}  // namespace

Standing standing(const OutboxRow& row, const SourceHead& head, ArchiveStore& archive) {
  const auto leaf = record::read_leaf(row.leaf);
  if (!leaf || !agrees(row, *leaf) || record::leaf_hash(row.leaf) != row.leaf_hash)
    return Standing::damaged;
  if (row.sn <= head.sn) return standing_of_old(row, head, archive);
  if (row.sn != head.sn + 1) return Standing::gap;
  return leaf->previous == head.hash ? Standing::next : Standing::fork;
}

base::Result<HeadIs, StoreError> look_at(const std::string& source, const SourceHead& head,
                                         ArchiveStore& archive) {
  const auto here = archive.leaf_hash(source, head.sn);
  const auto behind = here ? archive.leaf_hash(source, head.sn + 1) : here;
  if (!behind) return base::fail(behind.error());
  if (*behind) return HeadIs::another;
  if (!*here) return HeadIs::of_none;
  return **here == head.hash ? HeadIs::last : HeadIs::another;
}

const char* why(Standing standing) {
  switch (standing) {
    case Standing::gap:
      return "a number is missing";
    case Standing::fork:
      return "another leaf stands under this number, or before it";
    case Standing::damaged:
      return "leaf, hash, columns and parts do not agree";
    default:
      return "";
  }
}

}  // namespace compliance
